"""How items store domain objects: declared once for both directions.

A field of a domain object is stored under its own name unless the declaration says otherwise, so that a new attribute
is named in the domain object and in the item, and nowhere in between.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from pynamodb.expressions.update import Action

from kernel.storage.items import Item, Row
from kernel.values import dataclass

T = TypeVar("T")

_PLAIN = (str, int, bool, datetime)


@dataclass(frozen=True, slots=True)
class Stored:
    """How one field is stored if not under its own name as it is: made of a row, and as attributes of the item."""

    read: Callable[[Row], Any]
    write: Callable[[Any], Mapping[str, Any]]


def stored_as(name: str) -> Stored:
    """A field whose attribute has another name."""
    return Stored(itemgetter(name), lambda value: {name: value})


class RowMapping(Generic[T]):
    """Rows of an item class as domain objects of one dataclass, and these as the item's attributes.

    Texts, whole numbers, truth values, instants, enumerations of texts and tuples of texts are stored as they are. A
    field that may be None is absent then; one with a default has it where an older item has no such attribute. `stored`
    says how the other fields are stored. `derived` adds attributes that follow from the object, such as keys of
    indexes. Fields in `given` are in no row: `read` is given them. Raises `TypeError` for a field of which it is not
    said how it is stored, and for one that the item has no attribute for.
    """

    def __init__(
        self,
        item_class: type[Item],
        made: type[T],
        *,
        stored: Mapping[str, Stored] | None = None,
        derived: Callable[[T], Mapping[str, Any]] | None = None,
        given: Set[str] = frozenset(),
    ) -> None:
        self.item_class = item_class
        self._made = made
        self._derived = derived
        self._required: list[str] = []
        self._optional: dict[str, Any] = {}
        self._converted = dict(stored or {})
        declared = item_class.get_attributes()
        hints = get_type_hints(made)
        for field in fields(made):  # type: ignore[arg-type]
            if field.name not in self._converted and field.name not in given:
                if field.name not in declared:
                    raise TypeError(f"{item_class.__name__} has no attribute {field.name}")
                self._place(field.name, hints[field.name], field.default)
        # With one name, `itemgetter` would answer no tuple.
        self._get_required = itemgetter(*self._required, self._required[-1])

    def read(self, row: Row, **given: Any) -> T:
        """The object that a row describes, with the fields that are in no row."""
        values = dict(zip(self._required, self._get_required(row)), **given)  # noqa: B905  (one name is there twice)
        for name, default in self._optional.items():
            values[name] = row.get(name, default)
        for name, stored in self._converted.items():
            values[name] = stored.read(row)
        return self._made(**values)

    def attributes(self, thing: T) -> dict[str, Any]:
        """The item's attributes that store the object; None where one must be absent."""
        values = {name: getattr(thing, name) for name in (*self._required, *self._optional)}
        for name, stored in self._converted.items():
            values |= stored.write(getattr(thing, name))
        if self._derived is not None:
            values |= self._derived(thing)
        return values

    def item(self, thing: T, **others: Any) -> Item:
        """The whole item, with other attributes that are not the object's."""
        return self.item_class(**self.attributes(thing), **others)

    def changes(self, before: T, after: T) -> list[Action]:
        """The actions of an update that turns one state of the object into another."""
        return changes(self.item_class, self.attributes(before), self.attributes(after))

    def _place(self, name: str, hint: Any, default: Any) -> None:
        kinds = [kind for kind in _members(hint) if kind is not NoneType]
        is_optional = NoneType in _members(hint)
        if len(kinds) == 1 and isinstance(kinds[0], type) and issubclass(kinds[0], StrEnum):
            self._converted[name] = _enumeration(name, kinds[0], is_optional=is_optional)
        elif kinds == [tuple[str, ...]] and not is_optional:
            self._converted[name] = Stored(lambda row: tuple(row[name]), lambda value: {name: list(value)})
        elif len(kinds) == 1 and kinds[0] in _PLAIN:
            if is_optional or default is not MISSING:
                self._optional[name] = None if default is MISSING else default
            else:
                self._required.append(name)
        else:
            raise TypeError(f"say how {self._made.__name__}.{name} is stored")


def changes(item_class: type[Item], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Action]:
    """The actions that turn one set of an item's attributes into another; None stands for an absent one."""
    declared = item_class.get_attributes()
    return [
        declared[name].remove() if value is None else declared[name].set(value)
        for name, value in after.items()
        if value != before[name]
    ]


def _members(hint: Any) -> Iterable[Any]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _enumeration(name: str, kind: type[StrEnum], *, is_optional: bool) -> Stored:
    # A third of what calling the enumeration takes, for each row of each list.
    members = {member.value: member for member in kind}
    if is_optional:
        return Stored(
            lambda row: None if row.get(name) is None else members[row[name]],
            lambda value: {name: None if value is None else value.value},
        )
    return Stored(lambda row: members[row[name]], lambda value: {name: value.value})
