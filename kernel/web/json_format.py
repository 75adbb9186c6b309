"""JSON in and out of the API, by orjson.

Apart from `kernel.web.rest`, because DRF loads these classes while its own views are being loaded.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from kernel.encoding import to_json

MEDIA_TYPE = "application/json"
MAX_BODY_BYTES = 128 * 1024
# No body of ours needs more than five; what lies hundreds deep ends in the recursion limits of those who write it.
MAX_BODY_LEVELS = 20


class ORJSONRenderer(BaseRenderer):
    """JSON, compact; indented where the browsable API shows it."""

    media_type = MEDIA_TYPE
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return to_json(data, indent=bool((renderer_context or {}).get("indent")))


def _is_deeper_than(levels: int, data: Any) -> bool:
    """Whether objects and lists lie in each other more than so many levels deep."""
    containers = [data]
    for _ in range(levels):
        members = [member for each in containers for member in (each.values() if isinstance(each, dict) else each)]
        containers = [member for member in members if isinstance(member, dict | list)]
        if not containers:
            return False
    return True


def _refuse_repeated_names(members: list[tuple[str, Any]]) -> None:
    names: set[str] = set()
    for name, _ in members:
        if name in names:
            raise ParseError(f"The body has “{name[:100]}” more than once in one object. Send it once.")
        names.add(name)


def _refuse_packed(coding: str) -> None:
    """Raises `UnsupportedMediaType` for a body that is said to be packed, which would be called broken JSON."""
    if coding.strip().lower() not in ("", "identity"):
        detail = f"Send the body as it is: the Content-Encoding “{coding[:20]}” is not supported."
        raise UnsupportedMediaType(coding, detail)


class ORJSONParser(BaseParser):
    """One JSON object in UTF-8, no name twice, nothing else, up to `MAX_BODY_BYTES` and `MAX_BODY_LEVELS`."""

    media_type = MEDIA_TYPE

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        if parser_context is not None:
            _refuse_packed(parser_context["request"].headers.get("Content-Encoding", ""))
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise RequestDataTooBig
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from None
        if not isinstance(data, dict):
            raise ParseError("The body must be one JSON object.")
        if _is_deeper_than(MAX_BODY_LEVELS, data):
            raise ParseError(f"The body must not be nested more than {MAX_BODY_LEVELS} levels deep.")
        # orjson keeps the last of equal names; whoever looks at the request on its way may keep the first.
        json.loads(body, object_pairs_hook=_refuse_repeated_names)
        return data
