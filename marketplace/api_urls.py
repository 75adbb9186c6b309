"""The API, version 1. Each app lists its own routes."""

from django.urls import include, path

from kernel.registry import module_names
from marketplace.api import SchemaView, api_docs
from marketplace.health import HealthView

urlpatterns = [
    *(path("", include(module)) for module in module_names("api_urls")),
    path("health", HealthView.as_view(), name="health"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", api_docs, name="api-docs"),
]
