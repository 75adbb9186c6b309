"""What Django's query tree asks for, in a form that can be planned and checked without SQL."""

import operator
from collections.abc import Callable, Iterator
from typing import Any

from django.db import NotSupportedError, models
from django.db.models.expressions import Col
from django.db.models.sql.where import AND, OR, NothingNode, WhereNode

Predicate = Callable[[models.Model], bool]
# Attribute name → lookup ("exact") → value, of what every result must meet.
Terms = dict[str, dict[str, Any]]

_ENDS = 2


def _if_present(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda stored, value: stored is not None and test(stored, value)


LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "in": lambda stored, value: stored in value,
    "gt": _if_present(operator.gt),
    "gte": _if_present(operator.ge),
    "lt": _if_present(operator.lt),
    "lte": _if_present(operator.le),
    "range": _if_present(lambda stored, value: bool(value[0] <= stored <= value[1])),
    "isnull": lambda stored, value: (stored is None) == value,
    "startswith": _if_present(lambda stored, value: str(stored).startswith(value)),
}


def predicate(node: Any, model: type[models.Model]) -> Predicate:
    """Whether an object meets the whole tree. Raises `NotSupportedError` for a lookup that DynamoDB cannot answer."""
    if isinstance(node, NothingNode):
        return lambda instance: False
    if isinstance(node, WhereNode):
        if node.connector not in (AND, OR):
            raise NotSupportedError(f"no table of DynamoDB is asked by {node.connector}")
        parts = [predicate(child, model) for child in node.children]
        negated = node.negated
        if not parts:
            return lambda instance: not negated
        join: Callable[[Iterator[bool]], bool] = all if node.connector == AND else any
        return lambda instance: join(part(instance) for part in parts) != negated
    name, lookup, value = _leaf(node, model)
    test = LOOKUPS[lookup]
    return lambda instance: test(getattr(instance, name), value)


def required_terms(node: Any, model: type[models.Model]) -> Terms:
    """The conditions that every result must meet: those under an OR or a NOT are left to `predicate`."""
    terms: Terms = {}
    if not isinstance(node, WhereNode) or node.connector != AND or node.negated:
        return terms
    for child in node.children:
        if isinstance(child, WhereNode):
            for name, lookups in required_terms(child, model).items():
                terms.setdefault(name, {}).update(lookups)
        elif not isinstance(child, NothingNode):
            name, lookup, value = _leaf(child, model)
            terms.setdefault(name, {})[lookup] = value
    return terms


def names_used(node: Any, model: type[models.Model]) -> set[str]:
    """The names of all attributes that the tree compares."""
    if isinstance(node, NothingNode):
        return set()
    if isinstance(node, WhereNode):
        return {name for child in node.children for name in names_used(child, model)}
    return {_leaf(node, model)[0]}


def _leaf(node: Any, model: type[models.Model]) -> tuple[str, str, Any]:
    """Attribute name, lookup and value of one comparison with a column of the model itself."""
    column, value = getattr(node, "lhs", None), getattr(node, "rhs", None)
    lookup = str(getattr(node, "lookup_name", ""))
    is_plain = not hasattr(value, "resolve_expression") and not hasattr(value, "get_compiler")
    if not isinstance(column, Col) or column.alias != model._meta.db_table or lookup not in LOOKUPS or not is_plain:
        raise NotSupportedError(f"no table of DynamoDB is asked by {node!r}")
    values: Any = list(value or ()) if lookup in ("in", "range") else value
    if lookup == "range" and len(values) != _ENDS:
        raise NotSupportedError("a range has two ends")
    return str(column.target.attname), lookup, values
