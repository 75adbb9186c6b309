"""Whose key a request came with: API Gateway has asked for it, and counts what it is used for."""

from collections.abc import Mapping
from typing import Any


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
