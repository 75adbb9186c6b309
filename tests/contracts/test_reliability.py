"""docs/reliability.md names tests that there are, and for each fault a number."""

import ast
import re
from functools import cache

import pytest

from marketplace.settings.env import BASE_DIR

PAGE = (BASE_DIR / "docs" / "reliability.md").read_text()
FAULTS, GUARDS, *_ = re.split(r"^## .*$", PAGE, flags=re.MULTILINE)
TEST = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")


def rows(part: str) -> list[list[str]]:
    """The cells of each row of a table but its head."""
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def names_of_tests(path: str) -> set[str]:
    module = ast.parse((BASE_DIR / "tests" / path).read_text())
    return {each.name for each in module.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}


@pytest.mark.parametrize(("path", "name"), sorted(set(TEST.findall(PAGE))))
def test_every_test_that_is_named_is_there(path: str, name: str) -> None:
    assert name in names_of_tests(path)


def test_every_fault_has_a_test_and_a_number() -> None:
    found = rows(FAULTS)
    assert len(found) == 16
    for fault, guard, tests, size, _ in found:
        assert TEST.findall(tests), fault
        assert guard, fault
        assert size, fault


def test_every_guard_has_tests_of_its_own_that_miss_it() -> None:
    faults = {name for _, _, tests, _, _ in rows(FAULTS) for name in TEST.findall(tests)}
    for guard, mutant, tests in rows(GUARDS):
        assert mutant, guard
        assert TEST.findall(tests), guard
        assert faults.isdisjoint(TEST.findall(tests)), guard
