"""The server profile's image, compose.yaml and units of systemd: closed, pinned, and of one mind."""

import re
import shutil
import subprocess

import pytest
from django.conf import settings

from marketplace.serving import gunicorn_conf
from marketplace.settings.env import BASE_DIR
from tests.server_profile import UNITS, composed, image, image_command, image_health_check, unit, unit_command

PROCESSES = ("web", "worker", "beat", "pump")


def values(instruction: str) -> list[str]:
    return [rest for name, rest in image() if name == instruction]


# --- The image -------------------------------------------------------------------------------------------------------


def test_the_base_is_pinned_by_its_content() -> None:
    base, *others = values("FROM")
    assert re.fullmatch(r"python:3\.1\d-slim-\w+@sha256:[0-9a-f]{64} AS base", base)
    stages = {rest.rpartition(" AS ")[2] for rest in values("FROM")}
    assert {rest.partition(" AS ")[0] for rest in others} <= stages
    assert values("ARG") == []


def test_packages_are_as_locked_and_none_is_compiled() -> None:
    installs = [rest for rest in values("RUN") if "pip install" in rest]
    assert len(installs) == 2
    for install in installs:
        assert {"--require-hashes", "--only-binary :all:", "--no-cache-dir"} <= set(
            re.findall(r"--[\w-]+(?: :all:)?", install)
        )
    assert not [rest for rest in values("RUN") if "apt" in rest or "curl" in rest]


def test_who_runs_in_a_container_is_nobody_and_owns_no_code() -> None:
    assert values("USER") == ["10001:10001"]
    order = [name for name, _ in image()]
    # What is copied afterwards are the packages, as root's.
    assert order.index("CMD") > order.index("USER")
    assert not [rest for rest in values("COPY") if "--chown" in rest]
    assert values("ADD") == []


def test_what_is_built_unless_told_otherwise_has_no_embedded_cloud() -> None:
    instructions = image()
    last = max(position for position, (name, _) in enumerate(instructions) if name == "FROM")
    assert instructions[last] == ("FROM", "runtime AS server")
    assert ("COPY", "--from=packages /opt/venv /opt/venv") in instructions[last:]
    assert ("ENV", "DJANGO_SETTINGS_MODULE=marketplace.settings.server") in instructions[last:]
    base = (BASE_DIR / "requirements" / "base.txt").read_text()
    assert "ministack" not in base


