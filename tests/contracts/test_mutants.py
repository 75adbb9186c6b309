"""Mutants are in one place, each is noticed by some test, and no test makes one of its own by hand."""

import ast
import re
from pathlib import Path

from marketplace.settings.env import BASE_DIR

TESTS = BASE_DIR / "tests"
MUTANTS = TESTS / "mutants.py"


def functions(path: Path) -> list[ast.FunctionDef]:
    return [each for each in ast.parse(path.read_text()).body if isinstance(each, ast.FunctionDef)]


def names_of_mutants() -> set[str]:
    return {each.name for each in functions(MUTANTS) if [argument.arg for argument in each.args.args] == ["patch"]}


def test_every_mutant_is_noticed_by_a_test() -> None:
    used = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"\bmutants\.(\w+)", path.read_text())}
    assert used - {"Mutate", "py"} == names_of_mutants()


def test_no_test_makes_a_mutant_by_hand() -> None:
    by_hand = [
        f"{path.relative_to(TESTS)}::{function.name}"
        for path in TESTS.rglob("test_*.py")
        for function in functions(path)
        if function.name.startswith("test_mutant") and "monkeypatch.set" in ast.unparse(function)
    ]
    assert by_hand == []
