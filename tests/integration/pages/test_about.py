"""The start page, documentation and error pages: reachable, self-contained, honest."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from catalog.services import suspend_provider
from kernel import storage
from kernel.clock import now
from kernel.web.problems import PROBLEM_TYPES
from pages.about import views
from reviews.latest import keep_latest
from reviews.models import LatestReviewsItem
from reviews.queries import LATEST_KEY
from tests.factories.accounts import make_admin
from tests.factories.bookings import make_scene
from tests.factories.reviews import completed_booking, review

PAGES = ["/", "/problems", "/problems/conflict", "/api/v1/docs"]
BROWSABLE = ["/api/v1/health", "/api/v1/nowhere"]
LINK = re.compile(rb'(?:href|src|data-document)="([^"#]+)"')


def get(path: str, **headers: str) -> tuple[int, bytes]:
    response = Client().get(path, headers={"Accept": "text/html,*/*;q=0.8", **headers})
    return response.status_code, response.content


def linked_from(path: str) -> Iterator[str]:
    _, content = get(path)
    yield from {link.decode() for link in LINK.findall(content)}


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_the_site(path: str, settings: Settings) -> None:
    settings.SITE_NAME = "Threshold & Co"

    status, content = get(path)

    assert status == 200
    assert b"Threshold &amp; Co" in content


@pytest.mark.parametrize("path", [*PAGES, *BROWSABLE])
def test_pages_load_nothing_from_elsewhere(path: str) -> None:
    _, content = get(path)

    loaded = re.findall(rb"<(?:script|link(?! rel=\"canonical\")|img|iframe)[^>]*(?:href|src)=\"([^\"]+)\"", content)

    assert loaded
    assert all(address.startswith(b"/static/") for address in loaded)
    assert all(finders.find(address.decode().removeprefix("/static/")) for address in loaded)


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_every_link_leads_somewhere(path: str) -> None:
    links = [link for link in linked_from(path) if not link.startswith("/static/")]

    assert links
    for link in links:
        assert get(link)[0] == 200, link


@pytest.mark.parametrize("code", PROBLEM_TYPES)
def test_every_kind_of_problem_has_a_page(code: str) -> None:
    status, content = get(PROBLEM_TYPES[code].uri)

    assert status == 200
    assert PROBLEM_TYPES[code].title.encode() in content
    assert reverse("problem", args=[code]).encode() in get("/problems")[1]


@pytest.mark.parametrize("code", PROBLEM_TYPES)
def test_problems_are_explained_in_the_reader_s_language(code: str) -> None:
    kind = PROBLEM_TYPES[code]
    with translation.override("fr"):
        title, remedy = translation.gettext(kind.title), translation.gettext(kind.remedy)
    assert title != kind.title
    assert remedy != kind.remedy

    one, every = (unescape(get(path, **{"Accept-Language": "fr"})[1].decode()) for path in (kind.uri, "/problems"))

    assert title in one
    assert title in every
    assert remedy in one
    assert "Tous les problèmes" in one
    assert "document de problème" in every


@pytest.mark.parametrize("path", ["/nowhere", "/problems/nothing", "/apiary"])
def test_an_unknown_page_is_a_page_too(path: str) -> None:
    status, content = get(path)

    assert status == 404
    assert b"There is nothing at this address" in content


def test_a_failing_page_says_so_without_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(views.Home, "context", fail)

    response = Client(raise_request_exception=False).get("/")

    assert response.status_code == 500
    assert b"This is our fault" in response.content
    assert b"secret" not in response.content


def test_of_a_form_that_is_too_old_the_account_is_not_to_blame() -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/sign-in")

    assert answer.status_code == 403
    page = answer.content.decode()
    assert "This form is too old" in page
    assert "That did not work" in page
    assert "not for this account" not in page


def test_a_wrong_host_is_refused() -> None:
    status, content = get("/", Host="evil.example")

    assert status == 400
    assert b"evil" not in content


@pytest.mark.parametrize(("method", "path"), [("get", "/account/sign-out"), ("get", "/language"), ("put", "/")])
def test_whoever_asks_in_a_way_that_an_address_does_not_take_sees_a_page(method: str, path: str) -> None:
    answer = getattr(Client(headers={"Accept-Language": "fr"}), method)(path)

    assert answer.status_code == 405
    assert answer.headers["Allow"]
    assert "Cela n’a pas fonctionné" in answer.content.decode()


@pytest.mark.parametrize("path", ["/nowhere", "/account/sign-out"])
def test_an_error_s_title_is_its_heading_in_the_reader_s_language(path: str) -> None:
    page = Client(headers={"Accept-Language": "fr"}).get(path).content.decode()
    (title,), (heading,) = re.findall(r"<title>(.*?)·", page, re.DOTALL), re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL)

    assert title.strip() == heading.strip()
    assert title.strip() in ("Il n’y a rien à cette adresse", "Cela n’a pas fonctionné")


@pytest.mark.parametrize("path", PAGES[:3])
def test_pages_are_read_only(path: str) -> None:
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200


def test_a_stranger_chooses_a_language_and_stays_where_they_are() -> None:
    client = Client(headers={"Accept-Language": "en"})

    response = client.post("/language", {"language": "fr", "next": "/problems"})

    assert response.headers["Location"] == "/problems"
    # It is remembered when the browser was closed.
    assert response.cookies["django_language"]["max-age"] > 30 * 24 * 3600
    assert client.get("/").headers["Content-Language"] == "fr"


def test_filters_that_were_changed_in_place_stay_in_another_language() -> None:
    def chosen(referrer: str) -> str:
        sent = {"language": "fr", "next": "/search?place=Springfield"}
        return str(Client().post("/language", sent, headers={"Referer": referrer}).headers["Location"])

    # The page was loaded without the order that was chosen on it since.
    assert chosen("http://testserver/search?place=Springfield&sort=price") == "/search?place=Springfield&sort=price"
    for other in ("http://testserver/bookings", "https://evil.example/search?sort=price", "http://["):
        assert chosen(other) == "/search?place=Springfield"


def test_a_language_that_is_not_spoken_is_refused() -> None:
    assert Client().post("/language", {"language": "xx"}).status_code == 404


def test_choosing_a_language_leads_to_no_other_site() -> None:
    response = Client().post("/language", {"language": "fr", "next": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_the_start_page_names_whom_its_reviews_are_about() -> None:
    storage.write(storage.delete("latest", LatestReviewsItem, LATEST_KEY))
    scene = make_scene(name="Elm & Sons Plumbing", city="Springfield")
    for hour in (1, 3):
        booking = completed_booking(scene, hour=hour)
        review(scene, booking, rating=5, comment="On time, tidy, fair, and it has not dripped since.")
        keep_latest(review_id=booking.booking_id)

    page = get("/")[1].decode()

    assert page.count("Elm &amp; Sons Plumbing") == 1
    assert f'href="/providers/{scene.provider_id}"' in page

    suspend_provider(actor=make_admin(), provider_id=scene.provider_id, reason="Complaints", now=now())
    assert "Elm &amp; Sons Plumbing" not in get("/")[1].decode()
