"""The API, version 1. Each app lists its own routes."""

from django.urls import path

from kernel.registry import module_names
from marketplace.api import SchemaView, api_docs
from marketplace.health import HealthView

urlpatterns = [
    # The names of modules: each is imported when an address is asked for that is in none of those before.
    *(path("", (module, None, None)) for module in module_names("api_urls")),  # type: ignore[arg-type]
    path("health", HealthView.as_view(), name="health"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", api_docs, name="api-docs"),
]
