"""Adding, changing, deleting: validated, locked optimistically, and audited in the same transaction."""

from typing import Any

import pytest
from django.test import Client

from kernel import storage
from kernel.actors import Actor
from kernel.dynamo_admin.audit import AuditItem
from tests.factories import orchards
from tests.factories.browsers import forms_of

TREES = "/admin/marketplace/tree/"
VISITS = "/admin/marketplace/visit/"


def change(browser: Client, tree_id: str) -> dict[str, str]:
    """The fields of the change form as the page shows them."""
    response = browser.get(f"{TREES}{tree_id}/change/")
    assert response.status_code == 200
    return next(form.fields for form in forms_of(response) if "label" in form.fields)


def save(browser: Client, tree_id: str, fields: dict[str, str]) -> Any:
    return browser.post(f"{TREES}{tree_id}/change/", fields)


def entries(tree_id: str) -> list[storage.Row]:
    return list(storage.all_rows(AuditItem, f"marketplace.tree#{tree_id}"))


def new_tree(**fields: str) -> dict[str, str]:
    known = {
        "label": "Added",
        "state": "seedling",
        "planted_at_0": "2026-03-01",
        "planted_at_1": "08:00:00",
        "kilograms": "0",
        "measures": '{"height": 3}',
        "tags": '["old"]',
    }
    return known | fields


def test_a_change_writes_what_changed_and_its_audit_entry(
    browser: Client, admin: Actor, dynamodb_calls: list[str]
) -> None:
    tree_id = orchards.tree(orchards.orchard(), notes="Ada's favourite")
    fields = change(browser, tree_id)

    dynamodb_calls.clear()
    response = save(browser, tree_id, fields | {"kilograms": "42", "notes": "Nobody's"})

    assert response.status_code == 302
    assert len(dynamodb_calls) <= 7
    assert dynamodb_calls.count("TransactWriteItems") == 1
    row = orchards.stored(tree_id)
    assert (row["kilograms"], row["notes"], row["version"]) == (42, "Nobody's", 2)
    (entry,) = entries(tree_id)
    assert entry["actor_id"] == admin.user_id
    assert entry["action"] == "change"
    # Who wrote what is nobody's business: of notes, only that they changed.
    assert entry["changes"] == {"kilograms": [10, 42], "notes": None}


def test_nothing_is_written_where_nothing_changed(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard())
    assert save(browser, tree_id, change(browser, tree_id)).status_code == 302
    assert orchards.stored(tree_id)["version"] == 1
    assert entries(tree_id) == []


def test_an_optional_attribute_that_is_emptied_is_gone(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard(), notes="Short", tags={"old", "tall"}, measures={"height": 3})
    fields = change(browser, tree_id)
    assert save(browser, tree_id, fields | {"notes": "", "tags": "", "measures": ""}).status_code == 302
    assert not {"notes", "tags", "measures"} & orchards.stored(tree_id).keys()


def test_attributes_that_the_model_does_not_know_stay(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard())
    connection: Any = storage.shared_transport()
    connection.send(
        "UpdateItem",
        {
            "TableName": orchards.TreeItem.Meta.table_name,
            "Key": {"treeId": {"S": tree_id}},
            "UpdateExpression": "SET tomorrow = :value",
            "ExpressionAttributeValues": {":value": {"S": "unknown"}},
        },
    )
    assert save(browser, tree_id, change(browser, tree_id) | {"kilograms": "11"}).status_code == 302
    assert orchards.stored(tree_id)["tomorrow"] == "unknown"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("label", "", "This field is required."),
        ("kilograms", "many", "Enter a whole number."),
        ("state", "flying", "Select a valid choice."),
        ("orchard", "nowhere", "Select a valid choice."),
        ("measures", "{", "Enter a valid JSON."),
    ],
)
def test_a_form_says_what_is_wrong_and_writes_nothing(browser: Client, field: str, value: str, message: str) -> None:
    tree_id = orchards.tree(orchards.orchard())
    response = save(browser, tree_id, change(browser, tree_id) | {field: value})
    assert response.status_code == 200
    assert message in response.content.decode()
    assert orchards.stored(tree_id)["version"] == 1


