"""Provisioning: what CloudFormation leaves on the embedded cloud, and what it says when it cannot."""

from marketplace.provisioning import provision


def test_repeating_changes_nothing() -> None:
    lines: list[str] = []
    first = provision("test")
    again = provision("test", report=lines.append)
    assert again == first
    assert lines
    assert all(line.endswith("up to date") for line in lines)
