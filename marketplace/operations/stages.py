"""The stage that a command of the operator is for."""

from django.conf import settings
from django.core.management.base import CommandError, CommandParser


def add_stage(parser: CommandParser) -> None:
    """Let the command take the stage as its first argument; `manage.py` has put it into the settings by then."""
    parser.add_argument("stage", nargs="?", type=_checked, default=settings.STAGE, help="default: %(default)s")


def _checked(stage: str) -> str:
    if stage != settings.STAGE:
        raise CommandError(f"the settings are those of {settings.STAGE}: name the stage right after the command")
    return stage
