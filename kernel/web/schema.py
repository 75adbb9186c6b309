"""The OpenAPI document: what views declare with `documented`, and what all operations share.

Tests hold every response of the API to it: a status that is not declared fails there, and so does a body of another
shape.
"""

from functools import cache
from threading import Lock
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent, force_instance
from rest_framework.permissions import SAFE_METHODS
from rest_framework.serializers import ListSerializer, Serializer

from kernel.web.permissions import AnyOne, HasRole
from kernel.web.problems import MEDIA_TYPE, PROBLEM_TYPES, ProblemType
from kernel.web.rest import Documentation

_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A failure, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "A page that explains the problem."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What went wrong this time, and what to do."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path asked for."},
        "code": {"type": "string", "description": "Stable, for programs to decide on."},
        "errors": {
            "type": "array",
            "description": "One for each refused field, parameter or header.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names this request: a repetition within 24 hours gets the first answer again, whatever happened "
    "on the way. Choose a new one for each new request, for example a UUID.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "5f1c9a52-7a0e-4f4c-9d36-0e7f0b8f1d2a",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the copy that the change is based on; if it is not the newest, the answer is 412.",
    "schema": {"type": "string"},
    "example": '"3"',
}
_ETAG = {"description": "The version, for If-Match.", "schema": {"type": "string"}, "example": '"3"'}
_LOCATION = {"description": "Where the new thing is.", "schema": {"type": "string", "format": "uri-reference"}}
_REPLAYED = {
    "description": "`true` on the stored answer to a repeated request.",
    "schema": {"type": "string", "enum": ["true"]},
}
_NEXT = {
    "type": ["string", "null"],
    "format": "uri",
    "description": "The address of the following page; null on the last.",
}


class TextScheme(OpenApiSerializerFieldExtension):
    """Text with the lengths of its rule."""

    target_class = "kernel.web.rest_fields.TextField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        rule = self.target.rule
        return {"type": "string", "minLength": rule.least, "maxLength": rule.most}


class CountryScheme(OpenApiSerializerFieldExtension):
    """Two letters of either case."""

    target_class = "kernel.web.rest_fields.CountryField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "minLength": 2, "maxLength": 2, "pattern": "^[A-Za-z]{2}$", "example": "US"}


class DayOrInstantScheme(OpenApiSerializerFieldExtension):
    """A date or an instant, as text."""

    target_class = "kernel.web.rest_fields.DayOrInstantField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "example": "2026-03-01"}


