"""Policies that hold: what MiniStack needs so that it refuses what AWS would, and nothing else."""

import json
from collections.abc import Awaitable, Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NamedTuple

ASGIApplication = Callable[[Any, Any, Any], Awaitable[None]]


class Credentials(NamedTuple):
    """With what a caller signs."""

    access_key_id: str
    secret: str


# Who may do everything in the account whose number this is.
ROOT = Credentials("000000000000", "embedded-cloud")
# What MiniStack wants to find in its environment.
SETTINGS = {"AUTH": "true", "AWS_ACCESS_KEY_ID": ROOT.access_key_id, "AWS_SECRET_ACCESS_KEY": ROOT.secret}

# AWS asks for the right to do the single thing; MiniStack asks for one that AWS does not know.
_BATCHES = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def enforce() -> None:
    """Hold MiniStack to what AWS would refuse; before it starts, and with `SETTINGS` in the environment.

    Three things are put right: what batches need, that an email is sent from an identity, not from anywhere, and that
    secrets are asked for by name.
    """
    # MiniStack takes its settings at import.
    from ministack.core import iam_actions

    extract_action, extract_resource = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def action_as_aws(*arguments: Any) -> str | None:
        action: str | None = extract_action(*arguments)
        return _BATCHES.get(action, action) if action else None

    def resource_as_aws(
        service: str, method: str, path: str, headers: Any, body: bytes, parameters: Any, region: str, account: str
    ) -> str:
        if service == "ses" and "Source" in parameters:
            return f"arn:aws:ses:{region}:{account}:identity/{_domain(parameters['Source'])}"
        if service == "ssm" and headers.get("x-amz-target") == "AmazonSSM.GetParameters":
            # AWS looks at each of them; they stand in one statement.
            first = json.loads(body)["Names"][0]
            return f"arn:aws:ssm:{region}:{account}:parameter/{first.removeprefix('/')}"
        resource: str = extract_resource(service, method, path, headers, body, parameters, region, account)
        return resource

    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = action_as_aws, resource_as_aws


def record_calls(path: Path) -> None:
    """Write down what roles ask for, each once: whether it was allowed, the role, the action, and of what.

    After `enforce`, and before MiniStack starts.
    """
    from ministack.core import iam_evaluator

    evaluate, seen = iam_evaluator.evaluate, set[str]()

    def evaluate_and_record(context: Any, *arguments: Any) -> Any:
        result = evaluate(context, *arguments)
        # arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
        if context.principal_type == "AssumedRole":
            role = context.principal_arn.split("/")[1]
            line = f"{result.decision} {role} {context.action} {context.resource_arn}\n"
            if line not in seen:
                seen.add(line)
                with path.open("a") as calls:
                    calls.write(line)
        return result

    iam_evaluator.evaluate = evaluate_and_record


def _domain(sender: str | list[str]) -> str:
    """Of the address that an email is sent from, with or without a name before it: the identity that SES knows."""
    _, address = parseaddr(sender if isinstance(sender, str) else sender[0])
    return address.rpartition("@")[2]


def as_encrypted(app: ASGIApplication) -> ASGIApplication:
    """Requests as if they had come by HTTPS: the templates' policies refuse others, and the loopback has none."""

    async def encrypted(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "scheme": "https"} if scope["type"] == "http" else scope, receive, send)

    return encrypted
