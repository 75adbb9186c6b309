"""Whose key a request came with: API Gateway has asked for it, and counts what it is used for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

# Behind it is the API, for who has a key.
INTEGRATORS = "/integrators"


def key_of(event: Mapping[str, Any]) -> str:
    """The id of the key that API Gateway says a request came with; empty for none.

    Of the members of an event, nothing of this one is the caller's to choose.
    """
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return str(identity.get("apiKeyId") or "")


def came_with_key(meta: Mapping[str, Any]) -> bool:
    """Whether the request with this environment came by a key, whose limits API Gateway keeps."""
    # Zappa's bridge puts the event there; elsewhere nothing does, and no header of a request can.
    return bool(key_of(meta.get("lambda.event") or {}))


def absolute_address(request: HttpRequest | Request, path: str) -> str:
    """The absolute address of a path of the API for whoever sent the request: who came with a key goes on with it."""
    return request.build_absolute_uri(f"{INTEGRATORS if came_with_key(request.META) else ''}{path}")
