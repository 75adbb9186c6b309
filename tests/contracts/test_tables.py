"""The tables are those decided: keys, indexes, streams, and what keeps them safe; and the cloud has it."""

from typing import Any

import pytest

from kernel.aws import client
from marketplace.background.wiring import wiring
from tests.templates import resources

PREFIX = "test-"
TTL = {
    "booking-details-table": "purgeAt",
    "slot-claims-table": "purgeAt",
    "idempotency-table": "expiresAt",
    "sessions-table": "expiresAt",
    "notifications-table": "expiresAt",
    "deliveries-table": "expiresAt",
    "counters-table": "expiresAt",
    "admin-orders-table": "expiresAt",
}
# Table → its keys, and the keys of its indexes; ":N" is a number, all others are text.
KEYS: dict[str, tuple[str, dict[str, str]]] = {
    "bookings-table": (
        "bookingId",
        {
            "providerBookings-index": "providerId startsAt",
            "customerBookings-index": "customerId startsAt",
            "providerStatus-index": "providerStatusKey startsAt",
            "status-index": "statusKey dueAt",
            "list-index": "listKey createdAt",
            "unheard-index": "unheardKey announceAt",
        },
    ),
    "booking-details-table": ("bookingId", {}),
    "invoices-table": ("invoiceId", {}),
    "slot-claims-table": ("providerId day", {}),
    "services-table": (
        "serviceId",
        {
            "category-index": "listedCategory priceAmount:N",
            "categoryRating-index": "listedCategory ratingRank:N",
            "cityPrice-index": "listedCity priceAmount:N",
            "cityRating-index": "listedCity ratingRank:N",
            "area-index": "listedArea priceAmount:N",
            "list-index": "listKey createdAt",
        },
    ),
    "providers-table": (
        "providerId",
        {
            "location-index": "listedCity ratingRank:N",
            "availability-index": "acceptingKey ratingRank:N",
            "list-index": "listKey createdAt",
            "unheard-index": "unheardKey announceAt",
        },
    ),
    "reviews-table": (
        "reviewId",
        {
            "providerReviews-index": "providerId createdAt",
            "customerReviews-index": "customerId createdAt",
            "list-index": "listKey createdAt",
            "unheard-index": "unheardKey announceAt",
        },
    ),
    "photos-table": ("photoId", {"unheard-index": "unheardKey announceAt"}),
    "admin-orders-table": ("orderId", {"unheard-index": "unheardKey announceAt"}),
    "favourites-table": ("userId", {}),
    "reports-table": ("reporterId subject", {"state-index": "state createdAt"}),
    "users-table": ("userId", {"email-index": "email", "userType-index": "userType createdAt"}),
    "idempotency-table": ("idempotencyKey", {}),
    "sessions-table": ("sessionKey", {}),
    "notifications-table": ("recipientId notificationId", {}),
    "deliveries-table": ("deliveryId", {}),
    "notification-preferences-table": ("recipientId", {}),
    "email-suppressions-table": ("addressHash", {}),
    "counters-table": ("counterKey", {}),
    "audit-log-table": ("subject entryId", {"list-index": "listKey entryId", "actor-index": "actorId entryId"}),
}


def tables() -> dict[str, dict[str, Any]]:
    """The properties of every table of the template, by its name without prefix."""
    return {
        resource["Properties"]["TableName"]["Fn::Sub"]
        .removeprefix("${Prefix}")
        .removesuffix("${Generation}"): resource["Properties"]
        for resource in resources("data").values()
    }


def keys_of(schema: dict[str, Any], types: dict[str, str]) -> str:
    """The names of the hash and the range key, as in `KEYS`."""
    by_kind = {key["KeyType"]: key["AttributeName"] for key in schema["KeySchema"]}
    names = [by_kind[kind] for kind in ("HASH", "RANGE") if kind in by_kind]
    return " ".join(name if types[name] == "S" else f"{name}:{types[name]}" for name in names)


def types_of(table: dict[str, Any]) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}


