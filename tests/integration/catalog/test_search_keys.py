"""Keys of search that an earlier rule made are made anew."""

from io import StringIO

import pytest
from django.core.management import call_command

from catalog.models import ProviderItem, ServiceItem
from kernel import storage
from kernel.clock import now
from tests.factories.accounts import ApiClient
from tests.factories.catalog import open_shop

pytestmark = pytest.mark.usefixtures("cloud")


def test_a_city_with_an_old_key_is_found_again(api: type[ApiClient]) -> None:
    shop = open_shop(city="Łódź", country="PL")
    service_id = shop.add()
    old = "pl/łodz"
    storage.write(
        storage.update("provider", ProviderItem, shop.provider_id, actions=[ProviderItem.listed_city.set(old)])
    )
    actions = [ServiceItem.listed_city.set(f"plumbing#{old}")]
    storage.write(storage.update("service", ServiceItem, service_id, actions=actions))
    address = "/api/v1/services?city=Lodz&country=PL&limit=100"
    assert service_id not in api().get(address).content.decode()

    printed = StringIO()
    call_command("backfill", "providers", stdout=printed)

    assert "providers: done, " in printed.getvalue()
    assert service_id in api().get(address).content.decode()
    assert shop.provider_id in api().get("/api/v1/providers?city=LODZ&country=PL&limit=100").content.decode()
    row = storage.get_row(ProviderItem, shop.provider_id)
    assert row is not None
    assert row["updated_at"] <= now()

    repeated = StringIO()
    call_command("backfill", "providers", stdout=repeated)
    assert repeated.getvalue().endswith(" 0 changed.\n")


@pytest.mark.parametrize("q", ["!!!", "🚿", "\u200b.", "👩\u200d🔧"])
def test_a_search_for_no_word_finds_nothing(api: type[ApiClient], q: str) -> None:
    open_shop()
    response = api().get("/api/v1/services", {"q": q})
    assert response.status_code == 200
    assert response.json() == {"results": [], "next": None}


@pytest.mark.parametrize("city", ["!!!", "🚿"])
def test_a_city_without_a_letter_is_found_nowhere(api: type[ApiClient], city: str) -> None:
    open_shop()
    for kind in ("services", "providers"):
        response = api().get(f"/api/v1/{kind}", {"city": city, "country": "US"})
        assert response.status_code == 200
        assert response.json()["results"] == []
