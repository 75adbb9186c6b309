"""What the web function loads at a cold start is what requests need."""

import subprocess
import sys

from marketplace.settings.env import BASE_DIR

# They send emails, draw documents or make pictures: work of the events function.
HEAVY = {"PIL", "boto3", "celery", "css_inline", "django_ses", "icalendar", "reportlab"}


# What other addresses need: pages, the API of the last app, the admin.
VIEWS = {"pages.booking.book", "pages.discover.views", "notifications.api", "marketplace.admin.urls"}


def loaded(modules: set[str], *, then: str = "pass", **environment: str) -> set[str]:
    """Those of the modules that are loaded once the site is, and that code was run, in a process of its own."""
    code = (
        f"import sys, django; django.setup(); import marketplace.urls, marketplace.wsgi; {then};"
        f"print(*sorted({modules!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        # The application makes its connection to DynamoDB as it loads.
        env={
            "DJANGO_SETTINGS_MODULE": "marketplace.settings.test",
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "embedded-cloud",
            "PATH": "",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_requests_load_no_library_that_only_events_need() -> None:
    assert loaded(HEAVY) == set()


def test_a_server_loads_all_views_before_the_first_request() -> None:
    assert loaded(VIEWS) == VIEWS


def test_a_function_loads_views_when_their_address_is_asked_for() -> None:
    assert loaded(VIEWS, AWS_LAMBDA_FUNCTION_NAME="site") == set()


def test_whoever_names_a_page_in_a_function_does_not_load_the_admin() -> None:
    naming = "from django.urls import reverse; reverse('home'); reverse('accounts:sign-in')"
    assert loaded(VIEWS, then=naming, AWS_LAMBDA_FUNCTION_NAME="site") == VIEWS - {"marketplace.admin.urls"}