def indexes_of(table: dict[str, Any]) -> dict[str, tuple[str, str, frozenset[str]]]:
    """Index name → its keys, the kind of its projection, and the attributes that it includes."""
    types = types_of(table)
    return {
        index["IndexName"]: (
            keys_of(index, types),
            index["Projection"]["ProjectionType"],
            frozenset(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in table.get("GlobalSecondaryIndexes", [])
    }


def test_the_tables_are_those_decided() -> None:
    assert {
        name: (keys_of(table, types_of(table)), {index: keys for index, (keys, *_) in indexes_of(table).items()})
        for name, table in tables().items()
    } == KEYS


@pytest.mark.parametrize("name", KEYS)
def test_a_table_is_safe_and_pays_per_request(name: str) -> None:
    table = tables()[name]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}
    expected = {"AttributeName": TTL[name], "Enabled": True} if name in TTL else None
    assert table.get("TimeToLiveSpecification") == expected


def test_tables_with_an_outbox_have_a_stream_and_no_others() -> None:
    streams = {name: table["StreamSpecification"] for name, table in tables().items() if "StreamSpecification" in table}
    outboxes = {outbox.table_name.removeprefix(PREFIX) for outbox in wiring().outboxes}
    assert outboxes == {"bookings-table", "photos-table", "providers-table", "reviews-table", "admin-orders-table"}
    assert streams == {name: {"StreamViewType": "NEW_AND_OLD_IMAGES"} for name in outboxes}


def test_the_events_function_may_read_these_streams_and_no_others() -> None:
    statements = resources("functions")["EventsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (reading,) = [statement for statement in statements if statement["Sid"] == "ReadStream"]
    names = {arn["Fn::Sub"].rpartition("${Prefix}")[2] for arn in reading["Resource"]}
    readable = {name.removesuffix("${Generation}/stream/*") for name in names}
    assert readable == {outbox.table_name.removeprefix(PREFIX) for outbox in wiring().outboxes}


def test_the_pump_of_a_server_may_find_these_streams() -> None:
    (finding,) = resources("functions")["ServerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert finding["Action"] == "dynamodb:DescribeTable"
    names = {arn["Fn::Sub"].rpartition("${Prefix}")[2] for arn in finding["Resource"]}
    found = {name.removesuffix("${Generation}") for name in names}
    assert found == {outbox.table_name.removeprefix(PREFIX) for outbox in wiring().outboxes}


def test_booking_indexes_carry_what_lists_show_and_no_more() -> None:
    projections = {name: kind for name, (_, kind, _) in indexes_of(tables()["bookings-table"]).items()}
    for name in ("status-index", "unheard-index", "list-index"):
        assert projections.pop(name) == "KEYS_ONLY"
    assert set(projections.values()) == {"INCLUDE"}
    others = {name: table for name, table in tables().items() if name != "bookings-table"}
    kinds = {(name, kind) for table in others.values() for name, (_, kind, _) in indexes_of(table).items()}
    assert {kind for name, kind in kinds if name not in ("unheard-index", "list-index")} == {"ALL"}
    assert {("unheard-index", "KEYS_ONLY"), ("list-index", "KEYS_ONLY")} <= kinds


@pytest.mark.parametrize("name", KEYS)
def test_the_deployed_table_is_the_template_s(cloud: str, name: str) -> None:
    dynamodb = client("dynamodb")
    declared = tables()[name]
    deployed = dynamodb.describe_table(TableName=PREFIX + name)["Table"]

    assert keys_of(deployed, types_of(deployed)) == KEYS[name][0]
    assert indexes_of(deployed) == indexes_of(declared)
    assert deployed["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert deployed["SSEDescription"]["Status"] == "ENABLED"
    assert deployed["SSEDescription"]["SSEType"] == "KMS"
    stream = deployed.get("StreamSpecification", {}).get("StreamViewType")
    assert stream == declared.get("StreamSpecification", {}).get("StreamViewType")

    ttl = dynamodb.describe_time_to_live(TableName=PREFIX + name)["TimeToLiveDescription"]
    assert ttl.get("AttributeName") == TTL.get(name)
    assert (ttl["TimeToLiveStatus"] == "ENABLED") is (name in TTL)
    backups = dynamodb.describe_continuous_backups(TableName=PREFIX + name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
