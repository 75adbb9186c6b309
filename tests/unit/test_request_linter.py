"""The request linter: of 63 requests with one fault each, all are found, and of two good ones none is blamed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.request_linter import Index, TableSchema, lint

Request = tuple[str, dict[str, Any]]

TABLES = {
    table.name: table
    for table in (
        TableSchema(
            "test-bookings-table",
            ("bookingId",),
            {"bookingId": "S", "providerId": "S", "startsAt": "S"},
            {"pb-index": Index(("providerId", "startsAt"), "INCLUDE", frozenset({"status", "createdAt"}))},
        ),
        TableSchema("test-slot-claims-table", ("providerId", "day"), {"providerId": "S", "day": "S"}),
        TableSchema(
            "test-services-table",
            ("serviceId",),
            {"serviceId": "S", "listedCategory": "S", "priceAmount": "N"},
            {"category-index": Index(("listedCategory", "priceAmount"))},
        ),
        TableSchema("test-counters-table", ("counterKey",), {"counterKey": "S"}, ttl="expiresAt"),
        TableSchema("test-users-table", ("userId",), {"userId": "S", "email": "S"}, {"email-index": Index(("email",))}),
    )
}

BOOKINGS = "test-bookings-table"
CLAIMS = "test-slot-claims-table"
SERVICES = "test-services-table"
COUNTERS = "test-counters-table"
USERS = "test-users-table"


def text(x: str) -> dict[str, str]:
    return {"S": x}


def number(x: object) -> dict[str, str]:
    return {"N": str(x)}


KEY = {"counterKey": text("k")}


def changed(
    expr: str,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    cond: str | None = None,
    table: str = COUNTERS,
    key: Mapping[str, Any] = KEY,
) -> Request:
    r: dict[str, Any] = {"TableName": table, "Key": key, "UpdateExpression": expr}
    if cond:
        r["ConditionExpression"] = cond
    if names is not None:
        r["ExpressionAttributeNames"] = names
    if values is not None:
        r["ExpressionAttributeValues"] = values
    return ("UpdateItem", r)


def found(
    kce: str,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    table: str = BOOKINGS,
    **kw: Any,
) -> Request:
    r: dict[str, Any] = {"TableName": table, "KeyConditionExpression": kce, **kw}
    if names:
        r["ExpressionAttributeNames"] = names
    if values:
        r["ExpressionAttributeValues"] = values
    return ("Query", r)


big = "x" * 410_000
NESTED: dict[str, Any] = text("x")
for _ in range(33):
    NESTED = {"L": [NESTED]}
REQUESTS: dict[str, Request] = {
    "control: good update": changed("SET #c = :c", {"#c": "cc"}, {":c": number(1)}),
    "control: good query": found("providerId = :p", None, {":p": text("p")}, IndexName="pb-index"),
    "reserved word bare (day)": changed(
        "SET #c = :c", {"#c": "cc"}, {":c": number(1)}, cond="attribute_not_exists(day)"
    ),
    "reserved word bare (status) in filter": found(
        "providerId = :p",
        None,
        {":p": text("p"), ":s": text("x")},
        IndexName="pb-index",
        FilterExpression="status = :s",
    ),
    "unused name": changed("SET #c = :c", {"#c": "cc", "#d": "d"}, {":c": number(1)}),
    "unused value": changed("SET #c = :c", {"#c": "cc"}, {":c": number(1), ":d": number(2)}),
    "undefined value": changed("SET #c = :d", {"#c": "cc"}, {":c": number(1)}),
    "empty names map": changed("SET cc = :c", {}, {":c": number(1)}),
    "names without expression": (
        "GetItem",
        {"TableName": COUNTERS, "Key": KEY, "ExpressionAttributeNames": {"#a": "a"}},
    ),
    "empty string as key": ("GetItem", {"TableName": COUNTERS, "Key": {"counterKey": text("")}}),
    "empty string as index key": ("PutItem", {"TableName": USERS, "Item": {"userId": text("u1"), "email": text("")}}),
    "wrong type of index key": (
        "PutItem",
        {
            "TableName": SERVICES,
            "Item": {"serviceId": text("s1"), "listedCategory": text("c"), "priceAmount": text("9")},
        },
    ),
    "SET index key to empty string": changed(
        "SET email = :e", None, {":e": text("")}, table=USERS, key={"userId": text("u2")}
    ),
    "key with one attribute too many": (
        "GetItem",
        {"TableName": COUNTERS, "Key": {"counterKey": text("k"), "x": text("y")}},
    ),
    "partition key of 2049 bytes": ("GetItem", {"TableName": COUNTERS, "Key": {"counterKey": text("x" * 2049)}}),
    "sort key of 1025 bytes": (
        "GetItem",
        {"TableName": CLAIMS, "Key": {"providerId": text("p"), "day": text("x" * 1025)}},
    ),
    "item above 400 KB": ("PutItem", {"TableName": COUNTERS, "Item": {"counterKey": text("big"), "v": text(big)}}),
    "number of 39 digits": (
        "PutItem",
        {"TableName": COUNTERS, "Item": {"counterKey": text("n"), "v": number("1" * 39)}},
    ),
    "number NaN": ("PutItem", {"TableName": COUNTERS, "Item": {"counterKey": text("n"), "v": number("NaN")}}),
    "number 1E126": ("PutItem", {"TableName": COUNTERS, "Item": {"counterKey": text("n"), "v": number("1E126")}}),
    "empty set": ("PutItem", {"TableName": COUNTERS, "Item": {"counterKey": text("n"), "v": {"SS": []}}}),
    "set with duplicates": (
        "PutItem",
        {"TableName": COUNTERS, "Item": {"counterKey": text("n"), "v": {"SS": ["a", "a"]}}},
    ),
    "NULL false": ("PutItem", {"TableName": COUNTERS, "Item": {"counterKey": text("n"), "v": {"NULL": False}}}),
    "same item twice in a transaction": (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": COUNTERS, "Item": KEY}},
                {"Delete": {"TableName": COUNTERS, "Key": KEY}},
            ]
        },
    ),
    "101 items in a transaction": (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": COUNTERS, "Item": {"counterKey": text(f"t{i}")}}} for i in range(101)
            ]
        },
    ),
    "transaction above 4 MB": (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": COUNTERS, "Item": {"counterKey": text(f"T{i}"), "v": text("x" * 390_000)}}}
                for i in range(12)
            ]
        },
    ),
    "token of 37 characters": (
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"TableName": COUNTERS, "Item": KEY}}], "ClientRequestToken": "t" * 37},
    ),
    "ConditionCheck without condition": (
        "TransactWriteItems",
        {"TransactItems": [{"ConditionCheck": {"TableName": COUNTERS, "Key": KEY}}]},
    ),
    "batch of 101 keys": (
        "BatchGetItem",
        {"RequestItems": {COUNTERS: {"Keys": [{"counterKey": text(f"{i}")} for i in range(101)]}}},
    ),
    "batch with a key twice": ("BatchGetItem", {"RequestItems": {COUNTERS: {"Keys": [KEY, KEY]}}}),
    "batch write of 26": (
        "BatchWriteItem",
        {"RequestItems": {COUNTERS: [{"PutRequest": {"Item": {"counterKey": text(f"{i}")}}} for i in range(26)]}},
    ),
    "key condition with OR": found("providerId = :p OR providerId = :p", None, {":p": text("p")}, IndexName="pb-index"),
    "key condition: partition key with <": found("providerId < :p", None, {":p": text("p")}, IndexName="pb-index"),
    "key condition on no key": found(
        "providerId = :p AND createdAt = :p", None, {":p": text("p")}, IndexName="pb-index"
    ),
    "key condition: two on the sort key": found(
        "providerId = :p AND startsAt > :a AND startsAt < :b",
        None,
        {":p": text("p"), ":a": text("a"), ":b": text("b")},
        IndexName="pb-index",
    ),
    "key condition: wrong type": found("providerId = :p", None, {":p": number(1)}, IndexName="pb-index"),
    "BETWEEN upside down": found(
        "providerId = :p AND startsAt BETWEEN :b AND :a",
        None,
        {":p": text("p"), ":a": text("a"), ":b": text("b")},
        IndexName="pb-index",
    ),
    "consistent read of a GSI": found(
        "providerId = :p", None, {":p": text("p")}, IndexName="pb-index", ConsistentRead=True
    ),
    "filter on sort key of the index": found(
        "providerId = :p",
        None,
        {":p": text("p"), ":a": text("a")},
        IndexName="pb-index",
        FilterExpression="startsAt > :a",
    ),
    "filter on partition key": found(
        "providerId = :p",
        None,
        {":p": text("p")},
        IndexName="pb-index",
        FilterExpression="providerId = :p",
    ),
    "ALL_ATTRIBUTES of a partial GSI": found(
        "providerId = :p", None, {":p": text("p")}, IndexName="pb-index", Select="ALL_ATTRIBUTES"
    ),
    "projection of what the GSI lacks": found(
        "providerId = :p", None, {":p": text("p")}, IndexName="pb-index", ProjectionExpression="history"
    ),
    "unknown index": found("providerId = :p", None, {":p": text("p")}, IndexName="nope"),
    "start key without the table key": found(
        "providerId = :p",
        None,
        {":p": text("p")},
        IndexName="pb-index",
        ExclusiveStartKey={"providerId": text("p"), "startsAt": text("2")},
    ),
    "start key of another partition": found(
        "providerId = :p",
        None,
        {":p": text("p")},
        IndexName="pb-index",
        ExclusiveStartKey={"providerId": text("other"), "startsAt": text("2"), "bookingId": text("b")},
    ),
    "start key outside of the range": found(
        "providerId = :p AND startsAt > :a",
        None,
        {":p": text("p"), ":a": text("5")},
        IndexName="pb-index",
        ExclusiveStartKey={"providerId": text("p"), "startsAt": text("2"), "bookingId": text("b")},
    ),
    "Limit 0": found("providerId = :p", None, {":p": text("p")}, IndexName="pb-index", Limit=0),
    "expression above 4 KB": changed(
        "SET cc = :c",
        None,
        {":c": number(1)},
        cond=" OR ".join(f"attribute_not_exists(attribute_number_{i})" for i in range(110)),
    ),
    "IN with 101 operands": changed(
        "SET cc = :c",
        None,
        {":c": number(1), **{f":v{i}": number(i) for i in range(101)}},
        cond="zz IN (" + ",".join(f":v{i}" for i in range(101)) + ")",
    ),
    "redundant parentheses": changed("SET cc = :c", None, {":c": number(1)}, cond="((attribute_not_exists(zz)))"),
    "attribute compared with itself": changed("SET cc = :c", None, {":c": number(1)}, cond="cc = cc"),
    "overlapping paths": changed("SET cc = :c REMOVE cc", None, {":c": number(1)}),
    "overlapping paths, nested": changed("SET aa.bb = :c, aa = :c", None, {":c": number(1)}),
    "SET twice": changed("SET cc = :c SET dd = :c", None, {":c": number(1)}),
    "update of the key": changed("SET counterKey = :c", None, {":c": text("x")}),
    "ADD of a string": changed("ADD cc :c", None, {":c": text("1")}),
    "+ with a string": changed("SET cc = cc + :c", None, {":c": text("1")}),
    "< with a BOOL": changed("SET cc = :c", None, {":c": {"BOOL": True}}, cond="cc < :c"),
    "size() alone": changed("SET cc = :c", None, {":c": number(1)}, cond="size(cc)"),
    "function in capitals": changed("SET cc = :c", None, {":c": number(1)}, cond="ATTRIBUTE_EXISTS(cc)"),
    "PutItem returning ALL_NEW": ("PutItem", {"TableName": COUNTERS, "Item": KEY, "ReturnValues": "ALL_NEW"}),
    "ReturnValuesOnConditionCheckFailure ALL_NEW": (
        "PutItem",
        {"TableName": COUNTERS, "Item": KEY, "ReturnValuesOnConditionCheckFailure": "ALL_NEW"},
    ),
    "unknown parameter": ("GetItem", {"TableName": COUNTERS, "Key": KEY, "Consistent": True}),
    "value of two types": (
        "PutItem",
        {"TableName": COUNTERS, "Item": {"counterKey": text("k"), "v": {"S": "a", "N": "1"}}},
    ),
    "nesting of 33": (
        "PutItem",
        {
            "TableName": COUNTERS,
            "Item": {"counterKey": text("k"), "v": NESTED},
        },
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_every_fault_is_found_and_no_good_request_blamed(name: str) -> None:
    operation, request = REQUESTS[name]
    refused = [finding for finding in lint(operation, request, TABLES) if finding.severity == "refused"]
    assert bool(refused) is not name.startswith("control")
