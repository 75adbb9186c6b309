"""The declaration of how an item stores a domain object: one for both directions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from catalog.models import ProviderItem
from kernel.storage import RowMapping, Stored, stored_as

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Country(StrEnum):
    AT = "at"
    CH = "ch"


@dataclass(frozen=True, slots=True)
class Shop:
    shop_id: str
    country: Country
    categories: tuple[str, ...]
    rating: tuple[int, int]
    created_at: datetime
    listed_city: str | None = None
    accepting_key: Country | None = None


RATING = Stored(
    lambda row: (row["rating_sum"], row["rating_count"]),
    lambda rating: {"rating_sum": rating[0], "rating_count": rating[1]},
)
SHOPS = RowMapping(
    ProviderItem,
    Shop,
    stored={"shop_id": stored_as("provider_id"), "rating": RATING},
    derived=lambda shop: {"geohash": f"near {shop.country}"},
)
SHOP = Shop("s1", Country.AT, ("cleaning", "moving"), (9, 2), NOW)


def test_an_object_read_from_its_attributes_is_the_same() -> None:
    attributes = SHOPS.attributes(SHOP)

    assert attributes["geohash"] == "near at"
    assert (attributes["country"], attributes["categories"]) == ("at", ["cleaning", "moving"])
    assert attributes["listed_city"] is None
    assert SHOPS.read({name: value for name, value in attributes.items() if value is not None}) == SHOP


def test_a_change_is_the_attributes_that_differ() -> None:
    moved = Shop("s1", Country.CH, ("cleaning",), (9, 2), NOW, "ch/bern", Country.CH)

    def names(before: Shop, after: Shop) -> list[tuple[str, str]]:
        return sorted((type(action).__name__, str(action.values[0])) for action in SHOPS.changes(before, after))

    assert [name for name, _ in names(SHOP, moved)] == ["SetAction"] * 5
    assert names(moved, SHOP)[0][0] == "RemoveAction"
    assert names(SHOP, SHOP) == []


def test_a_field_that_cannot_be_stored_as_it_is_is_refused_without_a_word_how() -> None:
    with pytest.raises(TypeError, match="has no attribute shop_id"):
        RowMapping(ProviderItem, Shop, stored={"rating": RATING})

    with pytest.raises(TypeError, match=r"say how Rated\.rating_sum is stored"):
        RowMapping(ProviderItem, Rated)


@dataclass(frozen=True, slots=True)
class Rated:
    rating_sum: float
