"""Carrying out what admins ordered: each kind by the app that has it, dead letters by the roof."""

from datetime import datetime
from functools import cache
from typing import Any

from kernel.dynamo_admin.orders import Carrier, Order, OrderPlaced, carry_out
from kernel.registry import app_modules
from marketplace.background.dead_letters import dead_letter_queue

SHOW_LETTERS, REDRIVE_LETTERS, DROP_LETTERS = "letters.show", "letters.redrive", "letters.drop"
# What the page shows: the rest stays where it is.
_MOST_LETTERS = 50


def carry_out_order(event: OrderPlaced, now: datetime) -> None:
    """Do what was ordered. May be repeated, late, and at the same time."""
    carry_out(event.subject_id, _carriers(), now=now)


@cache
def _carriers() -> dict[str, Carrier]:
    of_apps = {kind: carrier for module in app_modules("orders") for kind, carrier in module.ORDERS.items()}
    return of_apps | {SHOW_LETTERS: _show, REDRIVE_LETTERS: _redrive, DROP_LETTERS: _drop}


def _show(order: Order, now: datetime) -> Any:
    return _described(dead_letter_queue(order.arguments["queue"]).show())


def _redrive(order: Order, now: datetime) -> Any:
    return _described(dead_letter_queue(order.arguments["queue"]).redrive(_ids(order)))


def _drop(order: Order, now: datetime) -> Any:
    return _described(dead_letter_queue(order.arguments["queue"]).drop(_ids(order)))


def _ids(order: Order) -> list[str] | None:
    ids: list[str] | None = order.arguments.get("messages")
    return ids


def _described(letters: Any) -> dict[str, Any]:
    """What the letters are about, in ids and names."""
    shown = [[letter.message_id, int(letter.sent_at.timestamp()), letter.about] for letter in letters[:_MOST_LETTERS]]
    return {"count": len(letters), "letters": shown}


HANDLERS = {OrderPlaced.type: (carry_out_order,)}
