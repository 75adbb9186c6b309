"""The API, version 1. Each app lists its own routes."""

from importlib.util import find_spec

from django.urls import include, path

from marketplace.health import HealthView
from marketplace.views import SchemaView, api_docs

urlpatterns = [
    *(
        path("", include(f"{app}.api_urls"))
        for app in ("catalog", "bookings", "reviews", "notifications")
        if find_spec(f"{app}.api_urls")
    ),
    path("health", HealthView.as_view(), name="health"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", api_docs, name="api-docs"),
]
