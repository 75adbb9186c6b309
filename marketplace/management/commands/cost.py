"""`manage.py cost`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketplace.operations.cost import monthly_cost, prices_as_of, remembered_as_of


class Command(BaseCommand):
    help = "What a month on AWS costs, and what of it costs most, with the options that the settings choose (WITH_…)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bookings", type=int, default=1000, help="in a month; default: %(default)s")

    def handle(self, *args: Any, bookings: int, **options: Any) -> None:
        items = monthly_cost(bookings)
        for item in items:
            if item.dollars >= 0.005:
                free = f", {item.free:,.0f} of them free" if item.free else ""
                price = "" if item.seen else f"; price of {remembered_as_of()}, from memory"
                self.stdout.write(f"{item.dollars:>12,.2f} $  {item.name}: {item.amount:,.0f}{free}{price}")
        total = sum(item.dollars for item in items)
        self.stdout.write(f"{total:>12,.2f} $  for {bookings:,} bookings, at AWS's list prices of {prices_as_of()}")
