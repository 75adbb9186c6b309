"""The edge before a stage's API and its static files, on the embedded cloud."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from kernel.aws import client
from kernel.web.client_address import client_address
from marketplace.operations.deploy import edge
from marketplace.operations.deploy.edge import deploy_edge, domain_standing
from marketplace.operations.deploy.integrators import add_integrator
from marketplace.operations.deploy.site import Site
from marketplace.operations.deploy.stacks import deploy_api, remove_stacks
from marketplace.operations.provisioning import (
    API,
    CERTIFICATE,
    EDGE,
    find_stack,
    outputs_so_far,
    parameters_so_far,
    provision,
)

SECRET = "what-only-the-edge-knows-0123456789abcdef"


def deployed(said: list[str] | None = None) -> str:
    """The host name of the edge, which is deployed."""
    report = [] if said is None else said
    return deploy_edge(
        settings.STAGE,
        api_domain_name=deploy_api(settings.STAGE, report=lambda line: None),
        bucket=provision(settings.STAGE)["STATIC_BUCKET_NAME"],
        front_secret=SECRET,
        report=report.append,
    )


@pytest.fixture(scope="module")
def site(lasting_web: str) -> Iterator[Site]:
    """A site whose function says what it was asked, and that has one static file."""
    client("s3").put_object(
        Bucket=provision(settings.STAGE)["STATIC_BUCKET_NAME"],
        Key="static/site.0a1b.css",
        Body=b"body{margin:0}",
        ContentType="text/css",
        CacheControl="public, max-age=31536000, immutable",
    )
    yield Site(f"https://{deployed()}")
    remove_stacks(settings.STAGE, report=lambda line: None)


def asked(site: Site, method: str, path: str, **options: Any) -> dict[str, Any]:
    """What the function was asked."""
    answer = site.request(method, path, **options)
    assert answer.status == 200
    seen: dict[str, Any] = answer.json()
    return seen


def test_everything_but_files_is_asked_of_the_function_as_it_was_sent(site: Site) -> None:
    seen = asked(
        site,
        "POST",
        "/api/v1/bookings?after=1&after=2",
        body=b'{"a": 1}',
        headers={"Cookie": "__Host-session=s", "Authorization": "Bearer t", "Content-Type": "application/json"},
    )
    assert (seen["httpMethod"], seen["path"]) == ("POST", "/api/v1/bookings")
    assert seen["multiValueQueryStringParameters"] == {"after": ["1", "2"]}
    assert seen["headers"]["cookie"] == ["__Host-session=s"]
    assert seen["headers"]["authorization"] == ["Bearer t"]


def test_the_function_learns_that_it_was_the_edge_that_asked(site: Site) -> None:
    seen = asked(site, "GET", "/", headers={"X-Front-Secret": "guessed", "X-Forwarded-Proto": "https"})
    assert seen["headers"]["x-front-secret"] == [SECRET]
    assert seen["headers"]["x-forwarded-proto"] == ["https"]


def test_who_invents_an_address_is_known_by_the_true_one(site: Site, settings: Settings) -> None:
    settings.TRUSTED_PROXY_HOPS, settings.FRONT_SECRET = 2, SECRET
    seen = asked(site, "GET", "/", headers={"X-Forwarded-For": "203.0.113.9"})
    (forwarded,) = seen["headers"]["x-forwarded-for"]
    assert forwarded.startswith("203.0.113.9, ")
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": forwarded, "X-Front-Secret": seen["headers"]["x-front-secret"][0]}
    )
    assert client_address(request) == "127.0.0.1"


def test_answers_come_back_whole(site: Site) -> None:
    answer = site.request("GET", "/")
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # API Gateway decodes what is binary for who says what it accepts, as every browser does.
    assert site.request("GET", "/picture").data == b"\x89PNG"


def test_files_come_from_the_bucket_and_are_kept(site: Site) -> None:
    answer = site.request("GET", "/static/site.0a1b.css", headers={"Cookie": "__Host-session=s"})
    assert (answer.status, answer.data) == (200, b"body{margin:0}")
    assert answer.headers["Content-Type"] == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Set-Cookie" not in answer.headers


def test_files_are_not_written_to(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert site.request(method, "/static/site.0a1b.css").status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/bookings/1/x.css",
        "/account.css",
        "/account/static/x.css",
        "/account;x.css",
        "/account%2fx.css",
        "/x.js?static/",
    ],
)
def test_a_page_under_the_name_of_a_file_is_still_a_page(site: Site, path: str) -> None:
    assert site.request("GET", path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["/static/../account", "/static/%2e%2e/account", "/static/..%2faccount", "/static/x.css/../../account", "/static/"],
)
def test_what_looks_like_a_file_is_never_a_page(site: Site, path: str) -> None:
    answer = site.request("GET", path)
    # The bucket has no such file. Who makes the path shorter before asks for the page itself, which nobody keeps.
    assert answer.status == 403 or (answer.headers["Cache-Control"], answer.json()["path"]) == ("no-store", "/account")


def test_what_is_asked_in_the_clear_is_led_to_https(site: Site) -> None:
    answer = site.request("GET", "/static/site.0a1b.css", headers={"X-Forwarded-Proto": "http"})
    assert answer.status == 301
    assert answer.headers["Location"].startswith("https://")


def test_repeating_it_changes_nothing(site: Site) -> None:
    said: list[str] = []
    deployed(said)
    assert said == ["test-marketplace-edge: up to date"]


def test_the_secret_is_in_no_description_of_the_stack(site: Site) -> None:
    assert SECRET not in str(client("cloudformation").describe_stacks(StackName="test-marketplace-edge"))


# --- Integrators -----------------------------------------------------------------------------------------------------


def test_an_integrator_has_a_key_until_it_is_revoked(site: Site) -> None:
    path, out = "/integrators/api/v1/services", StringIO()
    assert site.request("GET", path).status == 403
    call_command("integrators", "--add", "acme", stdout=out)
    key = out.getvalue().splitlines()[0].removeprefix("acme: x-api-key: ")

    assert asked(site, "GET", path, headers={"x-api-key": key})["path"] == path
    assert site.request("GET", path, headers={"x-api-key": f"{key}0"}).status == 403
    call_command("integrators", stdout=out)
    assert out.getvalue().splitlines()[-1].startswith("acme: since ")
    with pytest.raises(CommandError, match="acme has a key already"):
        call_command("integrators", "--add", "acme")

    call_command("integrators", "--revoke", "acme", stdout=out)
    assert site.request("GET", path, headers={"x-api-key": key}).status == 403
    with pytest.raises(CommandError, match="acme has no key"):
        call_command("integrators", "--revoke", "acme")


def test_a_key_has_a_rate_and_a_daily_quota_of_its_own(site: Site) -> None:
    plan = client("apigateway").get_usage_plan(usagePlanId=outputs_so_far(API, settings.STAGE)["INTEGRATORS_PLAN_ID"])
    assert plan["throttle"] == {"rateLimit": 20.0, "burstLimit": 40}
    assert (plan["quota"]["limit"], plan["quota"]["period"]) == (100_000, "DAY")


# --- A name of its own -----------------------------------------------------------------------------------------------


def test_a_name_without_its_record_holds_nothing_up(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SITE_URL = "https://lintel.example"
    monkeypatch.setattr(edge, "_PATIENCE_SECONDS", 0)
    # The embedded cloud's authority issues at once.
    monkeypatch.setattr(edge, "_is_in_progress", lambda template, stage: True)
    monkeypatch.setattr(edge, "_records_that_prove", lambda domain: [("_a.lintel.example.", "_b.acm-validations.aws.")])
    said: list[str] = []
    assert deployed(said).endswith(".cloudfront.net")
    assert "_a.lintel.example. CNAME _b.acm-validations.aws." in said[0]
    assert "has the address that it has" in said[1]


def test_a_site_with_a_name_answers_to_it_and_says_how_it_stands(
    lasting_web: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SITE_URL = "https://lintel.example"
    said: list[str] = []
    try:
        assert deployed(said) == "lintel.example"
        parameters = parameters_so_far(EDGE, settings.STAGE)
        assert parameters["CertificateArn"].startswith("arn:aws:acm:us-east-1:")
        assert "the DNS of lintel.example must lead to the edge: CNAME " in said[-1]

        name = outputs_so_far(EDGE, settings.STAGE)["EDGE_DOMAIN_NAME"]
        book: dict[str, set[str]] = {name: {"192.0.2.2", "192.0.2.3"}}
        monkeypatch.setattr(edge, "_addresses", lambda name: book.get(name, set()))
        certificate, dns = domain_standing(settings.STAGE)
        assert certificate.startswith("certificate: lintel.example: ISSUED, until 20")
        assert dns == f"! DNS: lintel.example is not known: CNAME {name} (or an ALIAS, where no CNAME may be)"
        book["lintel.example"] = {"203.0.113.9"}
        assert list(domain_standing(settings.STAGE))[1].startswith("! DNS: lintel.example leads elsewhere: CNAME ")
        book["lintel.example"] = {"192.0.2.1", "192.0.2.2"}
        assert list(domain_standing(settings.STAGE))[1] == "DNS: lintel.example leads to the edge"

        monkeypatch.setattr(edge, "_RENEWED_BEFORE", timedelta(days=4000))
        first, second, _ = domain_standing(settings.STAGE)
        assert first.startswith("! certificate: lintel.example: ISSUED, until ")
        assert "is the record that proves the name still in the DNS?" in second

        # A certificate that is not issued yet.
        monkeypatch.setattr(edge, "outputs_so_far", lambda template, stage: {})
        proof = [("_a.lintel.example.", "_b.acm-validations.aws.")]
        monkeypatch.setattr(edge, "_records_that_prove", lambda domain: proof)
        (line,) = domain_standing(settings.STAGE)
        assert "waits until the DNS has _a.lintel.example. CNAME _b.acm-validations.aws." in line
    finally:
        monkeypatch.undo()
        remove_stacks(settings.STAGE, report=lambda line: None)
    assert find_stack(CERTIFICATE, settings.STAGE) is None
    assert list(domain_standing(settings.STAGE)) == ["domain: none; the site has the edge's own name"]


def test_keys_end_with_the_api(lasting_web: str) -> None:
    deploy_api(settings.STAGE, report=lambda line: None)
    add_integrator(settings.STAGE, "acme")
    remove_stacks(settings.STAGE, report=lambda line: None)
    assert not client("apigateway").get_api_keys()["items"]
    with pytest.raises(CommandError, match="has no API that takes keys: deploy it"):
        call_command("integrators")


def test_a_firewall_stands_before_the_site_if_it_is_wanted(lasting_web: str, settings: Settings) -> None:
    settings.WITH_FIREWALL = True
    try:
        assert deployed().endswith(".cloudfront.net")
        assert "/webacl/lintel-test/" in parameters_so_far(EDGE, settings.STAGE)["FirewallArn"]
    finally:
        remove_stacks(settings.STAGE, report=lambda line: None)
