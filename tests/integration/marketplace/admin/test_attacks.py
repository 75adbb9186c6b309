"""What is sent by hand to the admin: hostile keys, filters and cursors, other methods, forged forms."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.utils import quote as quote_key
from django.test import Client

from accounts.models import UserItem
from kernel import storage
from kernel.actors import STAFF, Role
from kernel.dynamo_admin.audit import AuditItem
from reviews.queries import find_review
from tests.factories.bookings import make_scene
from tests.factories.browsers import forms_of
from tests.factories.reviews import completed_booking, review
from tests.integration.marketplace.admin.conftest import SignedIn

HOSTILE_KEYS = (
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    "../../etc/passwd",
    "a|b|c",
    "|",
    "%",
    "_5F",
    "\u202egnp.exe",
    "💥" * 30,
    "\x00",
    "k" * 2048,
    "k" * 2049,
    "r|" + "k" * 1025,
    "{{7*7}}",
    "catalog.provider#x|y",
)
HOSTILE_QUERIES = (
    "p=forged",
    "p=eyJhIjoxfQ:1abc:forged",
    "o=1.2.3",
    "o=-99",
    "o=x",
    "e=1",
    "all=1",
    "q=" + "k" * 3000,
    "q=%00",
    "q=%ff%fe",
    "q='%20OR%201=1",
    "_to_field=password",
    "_popup=1",
    "_facets=1",
    "pk__in=a,b",
    "pk__exact=" + "k" * 3000,
    "nothing__exact=1",
    "provider__name__icontains=x",
    "created_at__year=99999",
    "created_at__year=0",
    "created_at__year=9999&created_at__month=12",
    "created_at__year=9999&created_at__month=12&created_at__day=31",
    "created_at__year=2026&created_at__month=13",
    "created_at__year=2026&created_at__month=2&created_at__day=31",
    "created_at__gte=0001-01-01",
    "created_at__gte=9999-12-31T23:59:59Z",
    "created_at__range=a",
    "created_at__gte=x",
    "status__exact=%00",
    "status__in=" + ",".join(map(str, range(40))),
    "status__icontains=x",
    "status__regex=(a%2B)%2B%24",
    "provider_id__exact=" + "k" * 3000,
    "provider_id__exact=%00",
    "provider_id__gt=a",
    "recipient_id__exact=" + "k" * 3000,
    "entry_id__range=abc",
    "version__exact=many",
    "name__startswith=x",
)
# A page, a refusal, or a way back; never a fault.
HARMLESS = {200, 302, 400, 403, 404}


def registered() -> Iterator[str]:
    # The admin is loaded when it is asked for.
    from marketplace.admin.site import site

    for model in site._registry:
        yield f"/admin/{model._meta.label_lower.replace('.', '/')}/"


MODELS = list(registered())


def share(attacks: Sequence[str], base: str, *, is_torture: bool) -> Sequence[str]:
    """Those that this model is attacked with: together, the models get all of them; in torture, each does."""
    return attacks if is_torture else attacks[MODELS.index(base) :: len(MODELS)]


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in(Role.ADMIN)


@pytest.mark.parametrize("base", MODELS)
def test_no_key_is_a_fault_or_a_way_elsewhere(admin: Client, base: str, is_torture: bool) -> None:
    for key in share(HOSTILE_KEYS, base, is_torture=is_torture):
        for spelled in {quote(key, safe=""), quote(quote_key(key), safe="")}:
            for end in ("/change/", "/history/", "/delete/", "/", "/do/copy/", "/do/nothing/"):
                response = admin.get(f"{base}{spelled}{end}")
                assert response.status_code in HARMLESS, (key, end)
                assert "<script>alert" not in response.content.decode()
                assert response.headers.get("Location", "/admin/").startswith("/admin/"), (key, end)


@pytest.mark.parametrize("base", MODELS)
def test_no_filter_order_or_cursor_is_a_fault(
    admin: Client, base: str, dynamodb_calls: list[str], is_torture: bool
) -> None:
    for query in share(HOSTILE_QUERIES, base, is_torture=is_torture):
        for end in ("", "export/"):
            dynamodb_calls.clear()
            response: Any = admin.get(f"{base}{end}?{query}")
            assert response.status_code in HARMLESS, (query, end)
            if response.streaming:
                response.getvalue()
            else:
                assert len(dynamodb_calls) <= 12, (query, end, dynamodb_calls)


def test_no_other_method_reaches_a_view(admin: Client) -> None:
    for address in ("/admin/", "/admin/dead-letters/", *MODELS):
        for method in (admin.put, admin.patch, admin.delete, admin.options, admin.trace):
            assert method(address).status_code == 405, address
        for path in ("export/", "nothing/history/"):
            if address.count("/") > 3:
                assert admin.post(f"{address}{path}").status_code == 405, address


def test_what_no_page_of_ours_sent_is_refused(admin: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    scene = make_scene()
    for address in (
        "/admin/dead-letters/",
        "/admin/reviews/review/",
        "/admin/notifications/suppression/add/",
        f"/admin/catalog/provider/{scene.provider_id}/change/",
        f"/admin/catalog/provider/{scene.provider_id}/do/suspend/",
        f"/admin/accounts/person/{scene.customer.user_id}/do/erase/",
    ):
        assert strict.post(address, {"reason": "Forged", "name": "Forged"}).status_code == 403, address


def test_an_action_for_all_that_is_found_is_one_for_what_was_chosen(admin: Client) -> None:
    scene = make_scene()
    chosen, other = (review(scene, completed_booking(scene, hour=hour)).answer["id"] for hour in (9, 12))
    address = f"/admin/reviews/review/?provider_id__exact={scene.provider_id}"
    sent = {"action": "hide", "select_across": "1", "index": "0", "confirmed": "yes", "reason": "All of them"}
    assert admin.post(address, {**sent, "_selected_action": chosen}).status_code == 302
    hidden = [found.is_hidden for each in (chosen, other) if (found := find_review(each))]
    assert hidden == [True, False]

    gone = admin.post(address, {**sent, "_selected_action": "nothing"}, follow=True)
    assert "What you chose is not there any more." in gone.content.decode()


@pytest.mark.parametrize("action", ["hide", "dismiss", "delete_selected", "suspend", "__class__"])
@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
def test_an_action_that_is_not_offered_is_not_run(signed_in: SignedIn, role: Role, action: str) -> None:
    client = signed_in(role)
    for name in ("reviews/review", "reviews/report", "catalog/provider"):
        sent = {"action": action, "_selected_action": "nothing", "confirmed": "yes", "reason": "Smuggled"}
        response = client.post(f"/admin/{name}/", sent)
        assert response.status_code in {200, 302}
        assert list(storage.all_rows(AuditItem, f"{name.replace('/', '.')}#nothing")) == []


def test_a_field_that_is_not_offered_is_not_saved(admin: Client) -> None:
    scene = make_scene()
    address = f"/admin/catalog/provider/{scene.provider_id}/change/"
    fields = next(form.fields for form in forms_of(admin.get(address)) if "name" in form.fields)
    smuggled = {"suspended_at_0": "2026-01-01", "verified_at_0": "2026-01-01", "owner": "somebody", "version": "9"}
    assert admin.post(address, fields | smuggled | {"name": "Renamed"}).status_code == 302
    (entry,) = storage.all_rows(AuditItem, f"catalog.provider#{scene.provider_id}")
    assert entry["changes"].keys() <= {"name", "accepting_bookings"}


@pytest.mark.parametrize("role", sorted(STAFF))
def test_nothing_is_left_of_the_admin_for_who_has_lost_the_role(signed_in: SignedIn, role: Role) -> None:
    client = signed_in(role)
    own = client.session["_auth_user_id"]
    scene = make_scene()
    assert client.get("/admin/").status_code == 200
    storage.write(storage.update("user", UserItem, own, actions=[UserItem.user_type.set("customer")]))
    for address in ("/admin/", *MODELS, f"/admin/catalog/provider/{scene.provider_id}/history/"):
        assert client.get(address).status_code == 302, address
    sent = client.post(f"/admin/accounts/person/{scene.customer.user_id}/do/close/", {"reason": "One last time"})
    assert sent.headers["Location"].startswith("/admin/login/")
    assert list(storage.all_rows(AuditItem, f"accounts.person#{scene.customer.user_id}")) == []


def test_an_order_for_a_message_that_cannot_be_is_refused(admin: Client) -> None:
    before = len(list(storage.all_rows(AuditItem, "marketplace.dead-letters#events")))
    for sent in (
        {"queue": "elsewhere", "action": "drop", "messages": "1"},
        {"queue": "events", "action": "purge", "messages": "1"},
        {"queue": "events", "action": "drop", "messages": "m" * 5000},
        {"queue": "events", "action": "drop"},
    ):
        assert admin.post("/admin/dead-letters/", {"reason": "Forged", **sent}).status_code == 400, sent
    assert len(list(storage.all_rows(AuditItem, "marketplace.dead-letters#events"))) == before
