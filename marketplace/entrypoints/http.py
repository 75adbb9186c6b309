"""What Lambda calls for HTTP: one request of API Gateway, answered by the site through Zappa's bridge."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare
from zappa.handler import LambdaHandler

from kernel.copies import begin_anew
from kernel.logs import at_work_on
from marketplace.entrypoints.errors import UnknownSourceError
from marketplace.settings.env import starts_from_snapshot

# All that a request is made of. Zappa's bridge looks for other members first and runs code that they name
# ("raw_command", "command", "manage"), and puts "stageVariables" into the environment: they are left out.
_MEMBERS = (
    "resource",
    "path",
    "httpMethod",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "requestContext",
    "body",
    "isBase64Encoded",
)
if starts_from_snapshot():
    # Of Lambda's own, beside its runtime.
    from snapshot_restore_py import register_after_restore

    register_after_restore(begin_anew)

_REFUSAL = {
    "statusCode": 403,
    "headers": {"Content-Type": "application/problem+json", "Cache-Control": "no-store"},
    "body": '{"title": "Forbidden", "status": 403, "detail": "This address is not for clients; use that of the site."}',
}


def handle(event: Any, context: Any = None) -> Any:
    """Answer one request of API Gateway's proxy integration; 403 if it should have come by the edge and did not.

    Raises `UnknownSourceError` for everything else.
    """
    if not isinstance(event, Mapping) or not {"httpMethod", "path", "requestContext"} <= event.keys():
        raise UnknownSourceError("only requests of API Gateway are served here")
    headers = _headers(event)
    if settings.FRONT_SECRET:
        # Only the edge knows it. A direct call could say of itself where it came from, and pass by the firewall.
        if not constant_time_compare(settings.FRONT_SECRET, ",".join(headers.get("x-front-secret", []))):
            return _REFUSAL
        # API Gateway is called by its own name; the edge answers to the site's alone.
        headers["host"] = [urlsplit(settings.SITE_URL).netloc]
    request = {name: event[name] for name in _MEMBERS if name in event}
    request |= {
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
    }
    with at_work_on(request=str(getattr(context, "aws_request_id", ""))):
        return LambdaHandler.lambda_handler(request, context)


def _headers(event: Mapping[str, Any]) -> dict[str, list[str]]:
    """The request's headers by lower-case name; to WSGI, a name with an underscore would be one with a hyphen."""
    found: dict[str, list[str]] = {}
    many = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    for name, values in many.items():
        if "_" in name:
            continue
        found.setdefault(name.lower(), []).extend(values)
    return found
