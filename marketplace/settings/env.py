"""The only reader of the process environment.

Every value that a deployment may set is declared here, with its type and, where one is safe, its default.
A value without a default that is missing stops the start with an error that names it. `.env.example` lists
them all; a test keeps the two together.
"""

import os
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()


def data_dir() -> Path:
    """The folder where a laptop's embedded cloud keeps its data (`DATA_DIR`), absolute."""
    return Path(BASE_DIR, env.str("DATA_DIR", default=".localcloud")).resolve()


def cloud_port() -> int:
    """The port of a laptop's embedded cloud (`CLOUD_PORT`)."""
    return int(env.int("CLOUD_PORT", default=4566))


def web_port() -> int:
    """The port where `manage.py run` serves pages and API (`WEB_PORT`)."""
    return int(env.int("WEB_PORT", default=8000))


def resource_prefix(stage: str) -> str:
    """What stands before every resource name, so that stages can share an account; production has none."""
    return "" if stage == "production" else f"{stage}-"


def set_defaults(**values: str) -> None:
    """Set what the environment leaves open, for libraries that read it themselves, as the AWS SDK does."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def read_env_file(path: Path) -> None:
    """Take over NAME=value lines, if the file exists; what the environment already says wins."""
    if path.is_file():
        env.read_env(path, overwrite=False)
