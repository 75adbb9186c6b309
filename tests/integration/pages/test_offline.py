"""What is there when the site is not: the page that browsers keep, and the page while it is closed."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture
def closed(settings: Settings) -> Settings:
    settings.MAINTENANCE = True
    settings.MAINTENANCE_RETRY_SECONDS = 120
    return settings


# --- Without a network -----------------------------------------------------------------------------------------------


def test_the_page_for_no_network_is_the_same_for_everybody_and_loads_nothing() -> None:
    pages = [Client().get("/offline", headers={"Accept-Language": language}) for language in ("en", "fr")]

    page = pages[0].content.decode()
    assert pages[0].content == pages[1].content
    assert "You are offline" in page
    assert "Vous êtes hors ligne" in page
    assert not re.search(r"<(script|link|img)\b", page)
    assert "Set-Cookie" not in pages[0].headers


def test_its_policy_allows_its_own_style_alone() -> None:
    response = Client().get("/offline")
    style = re.search(r"<style>(.*?)</style>", response.content.decode(), re.DOTALL)
    assert style is not None

    digest = b64encode(sha256(style[1].encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}'" in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_the_worker_keeps_that_page_and_nothing_else() -> None:
    response = Client().get("/service-worker.js")
    script = response.content.decode()

    assert response.headers["Content-Type"].startswith("text/javascript")
    assert 'const PAGE = "/offline"' in script
    assert script.count("cache.add") == 1
    assert "cache.put" not in script


# --- Closed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/search", "/bookings", "/account/sign-in", "/admin/", "/nowhere"])
def test_every_page_says_that_the_site_is_closed(closed: Settings, path: str, dynamodb_calls: list[str]) -> None:
    dynamodb_calls.clear()
    response = Client().get(path, headers={"Accept-Language": "fr"})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "120")
    assert "Nous revenons bientôt" in response.content.decode()
    assert '<html lang="fr">' in response.content.decode()
    assert dynamodb_calls == []


@pytest.mark.parametrize(
    ("method", "referrer", "again"),
    [
        ("get", "", "/bookings/b/status?x=1"),
        ("post", "http://testserver/bookings/b?x=2", "/bookings/b?x=2"),
        ("post", "", "/"),
        ("post", "https://evil.example/", "/"),
    ],
)
def test_whoever_sent_a_form_tries_again_from_its_page(
    closed: Settings, method: str, referrer: str, again: str
) -> None:
    answer = getattr(Client(), method)("/bookings/b/status?x=1", headers={"Referer": referrer})
    assert f'<a class="button" href="{again}">' in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_programs_are_told_as_programs_are(closed: Settings, method: str) -> None:
    response = getattr(Client(), method)("/api/v1/bookings")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "120")
    assert response.json()["code"] == "maintenance"


def test_a_part_of_a_page_is_told_on_top_of_it(closed: Settings) -> None:
    response = Client().get("/search", headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["HX-Retarget"]) == (503, "#notices")


@pytest.mark.parametrize("path", ["/health", "/api/v1/health", "/offline", "/service-worker.js"])
def test_health_answers_all_the_same(closed: Settings, path: str) -> None:
    assert Client().get(path).status_code == 200
