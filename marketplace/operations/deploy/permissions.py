"""What the functions' roles allow, held against what the functions ask for in a rehearsal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marketplace.laptop.cloudformation import read_template
from marketplace.operations.provisioning import FUNCTIONS

# Lambda's own doing, by the function's role.
_LAMBDA = {
    "logs:CreateLogStream": "Lambda, for the log of the function",
    "logs:PutLogEvents": "Lambda, for each line of the log",
}
_SOURCES = "Lambda's event source mappings, which a rehearsal of the embedded cloud feeds without it"
_ADMIN = "the first page of the admin"
_ACCOUNTS = "people and admins who change accounts; a rehearsal has accounts that are ready"
# Role → what it allows and no rehearsal asks for, with who does.
UNREHEARSED: Mapping[str, Mapping[str, str]] = {
    "web": {
        **_LAMBDA,
        "cloudwatch:DescribeAlarmHistory": _ADMIN,
        "cloudwatch:DescribeAlarms": _ADMIN,
        "sqs:GetQueueAttributes": _ADMIN,
        "cognito-idp:AdminAddUserToGroup": _ACCOUNTS,
        "cognito-idp:AdminDeleteUser": _ACCOUNTS,
        "cognito-idp:AdminDisableUser": _ACCOUNTS,
        "cognito-idp:AdminGetUser": _ACCOUNTS,
        "cognito-idp:AdminRemoveUserFromGroup": _ACCOUNTS,
        "cognito-idp:AdminSetUserPassword": _ACCOUNTS,
        "cognito-idp:AdminUpdateUserAttributes": _ACCOUNTS,
        "cognito-idp:AdminUserGlobalSignOut": _ACCOUNTS,
        "dynamodb:DeleteItem": "ending a session, favourites, erasure",
        "s3:DeleteObject": "erasure, of what was uploaded and not claimed",
        "s3:GetObject": "photos that only the parties of a booking may see, fonts of invoices",
        "s3:ListBucket": "S3, to say of a photo that it is missing",
        "s3:PutObject": "the browser, with the form for an upload that the function signs",
    },
    "events": {
        **_LAMBDA,
        "dynamodb:DescribeStream": _SOURCES,
        "dynamodb:GetRecords": _SOURCES,
        "dynamodb:GetShardIterator": _SOURCES,
        "dynamodb:ListStreams": _SOURCES,
        "sqs:DeleteMessage": _SOURCES,
        "sqs:GetQueueAttributes": _SOURCES,
        "sqs:ReceiveMessage": _SOURCES,
        "sqs:ChangeMessageVisibility": "a message that failed, which is shown again later",
        "cognito-idp:AdminAddUserToGroup": _ACCOUNTS,
        "cognito-idp:AdminDeleteUser": _ACCOUNTS,
        "cognito-idp:AdminDisableUser": _ACCOUNTS,
        "cognito-idp:AdminEnableUser": _ACCOUNTS,
        "cognito-idp:AdminGetUser": _ACCOUNTS,
        "cognito-idp:AdminRemoveUserFromGroup": _ACCOUNTS,
        "cognito-idp:AdminUserGlobalSignOut": _ACCOUNTS,
        "dynamodb:ConditionCheckItem": "counts of ratings, and orders of admins",
        "dynamodb:DeleteItem": "erasure, and work that is done",
        "s3:DeleteObject": "photos that were removed",
        "s3:GetObject": "uploads, fonts of invoices, and invoices that another process has drawn",
    },
}


def allowed_actions() -> dict[str, set[str]]:
    """Role, by the last part of its name, → the actions that its policies allow, but for those of options."""
    resources = read_template(FUNCTIONS.path)["Resources"]
    roles = {
        name: each["Properties"]["RoleName"]["Fn::Sub"].rpartition("-")[2]
        for name, each in resources.items()
        if each["Type"] == "AWS::IAM::Role"
    }
    found: dict[str, set[str]] = {role: set() for role in roles.values()}
    for each in resources.values():
        if each["Type"] == "AWS::IAM::ManagedPolicy" and "Condition" not in each:
            # That of a server is given to none of them.
            for role in each["Properties"].get("Roles", []):
                found[roles[role["Ref"]]] |= set(_actions(each["Properties"]["PolicyDocument"]["Statement"]))
    return found


def _actions(statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for statement in statements:
        action = statement["Action"]
        yield from [action] if isinstance(action, str) else action


def _parts(call: str) -> tuple[str, str, str]:
    role, action, resource = call.split(" ", 2)
    return role, action, resource


def differences(calls: Iterable[str]) -> list[str]:
    """In what the roles are not as narrow as what was asked for; `calls` are lines as the embedded cloud writes them.

    Nothing if all is well: nothing was refused, and whatever is allowed was asked for or is `UNREHEARSED`.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    allowed, refused = set[str](), set[str]()
    for call in calls:
        decision, what = call.strip().split(" ", 1)
        (allowed if decision == "Allow" else refused).add(what)
        if decision == "Allow":
            role, action, _ = _parts(what)
            asked[role.rpartition("-")[2]].add(action)
    # Of a queue also its own policy is asked, which allows nothing and refuses nothing.
    found = [f"{role}: was refused {action} of {resource}" for role, action, resource in map(_parts, refused - allowed)]
    for role, actions in allowed_actions().items():
        found += [
            f"{role}: may {action}, which nobody asked for: take it away, or say in permissions.py who does"
            for action in sorted(actions - asked[role] - UNREHEARSED[role].keys())
        ]
    return found
