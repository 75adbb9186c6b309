"""What an operator is told before, during and after; Zappa's part is rehearsed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from kernel.aws import client
from marketplace.operations.deploy import destruction, preflight
from marketplace.operations.deploy.changes import changes
from marketplace.operations.deploy.preflight import look
from marketplace.operations.deploy.status import status
from marketplace.operations.deploy.zappa import packages_bucket
from marketplace.operations.provisioning import STORAGE, TEMPLATES, find_stack, outputs_so_far, provision
from marketplace.settings.env import BASE_DIR


def texts(stage: str = "test") -> str:
    return "\n".join(finding.text for finding in look(stage))


def stopping(stage: str = "test") -> list[str]:
    return [finding.text for finding in look(stage) if finding.stops]


# --- Preflight -------------------------------------------------------------------------------------------------------


def test_nothing_stands_in_the_way_of_a_stage_that_is_set_up() -> None:
    assert stopping() == []


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "ap-southeast-7"])
def test_a_region_without_what_is_needed_stops(region: str, settings: Settings) -> None:
    settings.AWS_REGION = region
    assert any(text.startswith(region) for text in stopping())


def test_a_sender_of_nobodys_stops_on_aws(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AWS_ENDPOINT_URL = None
    assert any("EMAIL_FROM_ADDRESS" in finding.text and finding.stops for finding in preflight._sender())


def test_a_bucket_of_somebody_elses_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    provision("test")
    refusal = client("s3").exceptions.ClientError(
        {"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "HeadBucket"
    )

    class Closed:
        def head_bucket(self, **arguments: str) -> None:
            raise refusal

    monkeypatch.setattr(preflight, "client", lambda service: Closed() if service == "s3" else client(service))
    assert all("somebody else's" in finding.text for finding in preflight._buckets("test"))
    texts = " ".join(finding.text for finding in preflight._buckets("test"))
    made = [name for output, name in outputs_so_far(STORAGE, "test").items() if output.endswith("_BUCKET_NAME")]
    assert len(made) == 3
    assert all(f"the bucket {name} " in texts for name in [*made, packages_bucket("test")])


def test_an_account_that_may_run_few_functions_at_once_is_told_to_ask_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Service Quotas" not in texts()
    # As a new account has it.
    monkeypatch.setattr(preflight, "_ENOUGH_AT_ONCE", 1_000_000)
    (finding,) = [finding for finding in look("test") if "Service Quotas" in finding.text]
    assert finding.stops is False


def test_without_credentials_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = client("sts").exceptions.ClientError({"Error": {"Code": "ExpiredToken"}}, "GetCallerIdentity")

    class Expired:
        def get_caller_identity(self) -> None:
            raise refusal

    monkeypatch.setattr(preflight, "client", lambda service: Expired())
    (text,) = stopping()
    assert "AWS_PROFILE" in text


def test_what_stops_is_said_and_nothing_is_begun(settings: Settings) -> None:
    settings.AWS_REGION = "cn-north-1"
    out = StringIO()
    with pytest.raises(CommandError, match="nothing was begun"):
        call_command("deploy", stdout=out)
    assert "! preflight: cn-north-1" in out.getvalue()


# --- Dry run ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_names_what_would_be_made_and_what_it_costs_and_makes_nothing() -> None:
    before = {stack["StackName"] for stack in client("cloudformation").describe_stacks()["Stacks"]}
    out = StringIO()
    call_command("deploy", "--dry-run", stdout=out)
    assert "test-marketplace-edge: would be made\n" in out.getvalue()
    assert "  + AWS::CloudFront::Distribution Distribution\n" in out.getvalue()
    assert "AWS's list prices" in out.getvalue()
    assert {stack["StackName"] for stack in client("cloudformation").describe_stacks()["Stacks"]} == before


def test_what_would_change_is_what_cloudformation_says(monkeypatch: pytest.MonkeyPatch) -> None:
    provision("test")
    assert "test-marketplace-messaging: up to date" in list(changes("test"))


# --- Status ----------------------------------------------------------------------------------------------------------


def test_the_status_asks_for_what_is_missing() -> None:
    provision("test")
    lines = list(status("test"))
    assert "test-marketplace-data: CREATE_COMPLETE" in [line.replace("UPDATE", "CREATE") for line in lines]
    assert "! test-marketplace-edge: is not there" in lines
    assert "! lintel-test: is not there" in lines
    assert "! the site has no address: deploy it" in lines
    assert any(line.startswith("mail: from lintel.example") for line in lines)


# --- Destruction -----------------------------------------------------------------------------------------------------


@pytest.fixture
def doomed(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A stage that is protected as production is, without functions, and with a document."""
    monkeypatch.setattr("marketplace.operations.provisioning.PRODUCTION", "doomed")
    monkeypatch.setattr(destruction, "undeploy", lambda stage, report: None)
    bucket = provision("doomed")["DOCUMENTS_BUCKET_NAME"]
    for body in (b"first", b"second"):
        client("s3").put_object(Bucket=bucket, Key="invoice.pdf", Body=body)
    client("ssm").put_parameter(Name="/doomed-marketplace/secret-key", Value="x", Type="SecureString", Overwrite=True)
    yield "doomed"
    destruction.destroy("doomed", keep_data=False, report=lambda line: None)


def test_what_holds_data_is_kept_if_that_is_wanted(doomed: str) -> None:
    destruction.destroy(doomed, keep_data=True, report=lambda line: None)
    left = {template.name for template in TEMPLATES if find_stack(template, doomed)}
    assert left == {"data", "identity", "storage"}
    assert client("ssm").get_parameter(Name="/doomed-marketplace/secret-key")
    # And is found by the next deployment.
    assert provision(doomed)["DOCUMENTS_BUCKET_NAME"] == outputs_so_far(TEMPLATES[2], doomed)["DOCUMENTS_BUCKET_NAME"]


def test_nothing_is_left_of_it_else(doomed: str) -> None:
    destruction.destroy(doomed, keep_data=False, report=lambda line: None)
    destruction.destroy(doomed, keep_data=False, report=lambda line: None)
    assert not [template for template in TEMPLATES if find_stack(template, doomed)]
    assert not [name for name in client("dynamodb").list_tables()["TableNames"] if name.startswith("doomed-")]
    assert not client("ssm").get_parameters_by_path(Path="/doomed-marketplace/")["Parameters"]


def test_nothing_is_destroyed_before_its_name_was_typed() -> None:
    with pytest.raises(CommandError, match="nothing was done: that is not test"):
        call_command("destroy", "--confirm", "tset", stdout=StringIO())


# --- The stage -------------------------------------------------------------------------------------------------------


def test_the_stage_stands_right_after_the_command_and_settings_are_its() -> None:
    """In a process of its own: settings are read once."""
    environment = {key: value for key, value in os.environ.items() if key not in ("STAGE", "DJANGO_SETTINGS_MODULE")}
    done = subprocess.run(
        [sys.executable, "manage.py", "deploy", "staging", "--help"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "default: staging" in done.stdout


def test_whoever_has_no_credentials_reads_one_line() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "status", "staging"],
        cwd=BASE_DIR,
        env={**environment, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        | {"AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "AWS did not do it: Unable to locate credentials\n" in done.stderr
    assert "Traceback" not in done.stderr
