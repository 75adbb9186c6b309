"""Classes of values that do not change: `dataclasses.dataclass(frozen=True, slots=True)`, made in a third of its time.

The standard decorator compiles six functions for each class. The site loads a hundred such classes before it answers
its first request, and an eighth of a function's cold start went into that. Here one function is compiled for each
class, and the rest is shared. What comes out is a dataclass all the same: `replace`, `fields` and `asdict` take it.
A class that inherits from one is made with `frozen=True, slots=True`, too.
"""

import dataclasses
import reprlib
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    # To a type checker it is the standard one, by the same names and rules.
    from dataclasses import dataclass as dataclass
else:
    _PARAMETERS = {"frozen", "slots", "kw_only"}

    def dataclass(cls: type | None = None, /, **parameters: Any) -> Any:
        """As the standard decorator does; by other means where the values are frozen and have slots."""
        is_of_values = parameters.get("frozen") and parameters.get("slots") and parameters.keys() <= _PARAMETERS
        if not is_of_values:
            return dataclasses.dataclass(cls, **parameters)
        return lambda decorated: _made(decorated, kw_only=parameters.get("kw_only", False))


def _made(cls: type, *, kw_only: bool) -> type:
    own = frozenset(cls.__dict__)
    # Without a text of its own the standard decorator works one out from the signature.
    cls.__doc__ = cls.__doc__ or cls.__name__
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    for name, method in _methods_of(made):
        # What the class says itself stays. Python gives a class that says what is equal a hash of None.
        if name not in own or (name == "__hash__" and cls.__dict__["__hash__"] is None):
            setattr(made, name, method)
    return made


def _methods_of(made: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    every = fields(made)
    values = _getter(field.name for field in every)
    compared = _getter(field.name for field in every if field.compare)
    hashed = _getter(field.name for field in every if (field.compare if field.hash is None else field.hash))
    shown = [field.name for field in every if field.repr]
    setters = {field.name: getattr(made, field.name).__set__ for field in every}

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(hashed(self))

    @reprlib.recursive_repr()
    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __setattr__(self: Any, name: str, value: object) -> NoReturn:  # noqa: N807
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self: Any, name: str) -> NoReturn:  # noqa: N807
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self: Any) -> Any:  # noqa: N807
        return values(self)

    def __setstate__(self: Any, state: Any) -> None:  # noqa: N807
        for setter, value in zip(setters.values(), state, strict=True):
            setter(self, value)

    yield "__init__", _initializer(made, every, setters)
    for method in (__eq__, __hash__, __repr__, __getstate__, __setstate__, __setattr__, __delattr__):
        yield method.__name__, method


def _getter(names: Iterator[str]) -> Callable[[Any], tuple[Any, ...]]:
    wanted = tuple(names)
    if len(wanted) > 1:
        return attrgetter(*wanted)
    return lambda value: tuple(getattr(value, name) for name in wanted)


def _initializer(made: type, every: tuple[Field[Any], ...], setters: dict[str, Any]) -> Callable[..., None]:
    """The one function that is compiled: it takes the values by position or name, and puts each into its slot."""
    namespace: dict[str, Any] = {"_missing": MISSING}
    by_position, by_name, lines = ["self"], list[str](), list[str]()
    for field in every:
        name = field.name
        namespace[f"_set_{name}"], value = setters[name], name
        parameter = name
        if field.default_factory is not MISSING:
            namespace[f"_make_{name}"] = field.default_factory
            parameter = f"{name}=_missing"
            value = f"_make_{name}() if {name} is _missing else {name}" if field.init else f"_make_{name}()"
        elif field.default is not MISSING:
            namespace[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
            value = name if field.init else f"_default_{name}"
        if field.init:
            (by_name if field.kw_only else by_position).append(parameter)
        elif value == name:
            continue
        lines.append(f" _set_{name}(self, {value})")
    if hasattr(made, "__post_init__"):
        lines.append(" self.__post_init__()")
    signature = ", ".join([*by_position, *(["*", *by_name] if by_name else [])])
    body = "\n".join(lines) or " pass"
    # The names are those of the class's own attributes.
    exec(f"def __init__({signature}):\n{body}", namespace)  # noqa: S102
    function: Callable[..., None] = namespace["__init__"]
    function.__qualname__, function.__module__ = f"{made.__qualname__}.__init__", made.__module__
    return function
