"""Keep fonts for the scripts of invoices that the packaged ones lack."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.services import keep_font
from kernel.errors import InvalidInputError


class Command(BaseCommand):
    """`manage.py fonts devanagari=NotoSansDevanagari-Regular.ttf devanagari-bold=NotoSansDevanagari-Bold.ttf`."""

    help = "Keeps TrueType fonts of scripts in the documents bucket, with which invoices are drawn from then on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "fonts",
            nargs="+",
            metavar="SCRIPT[-bold]=FILE",
            help="A script (hebrew, arabic, devanagari, thai, japanese) and the .ttf file of a font for it.",
        )

    def handle(self, *args: Any, fonts: list[str], **options: Any) -> None:
        for given in fonts:
            script, _, path = given.partition("=")
            try:
                contents = Path(path).read_bytes()
                name = keep_font(script=script.removesuffix("-bold"), bold=script.endswith("-bold"), contents=contents)
            except OSError as error:
                raise CommandError(f"{given}: {error.strerror}") from error
            except InvalidInputError as error:
                raise CommandError(f"{given}: {error.errors[0].message}") from error
            self.stdout.write(f"kept {name}, {len(contents) // 1024} KB")
