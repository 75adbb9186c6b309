"""`make screenshots`: every screen at three widths, in both themes, into the folder screenshots."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from marketplace.settings.env import BASE_DIR
from tests.browser.screens import SCREENS, Screen
from tests.browser.visitors import THEMES, WIDTHS, Visitor

FOLDER: Path = BASE_DIR / "screenshots"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_take(visit: Callable[..., Visitor], screen: Screen, theme: Literal["light", "dark"]) -> None:
    visitor = visit(screen.role, theme=theme)
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.see(screen)
        visitor.page.wait_for_load_state("networkidle")
        visitor.page.screenshot(path=FOLDER / f"{screen.name}-{width}-{theme}.png", full_page=True)
