"""Attribute values: their size, their form, and what a key may be."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.request_linter.findings import MAX_ATTRIBUTE_NAME_BYTES, MAX_DIGITS, MAX_NESTING, Finding

TYPES = frozenset({"S", "N", "B", "NULL", "BOOL", "SS", "NS", "BS", "L", "M"})


def comparable(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content.encode() if kind == "S" else content


def value_size(value: Mapping[str, Any]) -> int:
    """The bytes of an attribute value, as "DynamoDB item sizes and formats" counts them; of a number, roughly."""
    if len(value) != 1:
        # No value of DynamoDB's, which is said elsewhere.
        return 0
    kind: str
    content: Any
    ((kind, content),) = value.items()
    if kind == "S":
        return len(str(content).encode())
    if kind == "N":
        text = str(content)
        return min(21, (len(text.lstrip("-").replace(".", "").strip("0")) + 1) // 2 + 1 + text.startswith("-"))
    if kind == "B":
        return int(len(content) * 3 // 4)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + value_size(member) for name, member in content.items())
    if kind == "L":
        return 3 + sum(1 + value_size(member) for member in content)
    return sum(value_size({kind[0]: member}) for member in content)


def item_size(item: Mapping[str, Any]) -> int:
    """The bytes that count against the 400 KB of an item."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def check_value(where: str, value: Any, depth: int = 1) -> Iterator[Finding]:
    """What is wrong about one attribute value, at any depth."""
    if not isinstance(value, Mapping) or len(value) != 1:
        yield Finding("value-form", f"{where}: an attribute value has exactly one type")
        return
    ((kind, content),) = value.items()
    if kind not in TYPES:
        yield Finding("value-form", f"{where}: no type {kind!r}")
    elif depth > MAX_NESTING:
        yield Finding("nesting", f"{where}: deeper than {MAX_NESTING}")
    elif kind == "N":
        yield from _check_number(where, content)
    elif kind == "NULL" and content is not True:
        yield Finding("value-form", f"{where}: NULL must be true")
    elif kind in ("M", "L"):
        for name, member in content.items() if kind == "M" else enumerate(content):
            yield from check_name(where, str(name))
            yield from check_value(f"{where}.{name}", member, depth + 1)
    elif kind in ("SS", "NS", "BS"):
        yield from _check_set(where, kind, content)


def _check_set(where: str, kind: str, members: Sequence[Any]) -> Iterator[Finding]:
    if not members:
        yield Finding("empty-set", f"{where}: a set may not be empty")
    if kind == "NS":
        for member in members:
            yield from _check_number(where, member)
    if len({Decimal(member) if kind == "NS" else member for member in members}) != len(members):
        yield Finding("set-duplicates", where)


def _check_number(where: str, text: Any) -> Iterator[Finding]:
    try:
        number = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        yield Finding("number", f"{where}: {text!r} cannot be converted to a number")
        return
    if not number.is_finite():
        yield Finding("number", f"{where}: {text!r} is no number of DynamoDB's")
        return
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > MAX_DIGITS:
        yield Finding("number", f"{where}: {len(digits)} significant digits, {MAX_DIGITS} at most")
    if number and not -130 <= number.adjusted() <= 125:
        yield Finding("number", f"{where}: magnitude of {text}")


def check_name(where: str, name: str) -> Iterator[Finding]:
    if not name or len(name.encode()) > MAX_ATTRIBUTE_NAME_BYTES:
        yield Finding("attribute-name", f"{where}: an attribute's name has 1 to {MAX_ATTRIBUTE_NAME_BYTES} bytes")


def check_key_value(where: str, value: Any, type_: str, limit: int) -> Iterator[Finding]:
    """One attribute that is a key of the table or of an index."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return
    ((kind, content),) = value.items()
    if kind != type_:
        yield Finding("key-type", f"{where}: type mismatch for a key: expected {type_}, actual {kind}")
    elif kind in ("S", "B"):
        size = len(content.encode()) if kind == "S" else len(content) * 3 // 4
        if size == 0:
            yield Finding("empty-key", f"{where}: a key attribute cannot contain an empty value")
        elif size > limit:
            yield Finding("key-size", f"{where}: {size} bytes, {limit} at most")
