"""The OpenAPI document: what all operations share is added here, once."""

from drf_spectacular.openapi import AutoSchema


class ProblemAutoSchema(AutoSchema):
    """Describes one operation."""
