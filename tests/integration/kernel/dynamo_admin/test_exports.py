"""A filtered list as CSV."""

import csv
from typing import Any

from django.test import Client

from kernel import storage
from kernel.actors import Actor
from kernel.dynamo_admin.audit import ACTOR_INDEX, AuditItem
from tests.factories import orchards

EXPORT = "/admin/marketplace/tree/export/"


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def test_all_of_a_filtered_list_is_streamed(browser: Client) -> None:
    orchard_id = orchards.orchard("West slope")
    orchards.trees(orchard_id, 60)
    response: Any = browser.get(f"{EXPORT}?orchard_id__exact={orchard_id}")
    assert response.streaming
    header, *rows = lines(response.getvalue().decode())
    assert header == ["label", "state", "orchard", "planted at", "kilograms"]
    assert [row[4] for row in rows] == [str(number) for number in reversed(range(60))]
    assert rows[0][3] == "2026-03-01T06:00:00Z"


def test_parts_lead_to_each_other(browser: Client) -> None:
    orchard_id = orchards.orchard()
    orchards.trees(orchard_id, 510)
    address, found, parts = f"{EXPORT}?orchard_id__exact={orchard_id}&part=", [], 0
    while address:
        response = browser.get(address)
        found += lines(response.content.decode())
        address, parts = response.headers.get("X-Next-Part", ""), parts + 1
    assert parts == 3
    assert len(found) == 511


def test_an_export_is_in_the_audit_log(browser: Client, admin: Actor) -> None:
    orchard_id = orchards.orchard()
    browser.get(f"{EXPORT}?orchard_id__exact={orchard_id}")
    (entry,) = storage.all_rows(AuditItem, admin.user_id, index=ACTOR_INDEX)
    assert (entry["subject"], entry["action"]) == ("marketplace.tree#*", "export")
    assert entry["changes"] == {"orchard_id__exact": None}


def test_what_is_never_listed_as_a_whole_is_not_exported_as_a_whole(browser: Client) -> None:
    response = browser.get("/admin/marketplace/orchard/export/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/admin/marketplace/orchard/"
