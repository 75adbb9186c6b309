"""What the files of the server profile say: the image, compose.yaml, and the units of systemd."""

import json
import re
import shlex
from collections import defaultdict
from typing import Any

import yaml

from marketplace.settings.env import BASE_DIR

UNITS = BASE_DIR / "infrastructure" / "server" / "systemd"


def image() -> list[tuple[str, str]]:
    """The instructions of the Containerfile in order, such as `("USER", "10001:10001")`."""
    text = (BASE_DIR / "Containerfile").read_text()
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found = [line.split(maxsplit=1) for line in lines.splitlines() if line.strip()]
    return [(instruction, " ".join(rest.split())) for instruction, rest in found]


def image_command() -> list[str]:
    """What a container of the image runs unless it is told otherwise."""
    (command,) = [json.loads(rest) for instruction, rest in image() if instruction == "CMD"]
    return list(command)


def image_health_check() -> list[str]:
    """How a container of the image is asked whether it lives."""
    (check,) = [rest.partition(" CMD ")[2] for instruction, rest in image() if instruction == "HEALTHCHECK"]
    return list(json.loads(check))


def composed() -> dict[str, dict[str, Any]]:
    """The services of compose.yaml by name."""
    services: dict[str, dict[str, Any]] = yaml.safe_load((BASE_DIR / "compose.yaml").read_text())["services"]
    return services


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit of systemd, of `lintel-.service.d` too if it is one of its services: section → setting → values."""
    files = [UNITS / name]
    if name.startswith("lintel-") and name.endswith(".service"):
        files.append(UNITS / "lintel-.service.d" / "all.conf")
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        section = ""
        for line in file.read_text().splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                setting, _, value = line.partition("=")
                sections[section][setting].append(value)
    return sections


def unit_command(name: str) -> list[str]:
    """What a service of systemd runs, without the folder of the program."""
    (line,) = unit(name)["Service"]["ExecStart"]
    program, *arguments = shlex.split(line)
    return [program.rpartition("/")[2], *arguments]
