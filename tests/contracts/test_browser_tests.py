"""How browser tests look at a page: they wait for what they expect, since a page is shown while it arrives."""

import ast
from pathlib import Path

from marketplace.settings.env import BASE_DIR

# Playwright answers these at once, or as soon as the element is there, whatever else is still on its way.
AT_ONCE = {
    "content",
    "count",
    "get_attribute",
    "inner_html",
    "inner_text",
    "input_value",
    "is_checked",
    "is_disabled",
    "is_editable",
    "is_enabled",
    "is_hidden",
    "is_visible",
    "text_content",
}


def _calls_within_asserts(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    return [
        f"{path.relative_to(BASE_DIR)}:{call.lineno}: {call.func.attr}"
        for assertion in ast.walk(tree)
        if isinstance(assertion, ast.Assert)
        for call in ast.walk(assertion.test)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in AT_ONCE
    ]


def test_what_is_expected_of_a_page_is_waited_for() -> None:
    files = sorted((BASE_DIR / "tests/browser").rglob("*.py"))
    hasty = [call for path in files for call in _calls_within_asserts(path)]
    assert files
    assert not hasty, "use expect(), which waits:\n" + "\n".join(hasty)
