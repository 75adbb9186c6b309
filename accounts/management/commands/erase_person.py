"""`manage.py erase_person EMAIL`: close an account and erase what identifies its owner."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import find_user_id
from accounts.services import erase_person
from kernel.clock import now
from kernel.errors import DomainError


class Command(BaseCommand):
    help = "Close a person's account and erase what identifies them; bookings stay, without it. Can be repeated."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="the person's address, or, after an erasure broke off, their user id")
        parser.add_argument("--noinput", action="store_false", dest="interactive", help="do not ask for confirmation")

    def handle(self, *args: Any, person: str, interactive: bool, **options: Any) -> None:
        try:
            user_id = find_user_id(person) if "@" in person else person
            if user_id is None:
                raise CommandError(f"There is no account {person}.")
            if interactive and input(f"Erase {person} for good? Type the word erase: ") != "erase":
                raise CommandError("Nothing was erased.")
            erase_person(user_id, now=now())
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(f"Erased. The user id was {user_id}.")
