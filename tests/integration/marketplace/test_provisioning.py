"""Provisioning can be repeated, keeps production's data, and says in one line what went wrong."""

from io import StringIO
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from marketplace import provisioning
from marketplace.embedded_cloud.client import free_port
from marketplace.kernel import aws
from marketplace.provisioning import ProvisioningError, Template, provision


def test_repeating_changes_nothing() -> None:
    lines: list[str] = []
    first = provision("test")
    again = provision("test", report=lines.append)
    assert again == first
    assert lines
    assert all(line.endswith("up to date") for line in lines)


def test_stages_live_side_by_side_and_production_keeps_its_data() -> None:
    test, production = provision("test"), provision("production")
    assert test.keys() == production.keys()
    assert not set(test.values()) & set(production.values())
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    protected = {stack["StackName"] for stack in stacks if stack["EnableTerminationProtection"]}
    assert protected == {"marketplace-data", "marketplace-identity", "marketplace-storage"}
    table = aws.client("dynamodb").describe_table(TableName="bookings-table")["Table"]
    assert table["DeletionProtectionEnabled"] is True


def test_the_command_writes_what_the_application_must_know(tmp_path: Path) -> None:
    file = tmp_path / "stack.env"
    output = StringIO()
    call_command("provision", "--stage", "test", "--write-env", str(file), stdout=output)
    written = dict(line.split("=", 1) for line in file.read_text().splitlines())
    assert written == provision("test")
    assert f"wrote {file}" in output.getvalue()


def test_a_template_that_fails_is_named_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = tmp_path / "infrastructure" / "broken.yaml"
    template.parent.mkdir()
    template.write_text(
        dedent("""
            Parameters: {Prefix: {Type: String}}
            Resources:
              WronglyNamedQueue: {Type: "AWS::SQS::Queue", Properties: {FifoQueue: true, QueueName: not-fifo}}
            """)
    )
    monkeypatch.setattr(provisioning, "BASE_DIR", tmp_path)
    monkeypatch.setattr(provisioning, "TEMPLATES", (Template("broken", holds_data=False),))
    with pytest.raises(ProvisioningError, match=r"^test-marketplace-broken is in status ROLLBACK.*WronglyNamedQueue: "):
        provision("test")


def test_an_unreachable_cloud_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    # The shared client is bound to the running cloud: ask for one of its own.
    monkeypatch.setattr(provisioning, "client", aws.client.__wrapped__)
    with pytest.raises(CommandError, match=r"^the cloud cannot be reached: [^\n]*$"):
        call_command("provision")
