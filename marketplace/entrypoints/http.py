"""What Lambda calls for HTTP: one request of API Gateway, answered by the site through Zappa's bridge."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare
from zappa.handler import LambdaHandler

from kernel.copies import begin_anew
from kernel.logs import at_work_on
from kernel.web.integrators import INTEGRATORS, key_of
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


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_absent_or(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or kind(value)


def _is_mapping_to(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, Mapping) and all(isinstance(name, str) and kind(each) for name, each in value.items())
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


# What API Gateway sends, as far as anybody here looks at it.
_SHAPE: dict[str, Callable[[Any], bool]] = {
    "httpMethod": lambda value: _is_text(value) and value.isalpha(),
    "path": lambda value: _is_text(value) and value.startswith("/"),
    "requestContext": lambda value: isinstance(value, Mapping),
    "headers": _is_absent_or(_is_mapping_to(_is_text)),
    "multiValueHeaders": _is_absent_or(_is_mapping_to(_is_texts)),
    "queryStringParameters": _is_absent_or(_is_mapping_to(_is_text)),
    "multiValueQueryStringParameters": _is_absent_or(_is_mapping_to(_is_texts)),
    "body": _is_absent_or(_is_text),
    "isBase64Encoded": _is_absent_or(lambda value: isinstance(value, bool)),
}
# By this name alone the bridge looks for the host; without that, each link of a page would begin with the stage.
_NAMES = {"host": "Host"}
_REFUSAL = {
    "statusCode": 403,
    "headers": {"Content-Type": "application/problem+json", "Cache-Control": "no-store"},
    "body": '{"title": "Forbidden", "status": 403, "detail": "This address is not for clients; use that of the site."}',
}

if starts_from_snapshot():
    # Of Lambda's own, beside its runtime.
    from snapshot_restore_py import register_after_restore

    register_after_restore(begin_anew)


def handle(event: Any, context: Any = None) -> Any:
    """Answer one request of API Gateway's proxy integration; 403 if it should have come by the edge and did not.

    Raises `UnknownSourceError` for everything else.
    """
    if not isinstance(event, Mapping) or not all(is_so(event.get(name)) for name, is_so in _SHAPE.items()):
        raise UnknownSourceError("only requests of API Gateway are served here")
    headers = _headers(event)
    if settings.FRONT_SECRET:
        # Only the edge knows it. A direct call could say of itself where it came from, and pass by the firewall.
        if not constant_time_compare(settings.FRONT_SECRET, ",".join(headers.get("x-front-secret", []))):
            return _REFUSAL
        # API Gateway is called by its own name; the edge answers to the site's alone.
        headers["host"] = [urlsplit(settings.SITE_URL).netloc]
    request = {name: event[name] for name in _MEMBERS if name in event}
    request["path"] = _path(event)
    request |= {
        "headers": {_NAMES.get(name, name): values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
    }
    with at_work_on(request=str(getattr(context, "aws_request_id", ""))):
        return LambdaHandler.lambda_handler(request, context)


def _path(event: Mapping[str, Any]) -> str:
    """The path as the site knows it: an integrator's begins with where API Gateway has asked for their key."""
    path = str(event["path"])
    return path.removeprefix(INTEGRATORS) if path.startswith(f"{INTEGRATORS}/api/") and key_of(event) else path


def _headers(event: Mapping[str, Any]) -> dict[str, list[str]]:
    """The request's headers by lower-case name; to WSGI, a name with an underscore would be one with a hyphen."""
    found: dict[str, list[str]] = {}
    many = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    for name, values in many.items():
        if "_" in name:
            continue
        found.setdefault(name.lower(), []).extend(values)
    return found
