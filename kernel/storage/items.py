"""The base of all PynamoDB models, and how the items that DynamoDB sends become plain rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar

import orjson
from django.conf import settings
from pynamodb.attributes import Attribute, JSONAttribute, MapAttribute
from pynamodb.connection.table import TableConnection
from pynamodb.constants import NUMBER, STRING
from pynamodb.exceptions import AttributeNullError
from pynamodb.models import Model

from kernel.clock import from_rfc3339, to_rfc3339

Row = dict[str, Any]


class InstantAttribute(Attribute[datetime]):
    """An instant, stored as RFC 3339 in UTC to the second, which sorts as text."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return to_rfc3339(value)

    def deserialize(self, value: str) -> datetime:
        return from_rfc3339(value)


class CompactJSONAttribute(JSONAttribute):
    """JSON without spaces, for items that stay within a kilobyte only if nothing is wasted."""

    def serialize(self, value: Any) -> str:
        return orjson.dumps(value).decode()


def item_classes(base: "type[Item] | None" = None) -> "list[type[Item]]":
    """The class of every table's items that has been imported; bases without a table are left out."""
    found = []
    for subclass in (base or Item).__subclasses__():
        found += [subclass] if hasattr(subclass, "Meta") else []
        found += item_classes(subclass)
    return found


def physical_name(table_name: str) -> str:
    """The table's name in this stage, of the generation that is in use."""
    return f"{settings.RESOURCE_PREFIX}{table_name}{settings.TABLES_GENERATION}"


def logical_name(name: str) -> str:
    """The name that `physical_name` was given; empty for a table of another stage or generation."""
    prefix, generation = settings.RESOURCE_PREFIX, settings.TABLES_GENERATION
    if not (name.startswith(prefix) and name.endswith(f"-table{generation}")):
        return ""
    return name.removeprefix(prefix).removesuffix(generation)


class Item(Model):
    """Base of all models: PynamoDB declares keys, attributes and indexes, this turns their items into rows and back.

    A subclass declares `class Meta: table_name = physical_name("…")`.
    """

    _readers: ClassVar[Mapping[str, tuple[str, Callable[[Any], Any]]] | None] = None
    _writers: ClassVar[Sequence[tuple[str, Attribute[Any], Callable[[Any], Any]]] | None] = None

    def __init__(self, **attributes: Any) -> None:
        """An item with these attributes. Raises `ValueError` for one that is not declared."""
        # PynamoDB's own asks every attribute for defaults and conversions, of which none of ours has any.
        if unknown := attributes.keys() - self.get_attributes().keys():
            raise ValueError(f"{type(self).__name__} has no attribute {min(unknown)}")
        self.attribute_values = attributes

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # PynamoDB would open connections of its own, one for each model, and know nothing of the transport.
        raise TypeError("Models only declare: read and write by kernel.storage.")

    @classmethod
    def read_row(cls, item: Mapping[str, Any]) -> Row:
        """The row of one item as DynamoDB sent it, by Python attribute names.

        Attributes that the model does not declare keep their stored name; a declared one that is absent is left out.
        """
        if cls._readers is None:
            cls._readers = {
                attribute.attr_name: (name, _value_reader(attribute))
                for name, attribute in cls.get_attributes().items()
            }
        readers = cls._readers
        row: Row = {}
        for stored_name, typed_value in item.items():
            reader = readers.get(stored_name)
            if reader is None:
                row[stored_name] = _plain(typed_value)
            else:
                name, read = reader
                row[name] = read(typed_value)
        return row

    def to_item(self) -> dict[str, Any]:
        """The item as DynamoDB takes it. Raises PynamoDB's `AttributeNullError` when one must be there and is not."""
        if self._writers is None:
            type(self)._writers = [
                (name, attribute, _value_writer(attribute)) for name, attribute in self.get_attributes().items()
            ]
        item: dict[str, Any] = {}
        for name, attribute, write in self._writers or ():
            value = self.attribute_values.get(name)
            stored = None if value is None else write(value)
            if stored is not None:
                item[attribute.attr_name] = {attribute.attr_type: stored}
            elif not attribute.null:
                raise AttributeNullError(name)
        return item


def _plain(typed_value: Mapping[str, Any]) -> Any:
    """The Python value of a DynamoDB attribute value: numbers as int where they are whole."""
    ((kind, value),) = typed_value.items()
    if kind in ("S", "BOOL", "SS"):
        return value
    if kind == "N":
        return _number(value)
    if kind == "M":
        return {name: _plain(member) for name, member in value.items()}
    if kind == "L":
        return [_plain(member) for member in value]
    if kind == "NULL":
        return None
    raise TypeError(f"no attribute of type {kind} is in use")


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _instant(typed_value: Mapping[str, Any]) -> datetime:
    return from_rfc3339(typed_value["S"])


def _numeric(typed_value: Mapping[str, Any]) -> int | float:
    return _number(typed_value["N"])


def _value_writer(attribute: Attribute[Any]) -> Callable[[Any], Any]:
    if isinstance(attribute, InstantAttribute):
        return to_rfc3339
    if attribute.attr_type == NUMBER:
        # Nearly all are whole, and PynamoDB asks `json` how to write those.
        return lambda value: str(value) if type(value) is int else attribute.serialize(value)
    return attribute.serialize


def _value_reader(attribute: Attribute[Any]) -> Callable[[Any], Any]:
    if isinstance(attribute, InstantAttribute):
        return _instant
    if isinstance(attribute, JSONAttribute):
        return lambda typed_value: orjson.loads(typed_value["S"])
    if attribute.attr_type == STRING:
        return itemgetter(STRING)
    if attribute.attr_type == NUMBER:
        return _numeric
    if isinstance(attribute, MapAttribute) or attribute.attr_type in ("BOOL", "L", "M", "NULL"):
        return _plain
    return lambda typed_value: attribute.deserialize(typed_value[attribute.attr_type])
