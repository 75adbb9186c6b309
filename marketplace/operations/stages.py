"""What several commands of the operator take: the stage that they are for, their word that it is this one, options."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


def add_stage(parser: CommandParser) -> None:
    """Let the command take the stage as its first argument; `manage.py` has put it into the settings by then."""
    parser.add_argument("stage", nargs="?", type=_checked, default=settings.STAGE, help="default: %(default)s")


def add_confirmation(parser: CommandParser) -> None:
    """Let the command take what `confirm` would ask for."""
    parser.add_argument("--confirm", metavar="STAGE", help="the stage's name once more, for scripts")


def add_remake_indexes(parser: CommandParser) -> None:
    """Let the command take `--remake-indexes`, which `provision` wants to know."""
    parser.add_argument(
        "--remake-indexes",
        action="store_true",
        help="remove indexes that are others under their names, and make them anew: lists fail meanwhile",
    )


def add_without_stream(parser: CommandParser) -> None:
    """Let the command take `--without-stream`, for where a pump runs."""
    parser.add_argument(
        "--without-stream", action="store_true", help="let `manage.py pump` poll the stream instead of Lambda"
    )


def confirm(command: BaseCommand, stage: str, what: str, *, typed: str | None) -> None:
    """Say what is about to be done, and raise `CommandError` unless the stage's name is typed, or was given."""
    if typed is None:
        command.stdout.write(f"{what} Type {stage} to go on: ", ending="")
        command.stdout.flush()
        try:
            typed = input()
        except EOFError:
            typed = ""
    if typed.strip() != stage:
        raise CommandError(f"nothing was done: that is not {stage}")


def _checked(stage: str) -> str:
    if stage != settings.STAGE:
        raise CommandError(f"the settings are those of {settings.STAGE}: name the stage right after the command")
    return stage
