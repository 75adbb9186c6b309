"""Classes of values: whatever the standard decorator makes of a class, ours makes of it, too."""

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from typing import Any, Generic, TypeVar

import pytest

from kernel.values import dataclass as our_dataclass

T = TypeVar("T")


def make_classes(dataclass: Any) -> dict[str, Any]:
    """The same classes by that decorator."""

    @dataclass(frozen=True, slots=True)
    class Place:
        """Where it is."""

        city: str
        tags: list[str] = field(default_factory=list, compare=False)
        zip_code: str | None = None
        secret: str = field(default="x", repr=False)

        @property
        def label(self) -> str:
            return f"{self.city} {self.zip_code}"

    @dataclass(frozen=True, slots=True)
    class Suburb(Place):
        of: str = "town"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        name: str
        number: int = 1

    @dataclass(frozen=True, slots=True)
    class Checked:
        number: int
        doubled: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError("below zero")

    @dataclass(frozen=True, slots=True)
    class Page(Generic[T]):
        rows: tuple[T, ...] = ()

    @dataclass(frozen=True, slots=True)
    class Peculiar:
        number: int

        def __eq__(self, other: object) -> bool:
            return True

        def __repr__(self) -> str:
            return "peculiar"

    @dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    return {made.__name__: made for made in (Place, Suburb, Named, Checked, Page, Peculiar, Nothing)}


OURS, STANDARD = make_classes(our_dataclass), make_classes(dataclasses.dataclass)
VALUES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Place", ("Lyon",), {}),
    ("Place", ("Lyon", ["a"], "69001"), {"secret": "y"}),
    ("Suburb", ("Lyon",), {"of": "Rhone"}),
    ("Named", (), {"name": "Ada"}),
    ("Checked", (3,), {}),
    ("Page", ((1, 2),), {}),
    ("Peculiar", (1,), {}),
    ("Nothing", (), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), VALUES)
def test_a_value_is_what_the_standard_decorator_makes_of_it(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    ours, standard = OURS[name](*args, **kwargs), STANDARD[name](*args, **kwargs)

    assert repr(ours) == repr(standard)
    assert asdict(ours) == asdict(standard)
    assert [each.name for each in fields(ours)] == [each.name for each in fields(standard)]
    assert hash(ours) == hash(standard)
    assert ours == OURS[name](*args, **kwargs)
    assert (ours == standard) == (standard == ours)
    assert OURS[name].__match_args__ == STANDARD[name].__match_args__
    assert not hasattr(ours, "__dict__")
    assert copy.deepcopy(ours) == copy.copy(ours) == ours


@pytest.mark.parametrize("name", ["Place", "Suburb", "Named", "Checked"])
def test_nothing_changes_a_value(name: str) -> None:
    values: dict[str, dict[str, Any]] = {"Named": {"name": "Ada"}, "Checked": {"number": 1}}
    value = OURS[name](**values.get(name, {"city": "Lyon"}))
    first = fields(value)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(value, first, "other")
    with pytest.raises(FrozenInstanceError):
        delattr(value, first)
    with pytest.raises(AttributeError):
        value.unknown = 1


def test_a_copy_with_changes_is_made_by_the_same_rules() -> None:
    place = OURS["Place"]("Lyon", ["a"])
    assert replace(place, zip_code="69001").label == "Lyon 69001"
    assert OURS["Place"]("Lyon").tags is not OURS["Place"]("Lyon").tags
    with pytest.raises(ValueError, match="below zero"):
        replace(OURS["Checked"](1), number=-1)


def test_what_is_left_out_of_comparing_does_not_count() -> None:
    assert OURS["Place"]("Lyon", ["a"]) == OURS["Place"]("Lyon", ["b"])
    assert OURS["Place"]("Lyon") != OURS["Place"]("Lille")
    assert OURS["Place"]("Lyon") != OURS["Suburb"]("Lyon")


@pytest.mark.parametrize("decorator", [our_dataclass, dataclasses.dataclass])
def test_wrong_values_are_refused_as_the_standard_does(decorator: Any) -> None:
    classes = make_classes(decorator)
    for args, kwargs in ((), {}), (("Lyon",), {"unknown": 1}), (("a", [], "b", "c", "d"), {}):
        with pytest.raises(TypeError):
            classes["Place"](*args, **kwargs)
    with pytest.raises(TypeError):
        classes["Named"]("Ada")


@our_dataclass(frozen=True, slots=True)
class Stored:
    """A value that is found again by its name."""

    number: int


def test_a_value_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Stored(7))) == Stored(7)  # noqa: S301


def test_classes_share_the_code_of_all_functions_but_the_one_that_makes_a_value() -> None:
    shared = ("__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__", "__getstate__", "__setstate__")
    for name in shared:
        assert getattr(OURS["Named"], name).__code__ is getattr(OURS["Checked"], name).__code__
    assert OURS["Named"].__init__.__code__ is not OURS["Checked"].__init__.__code__


def test_other_classes_are_made_by_the_standard_decorator() -> None:
    @our_dataclass
    class Tally:
        count: int = 0

    tally = Tally()
    tally.count += 1
    assert tally == Tally(1)
