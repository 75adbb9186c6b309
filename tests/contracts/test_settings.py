"""`.env.example` lists exactly the values that the settings read."""

import os
import re

import pytest

from marketplace.settings.env import BASE_DIR, drop_empty


def test_a_variable_that_says_nothing_reaches_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/bundle.pem")
    drop_empty("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_NOT_SET")
    assert "AWS_CA_BUNDLE" not in os.environ
    assert os.environ["REQUESTS_CA_BUNDLE"] == "/bundle.pem"


def test_the_example_lists_what_the_settings_read() -> None:
    sources = "".join(path.read_text() for path in (BASE_DIR / "marketplace" / "settings").glob("*.py"))
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', sources))
    listed = set(re.findall(r"^([A-Z_]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
    assert read
    assert listed == read
