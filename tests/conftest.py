"""The embedded cloud of the test run: one for each pytest-xdist worker, started by the first test that needs it."""

import math
import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from kernel.aws import client
from kernel.rate_limits import _Tallies
from kernel.storage import shared_transport
from marketplace.laptop.cloudformation import read_template
from marketplace.laptop.embedded_cloud.client import endpoint_url, free_port, start_cloud
from marketplace.operations.provisioning import provision
from marketplace.settings.env import BASE_DIR

# Fixtures for tests of the API, wherever they are.
from tests.factories.accounts import api, token_issuer  # noqa: F401
from tests.request_linter import TableSchema, lint, table_of_description, tables_of_template


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="random schedules and floods many times as long")
    parser.addoption("--site", help="the address of a running site, for the tests of pages in a browser")


@pytest.fixture(scope="session")
def is_torture(request: pytest.FixtureRequest) -> bool:
    """Whether to go on for much longer than a test run can take."""
    return bool(request.config.getoption("--torture"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--torture`, only the tests that have a size for it."""
    if config.getoption("--torture"):
        has_size = {item: "is_torture" in getattr(item, "fixturenames", ()) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not has_size[item]])
        items[:] = [item for item in items if has_size[item]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With `--torture`, what the tests measured, as they noted it with `record_property`."""
    if config.getoption("--torture"):
        terminalreporter.section("measured")
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
            for name, value in report.user_properties:
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {name} {value}")


def pytest_configure() -> None:
    # How long an example takes says more of the machine than of the code.
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    # A developer's own AWS account, profile and region must not reach the tests.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="000000000000",
        AWS_SECRET_ACCESS_KEY="embedded-cloud",
        AWS_CONFIG_FILE=os.devnull,
    )


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a provisioned embedded cloud, to which all settings point.

    The tests under integration and functional have it without asking. It is never emptied: tests make their own people
    and things, and find only those.
    """
    port = free_port()
    settings.INBOX_DIR = tmp_path_factory.mktemp("inbox")
    settings.METRICS_DIR = tmp_path_factory.mktemp("metrics")
    child = start_cloud(port=port, inbox_dir=settings.INBOX_DIR)
    try:
        settings.AWS_ENDPOINT_URL = endpoint_url(port)
        outputs = provision(settings.STAGE)
        pool_id = outputs["COGNITO_USER_POOL_ID"]
        settings.COGNITO_USER_POOL_ID = pool_id
        settings.COGNITO_CLIENT_ID = outputs["COGNITO_CLIENT_ID"]
        settings.COGNITO_CLIENT_SECRET = outputs["COGNITO_CLIENT_SECRET"]
        settings.COGNITO_API_CLIENT_ID = outputs["COGNITO_API_CLIENT_ID"]
        settings.COGNITO_ISSUER = f"https://cognito-idp.{settings.AWS_REGION}.amazonaws.com/{pool_id}"
        settings.COGNITO_JWKS_URL = f"{settings.AWS_ENDPOINT_URL}/{pool_id}/.well-known/jwks.json"
        for name, value in outputs.items():
            if name.endswith("_ARN") and hasattr(settings, name):
                setattr(settings, name, value)
        settings.DOCUMENTS_BUCKET_NAME = outputs["DOCUMENTS_BUCKET_NAME"]
        settings.MEDIA_BUCKET_NAME = outputs["MEDIA_BUCKET_NAME"]
        yield settings.AWS_ENDPOINT_URL
    finally:
        child.stop()


@pytest.fixture(autouse=True)
def _requests_that_aws_takes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test on the embedded cloud fails if it sends a request to DynamoDB that AWS would refuse.

    Only what is sent from the test's own process is seen. A test whose subject is a refusal is marked `aws_refuses`.
    """
    is_judged = "cloud" in request.fixturenames and request.node.get_closest_marker("aws_refuses") is None
    if not is_judged:
        yield
        return
    request.getfixturevalue("cloud")
    send, refusals = shared_transport().send, list[str]()

    def judged_send(operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        found = lint(operation, body, _tables())
        refusals.extend(f"{operation}: {finding}" for finding in found if finding.severity == "refused")
        return send(operation, body)

    monkeypatch.setattr(shared_transport(), "send", judged_send)
    yield
    # Also what a thread sent, and what was caught on the way.
    assert refusals == []


@pytest.fixture
def dynamodb_calls(cloud: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations sent to DynamoDB so far ("TransactWriteItems"); clear it to count from there."""
    calls: list[str] = []
    # One request in so many also settles what was counted for rate limits: here, none that other tests began.
    monkeypatch.setattr("kernel.rate_limits._tallies", _Tallies())
    # Nor does any request look whether tokens were revoked, as one does every ten seconds.
    monkeypatch.setattr("accounts.revocations._REFRESH_SECONDS", math.inf)
    send = shared_transport().send

    def recording_send(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        calls.append(operation)
        return send(operation, request)

    monkeypatch.setattr(shared_transport(), "send", recording_send)
    return calls


class _Tables(dict[str, TableSchema]):
    """The schemas of all tables by name: of ours as the templates say, of those that a test made as they are."""

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            dynamodb = client("dynamodb")
            try:
                self[name] = table_of_description(dynamodb.describe_table(TableName=name)["Table"])
            except dynamodb.exceptions.ResourceNotFoundException:
                return default
        return self[name]


@cache
def _tables() -> _Tables:
    tables = _Tables()
    for template in (BASE_DIR / "infrastructure").glob("*.yaml"):
        tables |= tables_of_template(read_template(template), prefix=settings.RESOURCE_PREFIX)
    return tables
