"""Every screen in both themes: no fault that axe finds, no error, nothing from elsewhere, nothing cut off."""

from collections.abc import Callable
from typing import Literal

import pytest

from tests.browser.screens import SCREENS, Screen
from tests.browser.visitors import THEMES, Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_accessible(visit: Visit, screen: Screen, theme: Literal["light", "dark"]) -> None:
    visitor = visit(screen.role, theme=theme)

    visitor.see(screen)
    visitor.assert_accessible()

    visitor.page.set_viewport_size({"width": 320, "height": 640})
    visitor.assert_accessible()
