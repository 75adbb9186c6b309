"""Every screen in both themes: no fault that axe finds, no error, nothing from elsewhere, nothing cut off."""

from collections.abc import Callable

import pytest

from tests.browser.screens import SCREENS, Screen
from tests.browser.visitors import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_accessible(visit: Visit, screen: Screen) -> None:
    visitor = visit(screen.role)

    visitor.see(screen)
    visitor.assert_accessible()

    visitor.page.set_viewport_size({"width": 320, "height": 640})
    visitor.assert_accessible()

    # The other theme has other colours, and nothing else.
    visitor.page.emulate_media(color_scheme="dark")
    visitor.assert_accessible(rules=["color-contrast"])
