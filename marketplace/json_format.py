"""JSON in and out of the API, by orjson.

Apart from `marketplace.rest`, because DRF loads these classes while its own views are being loaded.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.utils.functional import Promise
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

MEDIA_TYPE = "application/json"
MAX_BODY_BYTES = 128 * 1024


def _plain(value: Any) -> str:
    """The fallback of orjson: text that is translated when it is shown."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def to_json(data: Any, *, indent: bool = False) -> bytes:
    """The data as JSON in UTF-8. Raises `TypeError` for what JSON cannot hold."""
    return orjson.dumps(data, _plain, orjson.OPT_INDENT_2 if indent else 0)


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


class ORJSONParser(BaseParser):
    """One JSON object in UTF-8, nothing else, up to `MAX_BODY_BYTES`."""

    media_type = MEDIA_TYPE

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise RequestDataTooBig
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from None
        if not isinstance(data, dict):
            raise ParseError("The body must be one JSON object.")
        return data
