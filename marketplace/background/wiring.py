"""The changes of tables that are events, and the handlers of each event, gathered from the apps.

An app that has events names them in `stream.OUTBOX`; an app that acts on events, its own or others', names what it does
in `handlers.HANDLERS`. Orders of admins and figures of the whole are the roof's.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from kernel.dynamo_admin.orders import OUTBOX as orders_outbox  # noqa: N811  (one of several)
from kernel.events import Event
from kernel.outbox import Outbox
from kernel.registry import app_modules
from kernel.values import dataclass
from marketplace.background import figures, orders

# Takes an event and the present instant.
Handler = Callable[[Any, datetime], None]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The outboxes of all tables that have one; by type of event, its class, its outbox, and its handlers in order."""

    outboxes: tuple[Outbox, ...]
    event_types: Mapping[str, type[Event]]
    outbox_of: Mapping[str, Outbox]
    handlers_of: Mapping[str, tuple[Handler, ...]]


@cache
def wiring() -> Wiring:
    """How the apps of this process are connected."""
    outboxes = (*(module.OUTBOX for module in app_modules("stream")), orders_outbox)
    event_types = {type_: event for outbox in outboxes for type_, event in outbox.event_types.items()}
    handlers: list[Mapping[str, tuple[Handler, ...]]] = [module.HANDLERS for module in app_modules("handlers")]
    handlers += [figures.HANDLERS, orders.HANDLERS]
    return Wiring(
        outboxes=outboxes,
        event_types=event_types,
        outbox_of={type_: outbox for outbox in outboxes for type_ in outbox.event_types},
        handlers_of={
            type_: tuple(handler for each in handlers for handler in each.get(type_, ())) for type_ in event_types
        },
    )
