"""What the web function loads at a cold start is what requests need."""

import subprocess
import sys

from marketplace.settings.env import BASE_DIR

# They send emails or draw documents: work of the events function.
HEAVY = {"boto3", "celery", "css_inline", "django_ses", "icalendar", "reportlab"}


def test_requests_load_no_library_that_only_events_need() -> None:
    code = (
        "import sys, django; django.setup(); import marketplace.urls, marketplace.wsgi; "
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
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
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
