"""`.env.example` lists exactly the values that the settings read."""

import re

from marketplace.settings.env import BASE_DIR


def test_the_example_lists_what_the_settings_read() -> None:
    sources = "".join(path.read_text() for path in (BASE_DIR / "marketplace" / "settings").glob("*.py"))
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', sources))
    listed = set(re.findall(r"^([A-Z_]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
    assert read
    assert listed == read