class ProblemAutoSchema(AutoSchema):
    """DEFAULT_SCHEMA_CLASS: one operation with its shared headers, page format and problem documents."""

    def get_auth(self) -> list[dict[str, Any]]:
        security: list[dict[str, Any]] = super().get_auth()
        # An empty requirement says that strangers are welcome, too.
        return [{}, *security] if self._is_public else security

    def get_summary(self) -> str:
        return self._documentation.summary

    def get_request_serializer(self) -> Any:
        return self._documentation.request

    def get_response_serializers(self) -> Any:
        return self._documentation.responses

    def get_override_parameters(self) -> list[Any]:
        return list(self._documentation.parameters)

    @property
    def _documentation(self) -> Documentation:
        """What `documented` said. A method without it is an error, which fails the document's test."""
        documentation: Documentation = getattr(self.view, self.method.lower()).documentation
        return documentation

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: Any = False) -> str:  # noqa: FBT002
        name: str = super()._get_serializer_name(serializer, direction, bypass_extensions)
        return name.removesuffix("Schema")

    def get_operation_id(self) -> str:
        operation_id: str = super().get_operation_id()
        return operation_id.replace("_retrieve", "_list") if self._is_list else operation_id

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is not None:
            self._add_page(operation)
            self._add_headers(operation)
            self._add_problems(operation)
        return operation

    @property
    def _is_public(self) -> bool:
        return any(isinstance(permission, AnyOne) for permission in self.view.get_permissions())

    @property
    def _is_list(self) -> bool:
        return isinstance(force_instance(self._documentation.responses.get(200)), ListSerializer)

    def _add_page(self, operation: dict[str, Any]) -> None:
        if self._is_list:
            content = operation["responses"]["200"]["content"]["application/json"]
            content["schema"] = {
                "type": "object",
                "required": ["results", "next"],
                "properties": {"results": content["schema"], "next": _NEXT},
            }

    def _add_headers(self, operation: dict[str, Any]) -> None:
        parameters = operation.setdefault("parameters", [])
        if self._documentation.repeatable:
            parameters.append(_IDEMPOTENCY_KEY)
        if self._documentation.versioned:
            parameters.append(_IF_MATCH)
        for status in {"200", "201"} & operation["responses"].keys():
            headers = {}
            if self._has_versions or self._answers_with_version(status):
                headers["ETag"] = _ETAG
            if status == "201":
                headers["Location"] = _LOCATION
            if status == "201" and self._documentation.repeatable:
                headers["Idempotency-Replayed"] = _REPLAYED
            if headers:
                operation["responses"][status]["headers"] = headers

    @property
    def _has_versions(self) -> bool:
        """Whether any method of the view takes the version that a change is based on."""
        methods = (getattr(self.view, method.lower()) for method in self.view.allowed_methods)
        return any(method.documentation.versioned for method in methods if hasattr(method, "documentation"))

    def _answers_with_version(self, status: str) -> bool:
        serializer = force_instance(self._documentation.responses[int(status)])
        return isinstance(serializer, Serializer) and "version" in serializer.fields

    def _add_problems(self, operation: dict[str, Any]) -> None:
        own = self._documentation.refusals
        # Of several kinds with one status, the view's own comes first.
        for code in sorted(self._problem_codes(), key=lambda code: (code not in own, code)):
            kind = PROBLEM_TYPES[code]
            # A view may answer with that status in its own way, as the health check does with 503.
            operation["responses"].setdefault(str(kind.status), self._problem_response(kind))

    def _problem_codes(self) -> set[str]:
        documentation = self._documentation
        # Every operation refuses parameters and conditions that it does not know.
        codes = {"invalid_input", "address_too_long", "headers_too_large", "not_acceptable", "too_many_requests"}
        codes |= {"internal_error", "busy"}
        codes |= set(documentation.refusals)
        codes |= {"invalid_token"} if self._is_public else {"not_authenticated"}
        if self.method not in SAFE_METHODS or self._is_for_some_roles:
            # A change from a browser's session needs its CSRF token.
            codes.add("forbidden")
        if documentation.request is not None:
            codes |= {"content_too_large", "unsupported_media_type"}
        if documentation.repeatable:
            codes.add("idempotency_key_reused")
        if documentation.versioned:
            codes.add("stale_version")
        return codes

    @property
    def _is_for_some_roles(self) -> bool:
        """Whether not everyone who is signed in may call it."""
        return any(isinstance(permission, HasRole) for permission in self.view.get_permissions())

    def _problem_response(self, kind: ProblemType) -> dict[str, Any]:
        problem = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, _PROBLEM_SCHEMA, "Problem")
        self.registry.register_on_missing(problem)
        example = {
            "type": kind.uri,
            "title": kind.title,
            "status": kind.status,
            "detail": kind.remedy,
            "instance": "/api/v1/…",
            "code": kind.code,
            "errors": [],
        }
        schema: dict[str, Any] = {
            "description": kind.title,
            "content": {MEDIA_TYPE: {"schema": problem.ref, "example": example}},
        }
        name = "".join(word.capitalize() for word in kind.code.split("_"))
        response = ResolvedComponent(name, ResolvedComponent.RESPONSE, schema, name)
        self.registry.register_on_missing(response)
        reference: dict[str, Any] = response.ref
        return reference


# drf-spectacular loads its extensions with the first document, and not for several threads at once.
_making = Lock()


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the whole API; it is the same for everyone, and made once."""
    with _making:
        return _document()


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document
