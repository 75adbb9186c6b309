"""The grammar of DynamoDB's expressions: conditions, projections, updates."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.request_linter.findings import MAX_IN_OPERANDS, MAX_NESTING
from tests.request_linter.nodes import TOKEN, Node, SyntaxFaultError
from tests.request_linter.reserved_words import RESERVED_WORDS
from tests.request_linter.values import TYPES, comparable

_COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
_UPDATE_FUNCTIONS = {"if_not_exists": 2, "list_append": 2}
_SCALARS = frozenset("SNB")


class Parser:
    """One expression. What it names and what is wrong with it is in `paths`, `used` and `faults` afterwards."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._names, self._values = names, values
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        self.used: set[str] = set()
        self.paths: list[tuple[str | int, ...]] = []
        self.faults: list[tuple[str, str]] = []
        self.operators = 0
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            found = TOKEN.match(stripped, position)
            if not found:
                raise SyntaxFaultError(f"at {stripped[position : position + 20]!r}")
            self._tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            position = found.end()
        if not self._tokens:
            raise SyntaxFaultError("the expression is empty")

    # Tokens.
    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _is_word(self, word: str) -> bool:
        kind, text = self._peek()
        return kind == "word" and text.upper() == word

    def _take(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise SyntaxFaultError(f"{sign!r} expected, not {self._peek()[1]!r}")

    def _end(self) -> None:
        if self._peek()[0] != "end":
            raise SyntaxFaultError(f"nothing expected behind it, not {self._peek()[1]!r}")

    def _fault(self, rule: str, message: str) -> None:
        self.faults.append((rule, message))

    # Conditions.
    def condition(self) -> Node:
        node = self._or()
        self._end()
        if node.kind == "function" and node.text == "size":
            self._fault("function-misused", "size() is no condition")
        return node

    def _or(self) -> Node:
        args = [self._and()]
        while self._is_word("OR"):
            self._next()
            self.operators += 1
            args.append(self._and())
        return args[0] if len(args) == 1 else Node("or", tuple(args))

    def _and(self) -> Node:
        args = [self._not()]
        while self._is_word("AND"):
            self._next()
            self.operators += 1
            args.append(self._not())
        return args[0] if len(args) == 1 else Node("and", tuple(args))

    def _not(self) -> Node:
        if self._is_word("NOT"):
            self._next()
            self.operators += 1
            return Node("not", (self._not(),))
        return self._primary()

    def _primary(self) -> Node:
        if self._peek() == ("sign", "("):
            start = self._at
            # "(a) = b": an operand in parentheses.
            try:
                return self._comparison()
            except SyntaxFaultError:
                self._at = start
            self._next()
            is_double = self._peek() == ("sign", "(") and self._closes_together(start)
            if is_double:
                self._fault("redundant-parentheses", "the expression has redundant parentheses")
            node = self._or()
            self._expect(")")
            return node
        return self._comparison()

    def _closes_together(self, start: int) -> bool:
        """Whether the parenthesis at `start` and the one behind it close side by side: "((…))"."""
        depth, inner_end = 0, -1
        for at in range(start, len(self._tokens)):
            if self._tokens[at] == ("sign", "("):
                depth += 1
            elif self._tokens[at] == ("sign", ")"):
                depth -= 1
                if depth == 1 and inner_end < 0:
                    inner_end = at
                if depth == 0:
                    return inner_end == at - 1
        return False

    def _comparison(self) -> Node:
        faults, used, paths, operators = len(self.faults), set(self.used), len(self.paths), self.operators
        try:
            return self._comparison_itself()
        except SyntaxFaultError:
            # Tried in vain: what it found is found again.
            del self.faults[faults:], self.paths[paths:]
            self.used, self.operators = used, operators
            raise

    def _comparison_itself(self) -> Node:
        left = self._operand()
        kind, text = self._peek()
        if kind == "sign" and text in _COMPARATORS:
            self._next()
            self.operators += 1
            right = self._operand()
            self._check_operands(text, left, right)
            return Node(text, (left, right))
        if self._is_word("BETWEEN"):
            self._next()
            self.operators += 1
            low = self._operand()
            if not self._is_word("AND"):
                raise SyntaxFaultError("AND expected in BETWEEN")
            self._next()
            high = self._operand()
            self._check_operands("BETWEEN", left, low, high)
            return Node("between", (left, low, high))
        if self._is_word("IN"):
            self._next()
            self.operators += 1
            self._expect("(")
            members = [self._operand()]
            while self._take(","):
                members.append(self._operand())
            self._expect(")")
            if len(members) > MAX_IN_OPERANDS:
                self._fault("in-operands", f"IN takes {MAX_IN_OPERANDS} operands, not {len(members)}")
            return Node("in", (left, *members))
        if left.kind == "function":
            return left
        raise SyntaxFaultError(f"a comparison expected behind {left.kind}, not {text!r}")

    def _check_operands(self, operator: str, *operands: Node) -> None:
        for operand in operands:
            if operand.kind == "function" and operand.text != "size":
                self._fault("function-misused", f"{operand.text}() beside {operator}")
            type_ = self._type(operand)
            if operator not in ("=", "<>") and type_ is not None and type_ not in _SCALARS:
                self._fault("operand-type", f"{operator} with a value of type {type_}")
        if len(operands) == 2 and operands[0].kind == "path" and operands[0] == operands[1]:
            self._fault("same-operand", f"{operator} compares {operands[0].args} with itself")
        if operator == "BETWEEN" and all(operand.kind == "value" for operand in operands[1:]):
            low, high = (self._values.get(operand.text) for operand in operands[1:])
            if low and high:
                if low.keys() != high.keys():
                    self._fault("between-types", "bounds of different types")
                elif comparable(low) > comparable(high):
                    self._fault("between-order", f"lower bound {low} above upper bound {high}")

    def _type(self, node: Node) -> str | None:
        if node.kind == "value":
            return next(iter(self._values.get(node.text, ())), None)
        return {"size": "N", "attribute_exists": "BOOL", "attribute_not_exists": "BOOL"}.get(node.text)

    def _operand(self) -> Node:
        if self._take("("):
            if self._peek() == ("sign", "("):
                self._fault("redundant-parentheses", "an operand in two parentheses")
            node = self._operand()
            self._expect(")")
            return node
        kind, text = self._peek()
        if kind == "value":
            self._next()
            return self._value(text)
        if kind == "word" and self._peek(1) == ("sign", "("):
            return self._function(_FUNCTIONS)
        return self._path()

    def _value(self, text: str) -> Node:
        self.used.add(text)
        if text not in self._values:
            self._fault("undefined-value", f"{text} is not in ExpressionAttributeValues")
        return Node("value", text=text)

    def _function(self, known: Mapping[str, int]) -> Node:
        _, name = self._next()
        self._expect("(")
        args = [self._operand()]
        while self._take(","):
            args.append(self._operand())
        self._expect(")")
        self.operators += 1
        if name not in known:
            self._fault("unknown-function", f"{name} (names are case-sensitive)")
        elif len(args) != known[name]:
            self._fault("operand-count", f"{name} takes {known[name]}, not {len(args)}")
        else:
            self._check_function(name, args)
        return Node("function", tuple(args), name)

    def _check_function(self, name: str, args: Sequence[Node]) -> None:
        if name in ("attribute_exists", "attribute_not_exists", "if_not_exists") and args[0].kind != "path":
            self._fault("operand-type", f"{name} requires a document path")
        if name == "begins_with":
            for arg in args:
                if self._type(arg) not in (None, "S", "B"):
                    self._fault("operand-type", f"begins_with with a value of type {self._type(arg)}")
        if name == "attribute_type":
            value = self._values.get(args[1].text, {}) if args[1].kind == "value" else {}
            if value.get("S") not in TYPES:
                self._fault("operand-type", "attribute_type requires a value that names a type")
        if name == "size" and self._type(args[0]) in ("N", "BOOL", "NULL"):
            self._fault("operand-type", f"size of {self._type(args[0])}")
        if len(args) == 2 and args[0].kind == "path" and args[0] == args[1]:
            self._fault("same-operand", f"{name} of {args[0].args} with itself")

    def _path(self) -> Node:
        parts: list[str | int] = [self._part()]
        while True:
            if self._take("."):
                parts.append(self._part())
            elif self._take("["):
                kind, text = self._next()
                if kind != "number":
                    raise SyntaxFaultError("a list's index is a number")
                parts.append(int(text))
                self._expect("]")
            else:
                break
        if len(parts) > MAX_NESTING:
            self._fault("path-depth", f"{len(parts)} parts")
        path = tuple(parts)
        self.paths.append(path)
        return Node("path", path)

    def _part(self) -> str:
        kind, text = self._next()
        if kind == "name":
            self.used.add(text)
            if text not in self._names:
                self._fault("undefined-name", f"{text} is not in ExpressionAttributeNames")
            return self._names.get(text, text)
        if kind == "word":
            if text.upper() in RESERVED_WORDS:
                self._fault("reserved-word", f"{text} stands bare in the expression")
            return text
        raise SyntaxFaultError(f"an attribute expected, not {text!r}")

    # Projections.
    def projection(self) -> list[tuple[str | int, ...]]:
        self._path()
        while self._take(","):
            self._path()
        self._end()
        self._check_overlaps(self.paths)
        return self.paths

    # Updates.
    def update(self) -> list[Node]:
        actions: list[Node] = []
        seen: set[str] = set()
        while self._peek()[0] != "end":
            kind, text = self._next()
            clause = text.upper()
            if kind != "word" or clause not in ("SET", "REMOVE", "ADD", "DELETE"):
                raise SyntaxFaultError(f"a clause expected, not {text!r}")
            if clause in seen:
                self._fault("clause-twice", f"{clause} may stand only once in an UpdateExpression")
            seen.add(clause)
            actions.append(self._action(clause))
            while self._take(","):
                actions.append(self._action(clause))
        self._check_overlaps([action.args[0].args for action in actions])
        return actions

    def _action(self, clause: str) -> Node:
        path = self._path()
        # AWS counts none here: "SET a = :val1 + :val2 + :val3 contains two operators".
        if clause == "REMOVE":
            return Node("REMOVE", (path,))
        if clause == "SET":
            self._expect("=")
            left = self._set_operand()
            if self._peek() in (("sign", "+"), ("sign", "-")):
                _, sign = self._next()
                self.operators += 1
                right = self._set_operand()
                for operand in (left, right):
                    if self._type(operand) not in (None, "N"):
                        self._fault("operand-type", f"{sign} with a value of type {self._type(operand)}")
                return Node("SET", (path, Node(sign, (left, right))))
            return Node("SET", (path, left))
        value = self._operand()
        if value.kind != "value":
            raise SyntaxFaultError(f"{clause} takes a value")
        allowed = ("N", "SS", "NS", "BS") if clause == "ADD" else ("SS", "NS", "BS")
        if self._type(value) not in (None, *allowed):
            self._fault("operand-type", f"{clause} of a value of type {self._type(value)}")
        return Node(clause, (path, value))

    def _set_operand(self) -> Node:
        if self._take("("):
            node = self._set_operand()
            self._expect(")")
            return node
        kind, text = self._peek()
        if kind == "value":
            self._next()
            return self._value(text)
        if kind == "word" and self._peek(1) == ("sign", "("):
            return self._set_function()
        return self._path()

    def _set_function(self) -> Node:
        _, name = self._next()
        self._expect("(")
        args = [self._set_operand()]
        while self._take(","):
            args.append(self._set_operand())
        self._expect(")")
        self.operators += 1
        if name not in _UPDATE_FUNCTIONS:
            self._fault("unknown-function", f"{name} in an UpdateExpression")
        elif len(args) != _UPDATE_FUNCTIONS[name]:
            self._fault("operand-count", f"{name} takes {_UPDATE_FUNCTIONS[name]}, not {len(args)}")
        elif name == "if_not_exists" and args[0].kind != "path":
            self._fault("operand-type", "if_not_exists requires a document path")
        elif name == "list_append":
            for arg in args:
                if self._type(arg) not in (None, "L"):
                    self._fault("operand-type", f"list_append of a value of type {self._type(arg)}")
        return Node("function", tuple(args), name)

    def _check_overlaps(self, paths: Sequence[tuple[str | int, ...]]) -> None:
        for position, path in enumerate(paths):
            for other in paths[:position]:
                shorter = min(len(path), len(other))
                if path[:shorter] == other[:shorter]:
                    self._fault("path-overlap", f"two document paths overlap: {other} and {path}")
                elif any(type(a) is not type(b) for a, b in zip(path, other, strict=False)) and path[0] == other[0]:
                    self._fault("path-conflict", f"one as map, one as list: {other} and {path}")
