"""Holds responses of the API to the OpenAPI document: the status is declared, the body has the declared shape."""

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from kernel.web.schema import openapi_document

# Statuses that belong to no operation: no such address, or no such method there.
_OF_NO_OPERATION = {404, 405}


def check_response(method: str, path: str, response: Any) -> None:
    """Raises `AssertionError` unless the document says that the operation may respond like this.

    What is not of the documented API (pages, views of tests) passes.
    """
    operation = _operation(method.lower(), path)
    if operation is None:
        return
    template, declared = operation
    status = str(response.status_code)
    if response.status_code in _OF_NO_OPERATION and status not in declared:
        return
    assert status in declared, f"{method} {template} may not respond with {status}: {response.content[:500]!r}"
    media_type = response.headers.get("Content-Type", "")
    if response.status_code < 300 and media_type == "application/json" and method != "HEAD":
        errors = [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
            for error in _validator(method.lower(), template, status).iter_errors(response.json())
        ]
        assert not errors, f"{method} {template} answered {status} with {errors}"


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    patterns = []
    for template in openapi_document()["paths"]:
        pattern = re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(template))
        patterns.append((re.compile(pattern), template))
    # A fixed address comes before one with a variable part.
    return sorted(patterns, key=lambda pair: pair[1].count("{"))


@cache
def _operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    for pattern, template in _paths():
        if pattern.fullmatch(path):
            methods = openapi_document()["paths"][template]
            operation = methods.get("get" if method == "head" else method)
            return None if operation is None else (template, operation["responses"])
    return None


@cache
def _validator(method: str, template: str, status: str) -> Draft202012Validator:
    document = openapi_document()
    content = document["paths"][template][method]["responses"][status]["content"]["application/json"]
    schema = {**_closed(content["schema"]), "components": _closed(document["components"])}
    return Draft202012Validator(schema)


def _closed(schema: Any) -> Any:
    """The schema, with members that it does not name refused: what is not documented is not answered."""
    if isinstance(schema, list):
        return [_closed(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(member) for name, member in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
