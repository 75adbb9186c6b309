"""Events: facts that happened, as they travel between parts that know nothing of each other.

An event is named by the item that changed and the version that the change made (`<subject>#<version>`), so the same
change has the same `event_id` however often it is published. Its time is the item's, never the clock's. Events carry
ids and public facts; personal data is looked up when it is needed.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, ClassVar, Self

from kernel.clock import from_rfc3339, to_rfc3339
from kernel.values import dataclass

# What this code writes. A higher number is read as long as the fields known here are there.
SCHEMA_VERSION = 1


class UnknownEventError(Exception):
    """The message is no event that this code knows; retrying will not help, a newer deployment may."""


class MalformedEventError(Exception):
    """The message is not an event, or lacks a field that its type has always had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. A subclass names its `type` and adds fields of text, whole numbers and instants."""

    type: ClassVar[str]

    subject_id: str
    version: int
    occurred_at: datetime

    @property
    def event_id(self) -> str:
        """The id of the event: the same for every publication of the same change."""
        return f"{self.subject_id}#{self.version}"

    def to_wire(self) -> dict[str, Any]:
        """The event as a JSON object: an envelope, and the subclass's own fields under `data`."""
        data = {
            field.name: _to_json(getattr(self, field.name)) for field in fields(self) if field.name not in _ENVELOPE
        }
        return {
            "id": self.event_id,
            "type": self.type,
            "schema": SCHEMA_VERSION,
            "subject_id": self.subject_id,
            "version": self.version,
            "occurred_at": to_rfc3339(self.occurred_at),
            "data": data,
        }

    @classmethod
    def from_data(cls, wire: dict[str, Any]) -> Self:
        """The event of this type that `to_wire` wrote, by this or another release.

        Fields unknown here are ignored and absent ones take their default, so both neighbours of a release are read.
        Raises `MalformedEventError`.
        """
        try:
            data = {**wire["data"], **{name: wire[name] for name in _ENVELOPE}}
            values = {}
            for field in fields(cls):
                if field.name in data:
                    values[field.name] = _from_json(field.type, data[field.name])
                elif field.default is MISSING:
                    raise KeyError(field.name)
            return cls(**values)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MalformedEventError(f"{cls.type}: {error!r}") from error


_ENVELOPE = ("subject_id", "version", "occurred_at")


def _to_json(value: Any) -> Any:
    return to_rfc3339(value) if isinstance(value, datetime) else value


def _from_json(annotation: Any, value: Any) -> Any:
    if value is None:
        return None
    if annotation in (datetime, datetime | None):
        return from_rfc3339(value)
    if annotation in (int, int | None):
        return int(value)
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def read_event(wire: Any, types: Mapping[str, type[Event]]) -> Event:
    """The event of a message, by its `type` among `types`.

    Raises `MalformedEventError` for what is no event at all and `UnknownEventError` for a type not listed.
    """
    if not isinstance(wire, dict) or not isinstance(wire.get("type"), str):
        raise MalformedEventError("the message has no event type")
    try:
        event_type = types[wire["type"]]
    except KeyError:
        raise UnknownEventError(wire["type"]) from None
    return event_type.from_data(wire)
