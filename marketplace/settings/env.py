"""The only reader of the process environment.

Every value that a deployment may set is declared here, with its type and, where one is safe, its default.
A value without a default that is missing stops the start with an error that names it. `.env.example` lists
them all; a test keeps the two together.
"""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()


def data_dir() -> Path:
    """The folder where a laptop's embedded cloud keeps its data (`DATA_DIR`), absolute."""
    return (BASE_DIR / env.str("DATA_DIR", default=".localcloud")).resolve()


def read_stack_outputs(path: Path) -> None:
    """Take over what `manage.py provision --write-env` wrote; what the environment already says wins."""
    if path.is_file():
        env.read_env(path, overwrite=False)
