"""What every response says to browsers, and that the settings of a deployed stage leave nothing open."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.services import ensure_account
from kernel.actors import Role
from kernel.clock import now
from marketplace.settings.env import BASE_DIR

# Emails are read elsewhere: none of these headers comes with them.
# The page for no network has a policy of its own, which names its style.
TEMPLATES = sorted(
    set((BASE_DIR / "templates").rglob("*.html"))
    - set((BASE_DIR / "templates/email").rglob("*.html"))
    - {BASE_DIR / "templates/pages/about/offline.html"}
)
ADDRESSES = [
    "/",
    "/account/sign-in",
    "/health",
    "/api/v1/categories",
    "/api/v1/bookings",
    "/api/v1/notifications/bell",
    "/notifications/unsubscribe/nothing",
    "/inbox",
    "/api/v1/nothing",
    "/nothing",
]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
    "STAGE": "production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "example.org",
    "SITE_URL": "https://example.org",
    "EMAIL_FROM_ADDRESS": "no-reply@example.org",
    "EMAIL_CONFIGURATION_SET": "emails",
    "COGNITO_USER_POOL_ID": "us-east-1_pool",
    "COGNITO_CLIENT_ID": "client",
    "COGNITO_CLIENT_SECRET": "secret",
    "MEDIA_BUCKET_NAME": "media",
    "COGNITO_API_CLIENT_ID": "api-client",
    "BOOKING_EVENTS_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:booking-events.fifo",
    "TASKS_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:tasks",
    "DOCUMENTS_BUCKET_NAME": "documents",
    "TRUSTED_PROXY_HOPS": "2",
}


def in_production(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


SERVER = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings.server",
    "NOTIFICATIONS_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:notifications.fifo",
    "STREAM_FAILURES_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:stream-failures",
    "EMAIL_FEEDBACK_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:email-feedback",
}


@pytest.mark.parametrize("environment", [{}, SERVER], ids=["functions", "server"])
def test_the_settings_of_a_deployed_stage_pass_djangos_checks(environment: dict[str, str]) -> None:
    done = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_deployed_stage_has_cookies_for_https_and_this_host_alone() -> None:
    program = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE);"
        "print(s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_SAMESITE, s.SESSION_COOKIE_DOMAIN, s.DEBUG)"
    )
    done = in_production("-c", program)
    assert done.stdout.split() == [
        "__Host-session",
        "True",
        "True",
        "Lax",
        "__Host-csrf",
        "True",
        "Lax",
        "None",
        "False",
    ]


@pytest.mark.parametrize(("environment", "shown"), [({}, "False"), ({"DEBUG": "1"}, "True")])
def test_a_laptop_shows_djangos_debug_pages_to_whoever_asks_for_them(
    environment: dict[str, str], shown: str, tmp_path: Path
) -> None:
    done = in_production(
        "-c",
        "from django.conf import settings; print(settings.DEBUG)",
        DJANGO_SETTINGS_MODULE="marketplace.settings.local",
        DATA_DIR=str(tmp_path),
        **environment,
    )
    assert done.stdout.strip() == shown, done.stderr


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"DJANGO_SETTINGS_MODULE"}))
def test_a_deployed_stage_does_not_start_without(missing: str) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_response_keeps_browsers_from_harm(address: str) -> None:
    headers = Client().get(address, secure=True).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert "Server" not in headers


@pytest.mark.usefixtures("cloud")
def test_swagger_ui_may_have_styles_but_no_scripts_inside() -> None:
    policy = Client().get("/api/v1/docs", headers={"accept": "text/html"}).headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_no_template_has_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "a script inside of the page"
    assert not re.search(r"<style\b|\sstyle=", text), "a style inside of the page"
    assert not re.search(r"\son\w+=", text), "a script in an attribute"
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), "something from elsewhere"


@pytest.mark.parametrize(
    "host", ["example.org", "testserver.example.org", "127.0.0.1.nip.io", "a b", "testserver:x", "[::1"]
)
@pytest.mark.parametrize("address", ["/", "/account/sign-in", "/api/v1/categories"])
def test_other_hosts_are_refused(address: str, host: str) -> None:
    assert Client().get(address, headers={"host": host}).status_code == 400


def test_a_forwarded_host_is_not_believed() -> None:
    response = Client().get("/account/profile", headers={"x-forwarded-host": "example.org"})
    # Believed, it would be no host of ours: 400.
    assert response.status_code == 302
    assert "example.org" not in str(response.headers)


@pytest.mark.usefixtures("cloud")
def test_the_session_cookie_is_for_the_server_alone() -> None:
    email = f"{os.urandom(8).hex()}@example.com"
    ensure_account(email=email, password="Copper-Kettle-41", name="Ada", role=Role.CUSTOMER, now=now())
    response = Client().post("/account/sign-in", {"email": email, "password": "Copper-Kettle-41"})
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
