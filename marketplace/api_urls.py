"""The API, version 1. Each app lists its own routes."""

from django.urls import include, path

from marketplace.api import SchemaView, api_docs
from marketplace.health import HealthView

urlpatterns = [
    path("", include("bookings.api_urls")),
    path("", include("catalog.api_urls")),
    path("", include("accounts.api_urls")),
    path("", include("reviews.api_urls")),
    path("", include("notifications.api_urls")),
    path("", include("pages.api_urls")),
    path("health", HealthView.as_view(), name="health"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", api_docs, name="api-docs"),
]
