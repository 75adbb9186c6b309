"""The API as pages, for people who explore it in a browser: signed in by their session, with CSRF checks."""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc, isclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.renderers import BrowsableAPIRenderer as RestBrowsableAPIRenderer
from rest_framework.request import Request

from kernel.encoding import to_json
from kernel.values import dataclass
from kernel.web.json_format import ORJSONRenderer

# An address of the API as a whole value of the JSON that is shown.
_LINK = re.compile(r'"((?:https?://[^"/]+)?/api/v1[^"\s]*)"')
_WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Call:
    """Something to send to the address: a method, what it does, and a body to begin with (None: there is none)."""

    method: str
    summary: str
    description: str
    body: str | None
    is_repeatable: bool


class BrowsableAPIRenderer(RestBrowsableAPIRenderer):
    """What a call answers, on a page of the site, with forms for the other calls of the same address."""

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        context = dict(renderer_context or {})
        view, request, response = context["view"], context["request"], context["response"]
        renderer = self.get_default_renderer(view) or ORJSONRenderer()
        content = self.get_content(renderer, data, accepted_media_type or "", context)
        documentation = _documentation(view, request.method)
        return {
            "name": self.get_name(view),
            "summary": documentation.summary if documentation else "",
            "crumbs": [*self.get_breadcrumbs(request)[:-1], (self.get_name(view), "")],
            "response": response,
            "headers": sorted(response.items()),
            "content": _linked(content),
            "calls": list(self._calls(view, request)),
        }

    def _calls(self, view: Any, request: Request) -> Iterator[Call]:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            documentation = _documentation(view, method)
            if documentation is None or not self.show_form_for_method(view, method, request, None):
                continue
            handler = getattr(view, method.lower())
            yield Call(
                method=method,
                summary=documentation.summary,
                description=cleandoc(handler.__doc__ or ""),
                body=_example(documentation.request) if method in _WITH_BODY else None,
                is_repeatable=documentation.repeatable,
            )


def _documentation(view: Any, method: str | None) -> Any:
    return getattr(getattr(view, str(method).lower(), None), "documentation", None)


def _linked(content: str) -> SafeString:
    """The JSON, escaped, with links to what it names of the API."""
    parts = _LINK.split(content)
    texts = [
        format_html('"<a href="{}">{}</a>"', part, part) if number % 2 else format_html("{}", part)
        for number, part in enumerate(parts)
    ]
    return mark_safe("".join(texts))  # noqa: S308  (of escaped parts alone)


def _example(body: Any) -> str:
    """A body with every field, to be filled in."""
    fields = _values(body()) if isclass(body) and issubclass(body, serializers.Serializer) else {}
    return to_json(fields, indent=True).decode()


def _values(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    return {name: _value(field) for name, field in serializer.fields.items() if not field.read_only}


def _value(field: Any) -> Any:
    if isinstance(field, serializers.Serializer):
        return _values(field)
    if isinstance(field, serializers.ListField | serializers.ListSerializer):
        return []
    if isinstance(field, serializers.DictField):
        return {}
    if field.default is not empty and isinstance(field.default, str | int | bool | None):
        return field.default
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices), "")
    if isinstance(field, serializers.BooleanField):
        return False
    return 0 if isinstance(field, serializers.IntegerField | serializers.FloatField) else ""
