"""docs/events.md says who hears of what as the code does."""

import re

from bookings.domain import Status
from kernel.actors import Role
from marketplace.settings.env import BASE_DIR
from notifications.domain import Channel
from tests.factories.letters import BOOKING_MESSAGES

_WORDS = {Channel.EMAIL: "email", Channel.IN_APP: "note"}


def documented() -> dict[str, list[str]]:
    """The cells of each row of the table, by the type of event."""
    text = (BASE_DIR / "docs" / "events.md").read_text().partition("## Who hears of what")[2]
    rows = re.findall(r"^\| `([a-z_.]+)`(.*)\|$", text, re.MULTILINE)
    return {type_: [cell.strip() for cell in rest.split("|")] for type_, rest in rows}


def test_the_documented_table_is_the_code_s() -> None:
    rows = documented()
    assert set(rows) == set(BOOKING_MESSAGES)
    for type_, message in BOOKING_MESSAGES.items():
        suffix, customer, provider, told_while = rows[type_]
        assert (suffix == "(can be switched off)") is message.optional
        for cell, role in ((customer, Role.CUSTOMER), (provider, Role.PROVIDER)):
            channels = {channel for channel, word in _WORDS.items() if re.search(rf"\b{word}\b", cell)}
            assert channels == set(message.audience.get(role, ())), (type_, role)
        statuses = {status for status in Status if re.search(rf"\b{status}\b", told_while)}
        assert statuses == set(message.true_in), type_
