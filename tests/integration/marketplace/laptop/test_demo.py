"""`manage.py demo` on a stage of its own: what is stored is consistent, also after an interrupted load, and stays."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from accounts.models import UserItem
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem, InvoiceNumbersItem
from catalog.models import OwnTimesItem, ProviderItem, ServiceItem, SlotClaimsItem
from kernel.aws import client
from kernel.storage import Item, Row
from marketplace.laptop.demo.loading import DemoMarkerItem
from marketplace.settings.env import BASE_DIR
from reviews.models import ReviewItem
from tests.invariants import assert_market_is_consistent

TABLES: tuple[type[Item], ...] = (
    UserItem,
    ProviderItem,
    ServiceItem,
    BookingItem,
    BookingDetailsItem,
    InvoiceItem,
    InvoiceNumbersItem,
    OwnTimesItem,
    ReviewItem,
    SlotClaimsItem,
)

Environment = Mapping[str, str]


def manage(*arguments: str, environment: Environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture(scope="module")
def environment(cloud: str, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A laptop's settings on the test run's cloud, where the stage `local` has tables of its own."""
    data_dir = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment |= {"AWS_ENDPOINT_URL": cloud, "DATA_DIR": str(data_dir)}
    provisioned = manage("provision", "--write-env", str(data_dir / "stack.env"), environment=environment)
    assert provisioned.returncode == 0, provisioned.stderr
    return environment


@pytest.fixture(scope="module")
def interrupted(environment: Environment) -> Environment:
    """The same, after a load that was killed when it had come as far as the providers."""
    loading = subprocess.Popen(
        [sys.executable, "manage.py", "demo"], cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert loading.stdout is not None
    for line in loading.stdout:
        if "providers-table" in line:
            break
    loading.send_signal(signal.SIGKILL)
    loading.communicate(timeout=30)
    assert "completed_at" not in stored(DemoMarkerItem)[0]
    assert len(stored(ReviewItem)) == 0
    return environment


def stored(table: type[Item]) -> list[Row]:
    """All rows of the stage's table that are of this kind."""
    required = {attribute.attr_name for attribute in table.get_attributes().values() if not attribute.null}
    name = "local-" + table.Meta.table_name.removeprefix("test-")
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return [table.read_row(item) for page in pages for item in page["Items"] if required <= item.keys()]


def test_a_second_call_completes_an_interrupted_load_and_a_third_changes_nothing(interrupted: Environment) -> None:
    loaded = manage("demo", environment=interrupted)
    assert loaded.returncode == 0, loaded.stderr
    # The home page and five others; 200 providers, of whom some are paused.
    in_sitemap = re.search(r"demo data: (\d+) addresses in the sitemap", loaded.stdout)
    assert in_sitemap
    assert 150 < int(in_sitemap[1]) <= 206
    assert "loaded in" in loaded.stdout

    rows = {table: stored(table) for table in TABLES}
    (marker,) = stored(DemoMarkerItem)
    assert_market_is_consistent(rows, marker["started_at"])
    counts = {table.__name__: len(rows[table]) for table in (ProviderItem, ServiceItem, BookingItem, ReviewItem)}
    assert counts == {"ProviderItem": 200, "ServiceItem": 600, "BookingItem": 2000, "ReviewItem": 800}

    repeated = manage("demo", environment=interrupted)
    assert (repeated.returncode, repeated.stdout) == (0, "demo data: loaded already\n")
    assert by_key(rows) == by_key({table: stored(table) for table in TABLES})

    for email in ("customer@example.com", "provider@example.com", "admin@example.com"):
        signed_in = manage("token", email, environment=interrupted)
        assert signed_in.returncode == 0, signed_in.stderr


def by_key(rows: Mapping[type[Item], list[Row]]) -> dict[str, Any]:
    return {table.__name__: sorted(rows[table], key=str) for table in TABLES}


def test_refuses_in_production(settings: LazySettings) -> None:
    settings.STAGE = "production"
    with pytest.raises(CommandError, match="not for production"):
        call_command("demo")


def test_refuses_without_a_demo_password_as_any_deployed_stage_is(settings: LazySettings) -> None:
    del settings.DEMO_PASSWORD
    with pytest.raises(CommandError, match="not for production"):
        call_command("demo")


def test_says_in_one_line_that_the_cloud_does_not_answer(environment: Environment) -> None:
    nowhere = {**environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    failed = manage("demo", environment=nowhere)
    assert failed.returncode == 1
    assert failed.stderr.startswith("CommandError: The cloud at http://127.0.0.1:1 does not answer.")
    assert failed.stderr.count("\n") == 1
