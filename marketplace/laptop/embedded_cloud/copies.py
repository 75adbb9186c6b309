"""Copies of items: MiniStack makes several of each item that a transaction writes, by the general way of copying.

Items are dictionaries, lists and values that cannot change, so that they can be copied in less than half the time.
"""

import copy
from types import SimpleNamespace
from typing import Any

_UNCHANGEABLE = frozenset({str, bytes, bool, int, float, type(None)})


def enforce() -> None:
    """Let DynamoDB copy items so; before MiniStack starts."""
    from ministack.services import dynamodb

    dynamodb.copy = SimpleNamespace(**{**vars(copy), "deepcopy": deep_copy})


def deep_copy(value: Any) -> Any:
    """A copy that shares nothing that can change with the original. What an item cannot have is left to `copy`."""
    kind = type(value)
    if kind is dict:
        # Most parts are leaves: a call for each would take longer than all the rest.
        return {name: part if type(part) in _UNCHANGEABLE else deep_copy(part) for name, part in value.items()}
    if kind is list:
        return [deep_copy(part) for part in value]
    return value if kind in _UNCHANGEABLE else copy.deepcopy(value)
