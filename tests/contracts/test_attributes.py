"""In how many places an attribute is named."""

import re

import pytest

from catalog.domain import PROFILE
from marketplace.settings.env import BASE_DIR


def places(name: str) -> list[str]:
    """Where the catalog names it, but for what the admin lists: file and line."""
    return [
        f"{path.relative_to(BASE_DIR)}:{number}"
        for path in sorted((BASE_DIR / "catalog").rglob("*.py"))
        if path.name != "admin.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(rf"\b{name}\b", line)
    ]


@pytest.mark.parametrize("name", ["tax_number"])
def test_what_a_provider_is_only_asked_and_shown_is_named_in_four_places(name: str) -> None:
    # The domain's object, the domain's rule with its default, the item, and the field of the body that the API takes:
    # rows, representation and the document's schema follow from these.
    found = places(name)

    assert name in PROFILE
    assert [place.partition(":")[0] for place in found] == [
        "catalog/domain/entities.py",
        "catalog/domain/rules.py",
        "catalog/models.py",
        "catalog/serializers/bodies.py",
    ], found
