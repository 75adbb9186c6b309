"""Tables of a moment beside those that there are, and the way there and back, on the embedded cloud.

What is restored is the table as it is: the embedded cloud keeps nothing of its past.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from kernel import clock
from kernel.aws import client
from marketplace.operations.deploy import functions, recovery, switching
from marketplace.operations.deploy.destruction import remove_tables
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.recovery import RecoveryError, RestoredTable, faults_of, generation_of, plan, restore
from marketplace.operations.deploy.snapshots import ALIAS, called_arn
from marketplace.operations.deploy.sources import connect, mappings
from marketplace.operations.deploy.status import status
from marketplace.operations.deploy.switching import switch
from marketplace.operations.provisioning import (
    DATA,
    FUNCTIONS,
    current_generation,
    find_stack,
    generations,
    parameters_so_far,
    provision,
    use_generation,
)

STAGE = "test"


def moment() -> datetime:
    """The present, as far as it is told apart."""
    return datetime.now(UTC).replace(microsecond=0)


def put(table: str, **item: str) -> None:
    client("dynamodb").put_item(TableName=table, Item={name: {"S": value} for name, value in item.items()})


def get(table: str, **key: str) -> dict[str, Any] | None:
    found: dict[str, Any] = client("dynamodb").get_item(
        TableName=table, Key={name: {"S": value} for name, value in key.items()}, ConsistentRead=True
    )
    return found.get("Item")


def variables(function: str) -> dict[str, str]:
    found: dict[str, str] = client("lambda").get_function_configuration(FunctionName=function)["Environment"][
        "Variables"
    ]
    return found


def streams(function: str) -> set[str]:
    """The tables whose streams feed the function."""
    arns = [each["EventSourceArn"] for each in mappings(function)]
    return {arn.split("/")[1] for arn in arns if ":dynamodb:" in arn}


@pytest.fixture(scope="module")
def provisioned() -> str:
    provision(STAGE)
    return STAGE


@pytest.fixture
def stage(provisioned: str) -> Iterator[str]:
    """A stage with its first tables in use; others are gone afterwards."""
    yield provisioned
    if current_generation(STAGE):
        use_generation(STAGE, "")
        provision(STAGE)
    for each in generations(STAGE)[1:]:
        remove_tables(STAGE, each, report=lambda line: None)


@pytest.fixture
def deployed(stage: str, function: str, web: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The stage with functions, which are fed from its tables."""
    monkeypatch.setitem(functions._POLLING, "Delay", 0.05)
    connect(function, provision(STAGE), with_stream=True)
    return stage


def test_a_stage_has_its_tables_as_they_were_and_goes_back_to_those_before(stage: str, function: str, web: str) -> None:
    put("test-booking-details-table", bookingId="restored", notes="before")
    put("test-email-suppressions-table", addressHash="restored", reason="before")
    to = moment()
    generation = generation_of(to)

    restore(stage, plan(stage, to), to, report=lambda line: None)
    # Written before the switch: the one is of a time that is undone, the other must not be forgotten.
    put("test-booking-details-table", bookingId="undone", notes="after")
    put("test-email-suppressions-table", addressHash="kept", reason="after")
    put("test-email-suppressions-table", addressHash="restored", reason="after")
    switch(stage, generation, with_stream=True, report=lambda line: None)

    assert get(f"test-booking-details-table{generation}", bookingId="restored")
    assert get(f"test-booking-details-table{generation}", bookingId="undone") is None
    assert get(f"test-email-suppressions-table{generation}", addressHash="kept")
    suppression = get(f"test-email-suppressions-table{generation}", addressHash="restored")
    assert suppression
    assert suppression["reason"]["S"] == "before"
    # What the functions may use, know, and are fed from.
    assert parameters_so_far(FUNCTIONS, stage)["Generation"] == generation
    assert provision(stage)["TABLES_GENERATION"] == generation
    assert {variables(name)["TABLES_GENERATION"] for name in (function, web)} == {generation}
    assert "MAINTENANCE" not in variables(web)
    assert streams(function) == {
        f"test-{name}-table{generation}" for name in ("admin-orders", "bookings", "photos", "providers", "reviews")
    }
    assert f"tables: the {generation[1:]} are in use; there are first, too" in list(status(stage))

    out = StringIO()
    call_command("restore", "--switch", "first", "--confirm", "test", stdout=out)
    assert current_generation(stage) == ""
    assert parameters_so_far(FUNCTIONS, stage)["Generation"] == ""
    assert "TABLES_GENERATION" not in {**variables(function), **variables(web), **provision(stage)}
    assert streams(function) == {
        f"test-{name}-table" for name in ("admin-orders", "bookings", "photos", "providers", "reviews")
    }
    assert get("test-booking-details-table", bookingId="undone")

    call_command("restore", "--remove", generation[1:], "--confirm", "test", stdout=out)
    assert out.getvalue().endswith("tables: first: in use\n")
    assert not [name for name in client("dynamodb").list_tables()["TableNames"] if name.endswith(generation)]


