"""What the functions' roles allow, held against what the functions ask for in a rehearsal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marketplace.laptop.cloudformation import read_template
from marketplace.operations.provisioning import FUNCTIONS

# Role → what it allows and no rehearsal asks for, with who does.
UNREHEARSED: Mapping[str, Mapping[str, str]] = {"web": {}, "events": {}}


def allowed_actions() -> dict[str, set[str]]:
    """Role, by the last part of its name, → the actions that its policies name."""
    resources = read_template(FUNCTIONS.path)["Resources"]
    roles = {
        name: each["Properties"]["RoleName"]["Fn::Sub"].rpartition("-")[2]
        for name, each in resources.items()
        if each["Type"] == "AWS::IAM::Role"
    }
    found: dict[str, set[str]] = {role: set() for role in roles.values()}
    for each in resources.values():
        if each["Type"] == "AWS::IAM::ManagedPolicy":
            for role in each["Properties"]["Roles"]:
                found[roles[role["Ref"]]] |= set(_actions(each["Properties"]["PolicyDocument"]["Statement"]))
    return found


def _actions(statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for statement in statements:
        action = statement["Action"]
        yield from [action] if isinstance(action, str) else action


def differences(calls: Iterable[str]) -> list[str]:
    """In what the roles are not as narrow as what was asked for; `calls` are lines as the embedded cloud writes them.

    Nothing if all is well: nothing was refused, and whatever is allowed was asked for or is `UNREHEARSED`.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    found = []
    for call in calls:
        decision, role, action, resource = call.split(" ", 3)
        if decision == "Allow":
            asked[role.rpartition("-")[2]].add(action)
        else:
            found.append(f"{role}: was refused {action} of {resource.strip()}")
    for role, actions in allowed_actions().items():
        found += [
            f"{role}: may {action}, which nobody asked for: take it away, or say in permissions.py who does"
            for action in sorted(actions - asked[role] - UNREHEARSED[role].keys())
        ]
    return found
