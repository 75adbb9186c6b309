"""The parameters of a request against botocore's model of the service."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from tests.request_linter.findings import Finding


@cache
def _service_model() -> Any:
    return botocore.session.get_session().get_service_model("dynamodb")


def check_model(operation: str, request: Mapping[str, Any]) -> list[Finding]:
    """The parameters against botocore's model of the service: names, types, what is required, and all its bounds."""
    model = _service_model()
    if operation not in model.operation_names:
        return [Finding("model", f"DynamoDB has no operation {operation}")]
    shape = model.operation_model(operation).input_shape
    findings: list[Finding] = []
    converted = _converted(request, shape, findings)
    report = ParamValidator().validate(converted, shape)
    if report.has_errors():
        findings += [Finding("model", line) for line in report.generate_report().splitlines()]
    _check_bounds(converted, shape, operation, findings)
    return findings


def _converted(value: Any, shape: Any, findings: list[Finding]) -> Any:
    """As botocore takes it: binary as bytes."""
    if shape.type_name == "blob" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            findings.append(Finding("model", "binary that is no base64"))
            return b""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {
            name: _converted(member, shape.members[name], findings) if name in shape.members else member
            for name, member in value.items()
        }
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {name: _converted(member, shape.value, findings) for name, member in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_converted(member, shape.member, findings) for member in value]
    return value


def _check_bounds(value: Any, shape: Any, where: str, findings: list[Finding]) -> None:
    """What botocore leaves to the service: enumerations, patterns, maxima, unknown names."""
    findings += [Finding("model", f"{where}{message}") for message in _own_faults(value, shape)]
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, member in value.items():
            if name in shape.members:
                _check_bounds(member, shape.members[name], f"{where}.{name}", findings)
    elif shape.type_name == "list" and isinstance(value, list):
        for member in value:
            _check_bounds(member, shape.member, f"{where}[]", findings)
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, member in value.items():
            _check_bounds(key, shape.key, f"{where} key", findings)
            _check_bounds(member, shape.value, f"{where}.{key}", findings)


def _own_faults(value: Any, shape: Any) -> Iterator[str]:
    """What is wrong about a value, its members left aside."""
    kind, bounds = shape.type_name, shape.metadata
    if kind == "structure" and isinstance(value, Mapping):
        yield from (f" has no parameter {name}" for name in value if name not in shape.members)
        return
    if kind == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield f": {value!r} is none of {shape.enum}"
        if "pattern" in bounds and not re.fullmatch(bounds["pattern"], value):
            yield f": {value!r} is not of the pattern {bounds['pattern']}"
    length = value if kind in ("integer", "long") and isinstance(value, int) else None
    if kind in ("string", "list", "map", "blob") and hasattr(value, "__len__"):
        length = len(value)
    if length is not None and length > bounds.get("max", length):
        yield f": {length}, {bounds['max']} at most"