def test_the_second_of_two_admins_is_told_and_loses_nothing(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard(), notes="As found")
    first, second = change(browser, tree_id), change(browser, tree_id)
    assert save(browser, tree_id, first | {"kilograms": "20", "notes": "By the first"}).status_code == 302

    response = save(browser, tree_id, second | {"label": "Renamed", "notes": "By the second"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "Nothing was saved yet" in page
    assert "It is now: By the first" in page
    assert orchards.stored(tree_id)["label"] != "Renamed"
    again = next(form.fields for form in forms_of(response) if "label" in form.fields)
    assert again["label"] == "Renamed"
    # What the second did not touch is what the first made of it.
    assert again["kilograms"] == "20"
    form = response.context["adminform"].form
    assert form["notes"].value() == "By the second"

    assert save(browser, tree_id, again | {"notes": "By the second"}).status_code == 302
    row = orchards.stored(tree_id)
    assert (row["label"], row["kilograms"], row["notes"]) == ("Renamed", 20, "By the second")


def test_a_change_between_reading_and_writing_is_told_as_well(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tree_id = orchards.tree(orchards.orchard())
    fields = change(browser, tree_id)
    write = orchards.TreeAdmin.write

    def late(self: Any, request: Any, instance: Any, form: Any, entry: Any) -> None:
        monkeypatch.undo()
        other: Any = orchards.Tree.objects.get(pk=tree_id)
        other.kilograms = 99
        storage.write(other.save_write())
        write(self, request, instance, form, entry)

    monkeypatch.setattr(orchards.TreeAdmin, "write", late)
    response = save(browser, tree_id, fields | {"label": "Renamed"})
    assert "It is now: 99" in response.content.decode()
    assert orchards.stored(tree_id)["kilograms"] == 99


def test_an_item_without_version_is_guarded_by_its_old_values(browser: Client) -> None:
    key = orchards.orchard()
    storage.write(storage.put("visit", orchards.VisitItem(tree_id=key, day="2026-01-01", remark="Dry")))
    mine: Any = orchards.Visit.objects.get(pk=f"{key}|2026-01-01")
    theirs: Any = orchards.Visit.objects.get(pk=f"{key}|2026-01-01")
    theirs.remark = "Wet"
    storage.write(theirs.save_write())
    mine.remark = "Windy"
    with pytest.raises(storage.ConditionFailedError):
        storage.write(mine.save_write())
    mine.remark, mine.weather = "Dry", "Sun"
    storage.write(mine.save_write())
    row = storage.get_row(orchards.VisitItem, key, "2026-01-01")
    assert row == {"tree_id": key, "day": "2026-01-01", "remark": "Wet", "weather": "Sun"}


def test_an_item_is_added_once(browser: Client) -> None:
    orchard_id = orchards.orchard()
    key = f"new-{orchard_id}"
    response = browser.post(f"{TREES}add/", new_tree(tree_id=key, orchard=orchard_id))
    assert response.status_code == 302
    row = orchards.stored(key)
    assert (row["version"], row["tags"], row["measures"]) == (1, {"old"}, {"height": 3})
    (entry,) = entries(key)
    assert entry["action"] == "add"

    again = browser.post(f"{TREES}add/", new_tree(tree_id=key, orchard=orchard_id, label="Other"))
    assert "already exists" in again.content.decode()
    assert orchards.stored(key)["label"] == "Added"


def test_a_key_of_two_parts_works_throughout(browser: Client) -> None:
    key = orchards.orchard()
    added = browser.post(f"{VISITS}add/", {"tree_id": key, "day": "2026-02-03", "remark": "Frost"})
    assert added.status_code == 302
    again = browser.post(f"{VISITS}add/", {"tree_id": key, "day": "2026-02-03", "remark": "Thaw"})
    assert "already exists" in again.content.decode()
    listed = browser.get(f"{VISITS}?tree_id__exact={key}")
    (visit,) = listed.context["cl"].result_list
    assert visit.pk == f"{key}|2026-02-03"
    address = listed.context["cl"].url_for_result(visit)
    assert browser.get(address).status_code == 200
    assert browser.get(f"{VISITS}nothing/change/").status_code == 302


def test_deleting_asks_first_and_is_audited(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard(), label="Doomed")
    address = f"{TREES}{tree_id}/delete/"
    assert "Doomed" in browser.get(address).content.decode()
    assert orchards.stored(tree_id)

    assert browser.post(address, {"post": "yes"}).status_code == 302

    assert storage.get_row(orchards.TreeItem, tree_id) is None
    assert [entry["action"] for entry in entries(tree_id)] == ["delete"]


def test_what_changed_before_the_deletion_is_not_deleted(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard())
    tree: Any = orchards.Tree.objects.get(pk=tree_id)
    other: Any = orchards.Tree.objects.get(pk=tree_id)
    other.kilograms = 5
    storage.write(other.save_write())
    with pytest.raises(storage.ConditionFailedError):
        storage.write(tree.delete_write())


def test_a_use_case_asks_for_its_reason_runs_and_stands_in_the_history(browser: Client, admin: Actor) -> None:
    tree_id = orchards.tree(orchards.orchard())
    address = f"{TREES}{tree_id}/do/fell/"
    assert address in browser.get(f"{TREES}{tree_id}/change/").content.decode()
    assert browser.get(address).status_code == 200
    assert browser.post(address, {}).status_code == 400

    response = browser.post(address, {"reason": "Rotten"}, follow=True)

    assert "is felled." in response.content.decode()
    assert orchards.stored(tree_id)["state"] == "felled"
    history = browser.get(f"{TREES}{tree_id}/history/").content.decode()
    assert "Rotten" in history
    assert admin.user_id in history
    # What the state does not allow is not offered, and refused.
    assert address not in browser.get(f"{TREES}{tree_id}/change/").content.decode()
    refused = browser.post(address, {"reason": "Again"})
    assert refused.status_code == 400
    assert "felled already" in refused.content.decode()


def test_a_use_case_runs_for_a_selection_and_names_what_was_refused(browser: Client) -> None:
    orchard_id = orchards.orchard()
    standing = [orchards.tree(orchard_id, label=f"Standing {day}", day=day) for day in range(2)]
    felled = orchards.tree(orchard_id, label="Felled", state="felled")
    selection = {"action": "fell", "_selected_action": [*standing, felled]}

    asked = browser.post(TREES, selection)
    assert "Standing 1" in asked.content.decode()
    assert orchards.stored(standing[0])["state"] == "bearing"

    done = browser.post(TREES, {**selection, "confirmed": "yes", "reason": "Road"}, follow=True).content.decode()

    assert {orchards.stored(tree_id)["state"] for tree_id in standing} == {"felled"}
    assert "Fell: done for 2." in done
    assert "Felled: This tree is felled already." in done


def test_the_index_shows_what_the_admin_did(browser: Client) -> None:
    tree_id = orchards.tree(orchards.orchard())
    save(browser, tree_id, change(browser, tree_id) | {"kilograms": "12"})
    assert f"marketplace.tree#{tree_id}" in browser.get("/admin/").content.decode()
