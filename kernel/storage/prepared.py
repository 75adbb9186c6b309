"""Writes whose expressions are made once, for hot paths: such writes differ from each other in their values alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pynamodb.constants import NUMBER, STRING, STRING_SET
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from kernel.storage.items import Item
from kernel.storage.reads import key_of
from kernel.storage.writes import Write, expressions, write_of
from kernel.values import dataclass

_WRITERS: Mapping[str, Callable[[Any], Any]] = {STRING: lambda text: text, NUMBER: str, STRING_SET: sorted}


@dataclass(frozen=True, slots=True)
class _Parameter:
    """Stands in an expression for a value that each write brings."""

    name: str


def text_parameter(name: str) -> Any:
    """A text that each write brings under this name, for use in place of a value in conditions and actions."""
    return {STRING: _Parameter(name)}


def number_parameter(name: str) -> Any:
    """A whole number that each write brings."""
    return {NUMBER: _Parameter(name)}


def set_parameter(name: str) -> Any:
    """A set of texts that each write brings."""
    return {STRING_SET: _Parameter(name)}


class Prepared:
    """The condition and the actions of writes to one table, with parameters in place of what differs.

    PynamoDB takes most of a write's time to build and serialize its expressions; here that happens once. Attributes
    whose stored names are in `renamed` are parameters, too: each write says what they are called.
    """

    def __init__(
        self,
        table: type[Item],
        *,
        condition: Condition | None = None,
        actions: Sequence[Action] = (),
        renamed: Iterable[str] = (),
    ) -> None:
        self._table = table
        self._expressions = expressions(condition, actions)
        values = self._expressions.pop("ExpressionAttributeValues", {})
        self._constants: dict[str, Any] = {}
        self._parameters: list[tuple[str, str, str]] = []
        for placeholder, typed in values.items():
            ((kind, value),) = typed.items()
            if isinstance(value, _Parameter):
                self._parameters.append((placeholder, kind, value.name))
            else:
                self._constants[placeholder] = typed
        names = self._expressions.get("ExpressionAttributeNames", {})
        self._renamed = {name: placeholder for placeholder, name in names.items() if name in set(renamed)}

    def put(self, name: str, item: Item, **values: Any) -> Write:
        """Put the whole item, if the condition on the item now stored holds."""
        return write_of(name, "Put", self._table, {"Item": item.to_item()} | self._bound(values))

    def update(
        self,
        name: str,
        hash_key: str,
        range_key: str | None = None,
        *,
        names: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Write:
        """Change one item, if the condition holds; `names` has what the `renamed` attributes are called."""
        key = {"Key": key_of(self._table, hash_key, range_key)}
        return write_of(name, "Update", self._table, key | self._bound(values, names or {}))

    def check(self, name: str, hash_key: str, range_key: str | None = None, **values: Any) -> Write:
        """Change nothing, but let the transaction fail unless the condition holds."""
        key = {"Key": key_of(self._table, hash_key, range_key)}
        return write_of(name, "ConditionCheck", self._table, key | self._bound(values))

    def _bound(self, values: Mapping[str, Any], names: Mapping[str, str] = {}) -> dict[str, Any]:
        """The members of the request that have to do with expressions. Raises `KeyError` for what was not brought."""
        bound = dict(self._expressions)
        if self._constants or self._parameters:
            typed = {placeholder: {kind: _WRITERS[kind](values[name])} for placeholder, kind, name in self._parameters}
            bound["ExpressionAttributeValues"] = self._constants | typed
        if self._renamed:
            placed = {placeholder: names[name] for name, placeholder in self._renamed.items()}
            bound["ExpressionAttributeNames"] = bound["ExpressionAttributeNames"] | placed
        return bound
