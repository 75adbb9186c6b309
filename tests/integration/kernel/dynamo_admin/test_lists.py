"""Lists: keyset pages both ways, filters, orders and search that an index answers, and what each costs."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.factories import orchards

TREES = "/admin/marketplace/tree/"


def labels(response: Any) -> list[str]:
    return [tree.label for tree in response.context["cl"].result_list]


def keys(response: Any) -> list[str]:
    return [tree.pk for tree in response.context["cl"].result_list]


def of_orchard(orchard_id: str, **more: str) -> str:
    return f"{TREES}?{urlencode({'orchard_id__exact': orchard_id, **more})}"


def neighbour(response: Any, name: str) -> str | None:
    found = getattr(response.context["cl"], f"{name}_url")
    return f"{TREES}{found}" if found else None


def walk(browser: Client, address: str | None) -> list[list[str]]:
    pages = []
    while address:
        response = browser.get(address)
        assert response.status_code == 200
        pages.append(keys(response))
        address = neighbour(response, "next")
    return pages


def test_a_list_is_walked_to_its_end_and_back(browser: Client) -> None:
    orchard_id = orchards.orchard()
    planted = orchards.trees(orchard_id, 34)

    pages = walk(browser, of_orchard(orchard_id))

    assert [len(page) for page in pages] == [10, 10, 10, 4]
    assert [key for page in pages for key in page] == planted

    address: str | None = of_orchard(orchard_id)
    for _ in range(3):
        assert address is not None
        address = neighbour(browser.get(address), "next")
    backwards = []
    while address:
        response = browser.get(address)
        backwards.append(keys(response))
        address = neighbour(response, "previous")
    assert backwards == pages[::-1]


def test_the_whole_table_is_listed_from_all_its_partitions_in_one_order(browser: Client) -> None:
    orchard_id = orchards.orchard()
    # Later than any tree of another test.
    planted = [orchards.tree(orchard_id, day=3000 + day, state=orchards.STATES[day % 3]) for day in range(35)][::-1]
    response = browser.get(TREES)
    forwards = [keys(response)]
    for _ in range(2):
        following = neighbour(response, "next")
        assert following is not None
        response = browser.get(following)
        forwards.append(keys(response))
    assert [key for page in forwards for key in page] == planted[:30]

    back = neighbour(response, "previous")
    assert back is not None
    response = browser.get(back)
    assert keys(response) == forwards[1]
    back = neighbour(response, "previous")
    assert back is not None
    assert keys(browser.get(back)) == forwards[0]


def test_a_table_without_an_index_over_all_its_items_waits_for_a_filter(browser: Client) -> None:
    orchards.orchard("Nobody sees me")
    response = browser.get("/admin/marketplace/orchard/")
    assert keys(response) == []
    assert "Choose a filter or search" in response.content.decode()


def test_lists_and_forms_never_scan(browser: Client, dynamodb_calls: list[str]) -> None:
    orchard_id = orchards.orchard()
    tree_id = orchards.tree(orchard_id)
    dynamodb_calls.clear()
    for address in (
        TREES,
        f"{TREES}?state__exact=felled",
        f"{TREES}?q=nothing",
        of_orchard(orchard_id),
        "/admin/marketplace/orchard/",
        "/admin/marketplace/orchard/?q=nothing",
        "/admin/marketplace/visit/",
        f"{TREES}{tree_id}/change/",
        f"{TREES}{tree_id}/history/",
        f"{TREES}add/",
        "/admin/",
    ):
        assert browser.get(address).status_code == 200, address
    assert set(dynamodb_calls) <= {"Query", "GetItem", "BatchGetItem"}


@pytest.mark.parametrize(
    ("address", "limit"),
    [
        (TREES, 12),
        (f"{TREES}?state__exact=bearing", 6),
        ("{orchard}", 6),
        ("{orchard}&state__exact=bearing", 6),
        (f"{TREES}?planted_at__year=2026&planted_at__month=1", 12),
        ("{tree}", 4),
        ("{tree}history/", 4),
        ("/admin/", 6),
    ],
)
def test_a_page_costs_few_calls_and_no_more_with_more_items(
    browser: Client, dynamodb_calls: list[str], address: str, limit: int
) -> None:
    orchard_id = orchards.orchard()
    tree_id = orchards.trees(orchard_id, 12)[0]
    named = address.replace("{orchard}", of_orchard(orchard_id)).replace("{tree}", f"{TREES}{tree_id}/change/")
    named = named.replace("change/history/", "history/")

    def calls() -> int:
        dynamodb_calls.clear()
        assert browser.get(named).status_code == 200
        return len(dynamodb_calls)

    few = calls()
    orchards.trees(orchard_id, 120)
    assert calls() <= few <= limit


def test_a_page_costs_the_same_for_many_more_items(
    browser: Client, dynamodb_calls: list[str], is_torture: bool, record_property: Callable[[str, object], None]
) -> None:
    orchard_id = orchards.orchard()

    def calls(address: str) -> int:
        dynamodb_calls.clear()
        assert browser.get(address).status_code == 200, address
        return len(dynamodb_calls)

    def all_calls() -> dict[str, int]:
        filtered = of_orchard(orchard_id)
        following = browser.get(filtered).context["cl"].next_url
        return {
            "all": calls(TREES),
            "filtered": calls(filtered),
            "filtered twice": calls(of_orchard(orchard_id, state__exact="bearing")),
            "next page": calls(f"{TREES}{following}"),
        }

    before, then = (1_000, 49_000) if is_torture else (100, 900)
    orchards.grove(orchard_id, before)
    few = all_calls()
    orchards.grove(orchard_id, then)
    many = all_calls()
    assert many == few
    assert max(few["filtered"], few["filtered twice"], few["next page"]) <= 6
    assert few["all"] <= 12
    record_property("calls to DynamoDB", many)


def test_two_filters_meet(browser: Client) -> None:
    orchard_id = orchards.orchard()
    orchards.trees(orchard_id, 9)
    response = browser.get(of_orchard(orchard_id, state__exact="felled"))
    assert [tree.state for tree in response.context["cl"].result_list] == ["felled"] * 3


def test_what_is_rare_is_looked_for_page_after_page(browser: Client) -> None:
    orchard_id = orchards.orchard()
    oldest = orchards.tree(orchard_id, day=-1, state="felled")
    orchards.trees(orchard_id, 700, states=["bearing"])

    response = browser.get(of_orchard(orchard_id, state__exact="felled"))

    assert keys(response) == []
    assert "Keep looking" in response.content.decode()
    following = neighbour(response, "next")
    assert following is not None
    assert keys(browser.get(following)) == [oldest]


def test_only_what_an_index_orders_can_be_ordered_by(browser: Client) -> None:
    orchard_id = orchards.orchard()
    orchards.trees(orchard_id, 3)
    assert browser.get(TREES).context["cl"].sortable_by == ["planted_at"]
    found = browser.get(of_orchard(orchard_id))
    assert found.context["cl"].sortable_by == ["planted_at", "kilograms"]

    ascending = browser.get(of_orchard(orchard_id, o="5"))
    assert [tree.kilograms for tree in ascending.context["cl"].result_list] == [0, 1, 2]
    descending = browser.get(of_orchard(orchard_id, o="-5"))
    assert [tree.kilograms for tree in descending.context["cl"].result_list] == [2, 1, 0]
    # An order that no index has is not heeded.
    assert len(keys(browser.get(of_orchard(orchard_id, o="1")))) == 3


def test_a_search_goes_through_keys_and_indexes(browser: Client) -> None:
    orchard_id = orchards.orchard()
    tree_id = orchards.tree(orchard_id, label=f"Bramley {orchard_id}")
    assert keys(browser.get(f"{TREES}?q={tree_id}")) == [tree_id]
    assert keys(browser.get(f"{TREES}?{urlencode({'q': f'Bramley {orchard_id}'})}")) == [tree_id]
    assert keys(browser.get(f"{TREES}?q=Bramley")) == []


def test_a_drill_down_narrows_to_a_day(browser: Client) -> None:
    orchard_id = orchards.orchard()
    planted = orchards.trees(orchard_id, 40)
    in_january = of_orchard(orchard_id, planted_at__year="2026", planted_at__month="1")
    assert len([key for page in walk(browser, in_january) for key in page]) == 31
    on_one_day = f"{in_january}&planted_at__day=3"
    assert keys(browser.get(on_one_day)) == [planted[-3]]


def test_a_cursor_belongs_to_its_list(browser: Client) -> None:
    first, second = orchards.orchard(), orchards.orchard()
    orchards.trees(first, 12)
    orchards.trees(second, 12)
    cursor = re.search(r"p=([^&]+)", browser.get(of_orchard(first)).context["cl"].next_url)
    assert cursor is not None
    for address in (of_orchard(second, p=cursor[1]), of_orchard(first, p=f"{cursor[1]}x")):
        response = browser.get(address)
        assert response.status_code == 302
        assert response.headers["Location"] == f"{TREES}?e=1"


def test_references_come_in_one_call_and_are_named(browser: Client) -> None:
    orchard_id = orchards.orchard("South slope")
    orchards.trees(orchard_id, 3)
    assert browser.get(of_orchard(orchard_id)).content.decode().count("South slope") == 3


def test_autocomplete_answers_by_key_and_reads_no_list(browser: Client, dynamodb_calls: list[str]) -> None:
    orchard_id = orchards.orchard("East slope")
    asked = {"app_label": "marketplace", "model_name": "tree", "field_name": "orchard"}
    dynamodb_calls.clear()
    assert browser.get("/admin/autocomplete/", {**asked, "term": ""}).json()["results"] == []
    found = browser.get("/admin/autocomplete/", {**asked, "term": orchard_id}).json()
    assert found == {"results": [{"id": orchard_id, "text": "East slope"}], "pagination": {"more": False}}
    assert len(dynamodb_calls) <= 6


def test_strangers_and_customers_see_nothing(customer: Client) -> None:
    for client in (Client(), customer):
        response = client.get(TREES)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/")