def test_visitors_of_snapshots_are_switched_with_the_others(
    stage: str, function: str, web: str, settings: Settings
) -> None:
    client("lambda").update_function_configuration(FunctionName=web, Runtime="python3.13")
    settings.WITH_SNAPSTART = True
    called_arn(stage)
    to = moment()
    restore(stage, plan(stage, to), to, report=lambda line: None)

    def live() -> dict[str, str]:
        """With what the version begins that visitors are led to."""
        found = client("lambda").get_function_configuration(FunctionName=web, Qualifier=ALIAS)
        variables: dict[str, str] = found["Environment"]["Variables"]
        return {name: variables[name] for name in ("MAINTENANCE", "TABLES_GENERATION") if name in variables}

    seen: dict[str, dict[str, str]] = {}

    def look(line: str) -> None:
        seen[line] = live()

    switch(stage, generation_of(to), with_stream=True, report=look)
    assert seen["the site is closed"] == {"MAINTENANCE": "true"}
    # Closed until all has been announced again.
    assert seen["reconciled: 0 items were announced again"] == {"MAINTENANCE": "true"}
    assert seen["the site is open"] == live() == {"TABLES_GENERATION": generation_of(to)}


def test_what_stopped_half_way_goes_on_from_there(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    to = moment()
    when, out = clock.to_rfc3339(to), StringIO()
    adopt = recovery._adopt

    def fail(*arguments: Any, **options: Any) -> None:
        raise RecoveryError("the line is cut")

    monkeypatch.setattr(recovery, "_adopt", fail)
    with pytest.raises(CommandError, match=r"the line is cut\nNothing .* is lost.*repeat the command"):
        call_command("restore", "--to", when, "--confirm", "test", stdout=out)
    assert current_generation(stage) == ""

    monkeypatch.setattr(recovery, "_adopt", adopt)
    call_command("restore", "--to", when, "--confirm", "test", stdout=out)
    assert f"test-bookings-table{generation_of(to)}: is there, or on its way" in out.getvalue()
    assert current_generation(stage) == generation_of(to)

    # Once they are there, they are used as they are.
    call_command("restore", "--to", when, "--confirm", "test", stdout=out)
    assert "are there already, with all that was written into them since" in out.getvalue()
    with pytest.raises(CommandError, match="the site uses these tables"):
        call_command("restore", "--remove", generation_of(to)[1:], "--confirm", "test", stdout=out)


def test_restored_tables_are_protected_in_production(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    to = moment()
    adopted = replace(DATA, generation=generation_of(to))
    with monkeypatch.context() as patch:
        patch.setattr("marketplace.operations.provisioning.PRODUCTION", STAGE)
        restore(stage, plan(stage, to), to, report=lambda line: None)
        stack = find_stack(adopted, stage)
        assert stack
        assert stack["EnableTerminationProtection"] is True
        assert parameters_so_far(adopted, stage)["DeletionPolicy"] == "Retain"
        table = client("dynamodb").describe_table(TableName=f"test-bookings-table{generation_of(to)}")["Table"]
        assert table["DeletionProtectionEnabled"] is True


def restored(stage: str) -> RestoredTable:
    """A table that is as the template says, as if it had just been restored."""
    (table,) = [each for each in plan(stage, moment()) if each.source == "test-bookings-table"]
    return replace(table, target=table.source)


def test_what_is_not_as_the_template_says_is_named(stage: str) -> None:
    table = restored(stage)
    others: dict[str, dict[str, Any]] = {
        "keys": {"KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]},
        "indexes": {"GlobalSecondaryIndexes": []},
        "stream": {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}},
        "time to live": {"TimeToLiveSpecification": {"AttributeName": "purgeAt", "Enabled": True}},
        "encryption": {"SSESpecification": {"SSEType": "AES256"}},
        "billing": {"BillingMode": "PROVISIONED"},
    }
    assert list(faults_of(table, is_kept=False)) == []
    for named, wanted in others.items():
        (fault,) = faults_of(replace(table, properties={**table.properties, **wanted}), is_kept=False)
        assert fault.startswith(f"test-bookings-table: {named}: ")
    (fault,) = faults_of(table, is_kept=True)
    assert fault == "test-bookings-table: protection: False, not True"


def test_a_moment_that_is_not_kept_is_refused_with_those_that_are(stage: str) -> None:
    with pytest.raises(RecoveryError, match=r"^test-\S+ can be restored as it was from 20\S+Z to 20\S+Z: choose"):
        plan(stage, moment() - timedelta(days=36))
    with pytest.raises(RecoveryError, match="choose a moment between these"):
        plan(stage, moment() + timedelta(hours=1))


def test_what_must_not_be_forgotten_is_restored_as_it_is(stage: str) -> None:
    tables = plan(stage, moment())
    assert {each.source.removeprefix("test-") for each in tables if each.moment is None} == recovery.AS_THEY_ARE
    assert len(tables) == 20


def test_a_stage_without_tables_has_nothing_to_restore() -> None:
    with pytest.raises(RecoveryError, match="nowhere has no tables: deploy it"):
        plan("nowhere", moment())


def test_a_dry_run_says_what_would_be_done_and_does_nothing(stage: str) -> None:
    out = StringIO()
    call_command("restore", "--to", clock.to_rfc3339(moment()), "--dry-run", stdout=out)
    said = out.getvalue()
    assert "test-bookings-table → test-bookings-table-20" in said
    assert "test-audit-log-table-20" in said
    assert ", as it is now: some " in said
    assert "not done: test will have its tables as of 20" in said
    assert generations(stage) == [""]


def test_what_cannot_be_done_is_said(stage: str) -> None:
    for arguments, message in (
        (["--to", "yesterday"], "yesterday is no moment: give one such as"),
        (["--to", "2026-11-28T10:15:00"], "is no moment"),
        (["--switch", "20200101t000000"], "test has no tables 20200101t000000; there are: first"),
        (["--remove", "first", "--confirm", "test"], "the site uses these tables"),
        (["--switch", "first", "--confirm", "tset"], "nothing was done: that is not test"),
    ):
        with pytest.raises(CommandError, match=message):
            call_command("restore", *arguments, stdout=StringIO())


def test_a_stage_without_functions_is_told_to_restart_its_processes(stage: str) -> None:
    said: list[str] = []
    switch(STAGE, "", with_stream=True, report=said.append)
    assert said[-1].startswith("no functions: give your processes what `manage.py provision --write-env FILE` writes")


def test_there_is_an_end_to_reconciling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.operations.deploy.switching.run_job", lambda name, job: 1)
    with pytest.raises(DeploymentError, match="its log says why"):
        switching._reconcile("lintel-test-events", lambda line: None)
