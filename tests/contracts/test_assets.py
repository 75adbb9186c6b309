"""What browsers load is what its sources make, is small, and every component has its style."""

import gzip
import re

from marketplace.operations.assets import BUILD, STATIC, build
from marketplace.settings.env import BASE_DIR

TEMPLATES = BASE_DIR / "templates"
# Templates of components whose styles are another one's.
_STYLED_BY = {
    "street": "front",
    "form": "field",
    "field-errors": "field",
    "favourite-heart": "favourite",
    "stars": "rating",
    "result-words": "result",
    "result-offer": "result",
    "photo-picker": "photos",
    "photo-draft": "photos",
    "pager-link": "pager",
}


def test_the_built_files_are_those_of_their_sources() -> None:
    for name, text in build().items():
        assert (BUILD / name).read_text() == text, f"static/build/{name} is older than its sources: make assets"
    assert {path.name for path in BUILD.iterdir()} == build().keys()


def test_scripts_and_styles_stay_small() -> None:
    assert len((BUILD / "site.js").read_bytes()) <= 6_000
    assert len(gzip.compress((BUILD / "site.css").read_bytes())) <= 14_000
    assert len((STATIC / "fonts" / "figtree-latin.woff2").read_bytes()) <= 50_000


def test_every_component_has_a_style_sheet() -> None:
    names = {_STYLED_BY.get(path.stem, path.stem) for path in (TEMPLATES / "components").glob("*.html")}
    assert names <= {path.stem for path in (STATIC / "css" / "components").glob("*.css")}


def test_every_icon_that_a_template_names_exists() -> None:
    icons = set(re.findall(r'id="i-([a-z0-9-]+)"', (BUILD / "icons.svg").read_text()))
    used = {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    assert used <= icons


def test_no_template_has_a_style_or_script_in_itself() -> None:
    for path in TEMPLATES.rglob("*.html"):
        if path.is_relative_to(TEMPLATES / "email"):
            continue
        if path.name == "offline.html":
            # Shown where nothing can be loaded; its own policy names its style.
            continue
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|\bjs:", text), path
        for attributes in re.findall(r"<script([^>]*)>", text):
            assert "src=" in attributes or "ld+json" in attributes, path


def test_what_asks_at_every_change_is_answered_for_the_last_one() -> None:
    # By itself htmx lets one more request wait for its answer, and drops the next.
    for path in TEMPLATES.rglob("*.html"):
        for trigger, rest in re.findall(r'hx-trigger="([^"]*\bchange\b[^"]*)"\s*([^\s>]*)', path.read_text()):
            assert rest.startswith('hx-sync="replace"'), f"{path}: {trigger}"


def test_what_changes_the_address_is_on_the_way_back_as_the_address_says() -> None:
    # The page is asked for anew; what the browser remembers of its controls would be followed as a choice.
    for path in TEMPLATES.rglob("*.html"):
        for form in re.findall(r"<form\b[^>]*\bhx-get=[^>]*>", path.read_text()):
            assert 'autocomplete="off"' in form, path
