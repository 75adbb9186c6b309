"""The API, version 1. Each app lists its own routes."""

from importlib.util import find_spec

from django.urls import include, path, re_path

from marketplace.rest import UnknownResource

urlpatterns = [
    path("", include(f"{app}.api_urls")) for app in ("catalog", "bookings", "reviews") if find_spec(f"{app}.api_urls")
] + [re_path("", UnknownResource.as_view())]
