"""`manage.py restore`."""

from argparse import ArgumentTypeError
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import clock
from marketplace.operations.deploy.destruction import remove_tables
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.names import Report
from marketplace.operations.deploy.proof import ProofError
from marketplace.operations.deploy.recovery import RecoveryError, RestoredTable, generation_of, plan, restore
from marketplace.operations.deploy.switching import switch
from marketplace.operations.provisioning import (
    DATA,
    ProvisioningError,
    current_generation,
    find_stack,
    generation_named,
    generations,
    name_of,
)
from marketplace.operations.stages import add_confirmation, add_stage, add_without_stream, confirm

_WHOLE = ("IMPORT_COMPLETE", "UPDATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


class Command(BaseCommand):
    help = (
        "Have all tables of a stage as they were at a moment of the last 35 days, beside those that there are, and let "
        "the site use them. Can be repeated from wherever it stopped, and switched back."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--to", type=_moment, metavar="TIME", help="the moment, such as 2026-11-28T10:15:00Z")
        what.add_argument("--switch", metavar="TABLES", help="use these, `first` or such as 20261128t101500, again")
        what.add_argument("--remove", metavar="TABLES", help="remove these, which must not be in use")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        add_confirmation(parser)
        add_without_stream(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        try:
            self._handle(stage, options)
        except (BotoCoreError, ClientError, DeploymentError, ProvisioningError, RecoveryError) as error:
            raise CommandError(
                f"{error}\nNothing of what there was is lost. Once that is mended, repeat the command: it goes on from "
                "here."
            ) from error
        except ProofError as error:
            raise CommandError(
                f"the site uses these tables, but does not answer as it should: {error}\n"
                f"`manage.py status {stage}` says more; `manage.py restore {stage} --switch …` goes back to others."
            ) from error

    def _handle(self, stage: str, options: dict[str, Any]) -> None:
        report: Report = self.stdout.write
        if options["switch"]:
            generation = self._usable(stage, options["switch"])
            if self._may(stage, f"{stage} will use the tables {options['switch']}, and be closed meanwhile.", options):
                switch(stage, generation, with_stream=not options["without_stream"], report=report)
        elif options["remove"]:
            generation = self._known(stage, options["remove"])
            if self._may(stage, f"The tables {options['remove']} of {stage} will be removed for ever.", options):
                remove_tables(stage, generation, report=report)
        elif options["to"]:
            self._restore(stage, options["to"], options, report)
        used = current_generation(stage)
        for each in generations(stage):
            report(f"tables: {name_of(each)}: {'in use' if each == used else 'not in use'}")

    def _restore(self, stage: str, moment: datetime, options: dict[str, Any], report: Report) -> None:
        generation, when = generation_of(moment), clock.to_rfc3339(moment)
        if _is_whole(stage, generation):
            report(f"the tables {name_of(generation)} are there already, with all that was written into them since")
            tables = []
        else:
            tables = plan(stage, moment)
            for table in tables:
                report(_line(table))
        report("people at Cognito, documents and photos stay as they are")
        if not self._may(stage, f"{stage} will have its tables as of {when}: what came later is not in them.", options):
            return
        if tables:
            restore(stage, tables, moment, report=report)
        switch(stage, generation, with_stream=not options["without_stream"], report=report)

    def _known(self, stage: str, name: str) -> str:
        generation = generation_named(name)
        known = generations(stage)
        if generation not in known:
            there = ", ".join(map(name_of, known)) or "none"
            raise CommandError(f"{stage} has no tables {name}; there are: {there}")
        return generation

    def _usable(self, stage: str, name: str) -> str:
        generation = self._known(stage, name)
        if not _is_whole(stage, generation):
            raise CommandError(f"the tables {name} are not all there yet: repeat `--to` with their moment")
        return generation

    def _may(self, stage: str, what: str, options: dict[str, Any]) -> bool:
        """Whether it is to be done, and not only said. Raises `CommandError` unless the stage's name is typed."""
        if options["dry_run"]:
            self.stdout.write(f"not done: {what}")
            return False
        confirm(self, stage, what, typed=options["confirm"])
        return True


def _is_whole(stage: str, generation: str) -> bool:
    stack = find_stack(replace(DATA, generation=generation), stage)
    return stack is not None and stack["StackStatus"] in _WHOLE


def _line(table: RestoredTable) -> str:
    when = "as it is now" if table.moment is None else f"as of {clock.to_rfc3339(table.moment)}"
    return f"{table.source} → {table.target}, {when}: some {table.items:,} items, {table.size_bytes / 1e6:,.1f} MB"


def _moment(text: str) -> datetime:
    try:
        moment = clock.from_rfc3339(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ArgumentTypeError(f"{text} is no moment: give one such as 2026-11-28T10:15:00Z")
    return moment.astimezone(UTC).replace(microsecond=0)
