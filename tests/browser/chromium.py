"""Which Chromium looks at the pages."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

# The shell has no windows to draw, and takes a third of the processor time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class ChromiumMissingError(Exception):
    """There is no Chromium here."""

    def __init__(self) -> None:
        super().__init__(
            "Chromium is missing: install it (Debian: apt-get install chromium-headless-shell), or name it: CHROMIUM=…",
        )


def launch(playwright: Playwright) -> Browser:
    """Start what CHROMIUM names, else the one on the path. Raises `ChromiumMissingError`."""
    path = os.environ.get("CHROMIUM") or next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise ChromiumMissingError
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
