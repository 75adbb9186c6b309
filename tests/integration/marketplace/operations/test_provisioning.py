"""Provisioning can be repeated, keeps production's data, and says in one line what went wrong."""

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from kernel import aws
from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.operations import provisioning
from marketplace.operations.provisioning import ProvisioningError, Template, provision, remove


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


def test_what_production_holds_is_protected_only_once_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a first try that failed would leave tables which nothing may delete, and of whose names none can be made."""
    sent: list[tuple[str, str]] = []
    start = provisioning.start

    def note_and_start(template: Template, stage: str, parameters: Mapping[str, str]) -> bool:
        is_changed = start(template, stage, parameters)
        sent.append((template.name, provisioning.parameters_so_far(template, stage).get("DeletionPolicy", "")))
        return is_changed

    monkeypatch.setattr(provisioning, "start", note_and_start)
    monkeypatch.setattr(provisioning, "PRODUCTION", "newborn")
    storage = Template("storage", holds_data=True)
    provision("newborn", templates=[storage])
    provision("newborn", templates=[storage])
    assert sent == [("storage", "Delete"), ("storage", "Retain"), ("storage", "Retain")]


def test_the_command_writes_what_the_application_must_know(tmp_path: Path) -> None:
    file = tmp_path / "stack.env"
    output = StringIO()
    call_command("provision", "--stage", "test", "--write-env", str(file), stdout=output)
    written = dict(line.split("=", 1) for line in file.read_text().splitlines())
    assert written == provision("test")
    assert f"wrote {file}" in output.getvalue()


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Makes one template with one queue of this name the only one; each call is its next version."""
    folder = tmp_path / "infrastructure"
    folder.mkdir()
    monkeypatch.setattr(provisioning, "BASE_DIR", tmp_path)
    monkeypatch.setattr(provisioning, "TEMPLATES", (Template("probe", holds_data=False),))

    def write(queue_name: str, logical_id: str) -> None:
        queue = f'{{Type: "AWS::SQS::Queue", Properties: {{FifoQueue: true, QueueName: {queue_name}}}}}'
        (folder / "probe.yaml").write_text(
            f"Parameters: {{Prefix: {{Type: String}}}}\nResources: {{{logical_id}: {queue}}}\n"
        )

    return write


def test_a_template_that_fails_is_named_with_its_reason(template: Callable[[str, str], None]) -> None:
    template("good.fifo", "Good")
    provision("test")
    template("not-fifo", "Bad")
    with pytest.raises(ProvisioningError, match=r"^test-marketplace-probe is UPDATE_ROLLBACK_COMPLETE: Bad: .*fifo"):
        provision("test")
    # The reason is the latest one, and what was rolled back is usable.
    template("not-fifo-either", "Worse")
    with pytest.raises(ProvisioningError, match=r"Worse: "):
        provision("test")
    template("good.fifo", "Good")
    assert provision("test") == {}


def test_a_first_try_that_failed_does_not_stand_in_the_way(
    template: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = []

    def note_and_remove(template: Template, stage: str) -> None:
        removed.append(template.name)
        remove(template, stage)

    monkeypatch.setattr(provisioning, "remove", note_and_remove)
    template("not-fifo", "Bad")
    with pytest.raises(ProvisioningError, match=r"-marketplace-probe is ROLLBACK_COMPLETE: Bad: "):
        provision("stillborn")
    template("good-after-all.fifo", "Good")
    assert provision("stillborn") == {}
    # AWS would refuse to update what is left; the embedded cloud makes it anew.
    assert removed == ["probe"]
    remove(Template("probe"), "stillborn")


def test_an_unreachable_cloud_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    # The shared client is bound to the running cloud: ask for one of its own.
    monkeypatch.setattr(provisioning, "client", aws.client.__wrapped__)
    with pytest.raises(CommandError, match=r"^the cloud cannot be reached: [^\n]*$"):
        call_command("provision")
