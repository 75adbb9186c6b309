"""The syntax tree of an expression, and the tokens that it is read from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<value>:[A-Za-z0-9_]+)|(?P<name>#[A-Za-z0-9_]+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>\d+)"
    r"|(?P<sign><>|<=|>=|[=<>(),.\[\]+-]))"
)


class SyntaxFaultError(Exception):
    """The expression is not of DynamoDB's grammar."""


@dataclass(frozen=True, slots=True)
class Node:
    """`kind`: path, value, function (with its name in `text`), an operator, or a clause of an update."""

    kind: str
    args: tuple[Any, ...] = ()
    text: str = ""

    def walk(self) -> "Iterator[Node]":
        """The node and all below it."""
        yield self
        for arg in self.args:
            if isinstance(arg, Node):
                yield from arg.walk()
