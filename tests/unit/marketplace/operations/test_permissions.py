"""What roles allow, held against what a rehearsal saw the functions ask for."""

import pytest

from marketplace.operations.deploy import permissions
from marketplace.operations.deploy.permissions import UNREHEARSED, allowed_actions, differences


def everything(role: str) -> list[str]:
    return [
        f"Allow lintel-rehearsal-{role} {action} arn:aws:any:thing at all"
        for action in sorted(allowed_actions()[role] - UNREHEARSED[role].keys())
    ]


ALL = [*everything("web"), *everything("events")]


def test_roles_that_allow_what_is_asked_for_are_as_they_should_be() -> None:
    assert differences(ALL) == []


def test_what_nobody_asks_for_is_named() -> None:
    (line,) = differences([call for call in ALL if "lintel-rehearsal-web sqs:GetQueueUrl" not in call])
    assert line.startswith("web: may sqs:GetQueueUrl, which nobody asked for")


def test_what_is_refused_is_named() -> None:
    refusal = "ImplicitDeny lintel-rehearsal-events s3:DeleteBucket arn:aws:s3:::documents"
    assert differences([*ALL, refusal]) == [
        "lintel-rehearsal-events: was refused s3:DeleteBucket of arn:aws:s3:::documents"
    ]


@pytest.mark.parametrize("role", ["web", "events"])
def test_the_written_list_has_what_is_allowed_and_says_who_asks_for_it(role: str) -> None:
    assert UNREHEARSED[role].keys() <= allowed_actions()[role]
    assert all(len(reason) > 10 for reason in UNREHEARSED[role].values())


def test_no_role_allows_a_kind_of_action() -> None:
    assert not [action for actions in allowed_actions().values() for action in actions if "*" in action]
    assert permissions.allowed_actions().keys() == {"web", "events"}
