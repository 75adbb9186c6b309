"""What Lambda calls for HTTP: one request of API Gateway, answered by the site through Zappa's bridge."""

from collections.abc import Mapping
from typing import Any

from zappa.handler import LambdaHandler

from marketplace.entrypoints.errors import UnknownSourceError

# All that a request is made of. Zappa's bridge looks for other members first and runs code that they name
# ("raw_command", "command", "manage"), and puts "stageVariables" into the environment: they are left out.
_MEMBERS = (
    "resource",
    "path",
    "httpMethod",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "requestContext",
    "body",
    "isBase64Encoded",
)


def handle(event: Any, context: Any = None) -> Any:
    """Answer one request of API Gateway's proxy integration. Raises `UnknownSourceError` for everything else."""
    if not isinstance(event, Mapping) or not {"httpMethod", "path", "requestContext"} <= event.keys():
        raise UnknownSourceError("only requests of API Gateway are served here")
    request = {name: event[name] for name in _MEMBERS if name in event}
    return LambdaHandler.lambda_handler(request, context)