def test_the_image_gets_what_it_needs_and_no_more() -> None:
    lines = (BASE_DIR / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = {rule.removeprefix("!").partition("/")[0] for rule in rules if rule.startswith("!")}
    code = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert set(settings.APPS) <= code
    assert named == code | {"locale", "static", "templates", "infrastructure", "requirements", "manage.py"}


# --- Four processes, wherever they run -------------------------------------------------------------------------------


def test_units_run_what_containers_run() -> None:
    commands = {name: composed()[name].get("command", image_command()) for name in PROCESSES}
    of_units = {name: unit_command(f"lintel-{name}.service") for name in PROCESSES}
    # Where a container listens, and where the clock keeps its time, is each one's own; systemd hands over the socket.
    commands["web"] = [each for each in commands["web"] if not each.startswith("--bind")]
    for found in (commands, of_units):
        found["beat"] = [each for each in found["beat"] if not each.startswith("--schedule")]
    assert commands == of_units


def test_every_process_has_time_to_end_what_it_has_begun() -> None:
    for name in ("web", "worker", "pump"):
        seconds = int(composed()[name]["stop_grace_period"].removesuffix("s"))
        assert seconds > gunicorn_conf.graceful_timeout
        (until_killed,) = unit(f"lintel-{name}.service")["Service"]["TimeoutStopSec"]
        assert int(until_killed) == seconds


def test_a_container_writes_nothing_and_may_nothing() -> None:
    for name, service in composed().items():
        assert service["read_only"] is True, name
        assert service["tmpfs"] == ["/tmp"]  # noqa: S108
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert all(volume.startswith("data:") for volume in service["volumes"])


def test_containers_are_shown_to_this_machine_alone() -> None:
    ports = [port for service in composed().values() for port in service.get("ports", [])]
    assert sorted(ports) == ["127.0.0.1:4566:4566", "127.0.0.1:8000:8000"]


def test_the_web_server_is_asked_how_it_is() -> None:
    assert composed()["web"]["healthcheck"]["test"] == ["CMD", *image_health_check()]
    assert image_health_check()[:2] == ["python", "-m"]


# --- systemd ---------------------------------------------------------------------------------------------------------


def test_systemd_keeps_the_socket_while_the_web_server_is_restarted() -> None:
    socket, service = unit("lintel-web.socket"), unit("lintel-web.service")
    assert socket["Socket"]["ListenStream"] == ["127.0.0.1:8000"]
    assert service["Unit"]["Requires"] == ["lintel-web.socket"]
    # gunicorn tells when it listens, and its workers are its own to stop.
    assert (service["Service"]["Type"], service["Service"]["KillMode"]) == (["notify"], ["mixed"])


@pytest.mark.parametrize("name", PROCESSES)
def test_a_service_is_nobody_and_starts_again_for_ever(name: str) -> None:
    service = unit(f"lintel-{name}.service")
    for setting, value in {
        "DynamicUser": "yes",
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "Restart": "always",
    }.items():
        assert service["Service"][setting] == [value], setting
    assert service["Unit"]["StartLimitIntervalSec"] == ["0"]
    assert f"lintel-{name}.service" in unit("lintel.target")["Unit"]["Wants"][0]


# The settings that the units use, as systemd spells them: it warns of others, and goes on without.
SETTINGS = {
    "Unit": "Description Requires After Wants PartOf StartLimitIntervalSec",
    "Install": "WantedBy",
    "Socket": "ListenStream Backlog",
    "Service": """
        Type NotifyAccess ExecStart ExecReload KillMode TimeoutStopSec StateDirectory WorkingDirectory
        EnvironmentFile Environment Restart RestartSec LimitNOFILE DynamicUser UMask NoNewPrivileges
        CapabilityBoundingSet AmbientCapabilities ProtectSystem ProtectHome PrivateTmp PrivateDevices
        PrivateUsers ProtectClock ProtectControlGroups ProtectHostname ProtectKernelLogs
        ProtectKernelModules ProtectKernelTunables ProtectProc ProcSubset RestrictAddressFamilies
        RestrictNamespaces RestrictRealtime RestrictSUIDSGID RemoveIPC LockPersonality
        SystemCallArchitectures SystemCallFilter SystemCallErrorNumber
    """,
}


def test_units_are_made_of_settings_that_systemd_has_and_of_units_that_there_are() -> None:
    """What `systemd-analyze` says too, where it is not installed."""
    files = {path.name for path in UNITS.iterdir() if path.is_file()}
    assert {f"lintel-{name}.service" for name in PROCESSES} | {"lintel-web.socket", "lintel.target"} == files
    for name in files:
        for section, settings_of_section in unit(name).items():
            assert settings_of_section.keys() <= set(SETTINGS[section].split()), name
            for relation in ("Requires", "After", "Wants", "PartOf", "WantedBy"):
                for other in " ".join(settings_of_section.get(relation, [])).split():
                    # Those of systemd itself are points in a start.
                    assert other in files or (other.endswith(".target") and "lintel" not in other), (name, other)
    for name in PROCESSES:
        service = unit(f"lintel-{name}.service")["Service"]
        # No capability, nothing that is not there at its start, no other kind of call than a service needs.
        assert service["AmbientCapabilities"] == [""]
        assert service["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
        shut = {setting for setting in service if setting.startswith(("Protect", "Private", "Restrict"))} - {
            "Restart",
            "RestartSec",
            "RestrictAddressFamilies",
        }
        assert len(shut) >= 15
        assert {value for setting in shut for value in service[setting]} <= {"yes", "strict", "invisible"}


ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_systemd_understands_the_units_and_finds_them_closed() -> None:
    assert ANALYZE is not None
    environment = {"SYSTEMD_LOG_LEVEL": "warning", "PATH": "/usr/bin:/bin"}
    units = [path for path in UNITS.iterdir() if path.is_file()]
    verify = subprocess.run(
        [ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, check=False, env=environment
    )
    # Nothing is installed where the units look for it.
    assert [line for line in verify.stderr.splitlines() if "/opt/lintel/.venv/bin/" not in line] == []
    for name in PROCESSES:
        judge = [ANALYZE, "security", "--offline=true", "--threshold=20", "--no-pager"]
        subprocess.run([*judge, UNITS / f"lintel-{name}.service"], capture_output=True, check=True, env=environment)
