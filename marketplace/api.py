"""The API as a whole: its entry points, its OpenAPI document, and the page that explains it."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from kernel.web.json_format import ORJSONRenderer
from kernel.web.permissions import AnyOne
from kernel.web.rest import ApiView
from kernel.web.security_headers import allow_api_page

ENTRY_POINTS = ("categories", "services", "providers", "bookings", "reviews", "health", "schema", "api-docs")


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI on the OpenAPI document, with assets of our own."""
    response = render(request, "api_docs.html")
    allow_api_page(response)
    return response


class ApiRootView(ApiView):
    """The entry points of the API; from here it can be explored in a browser."""

    permission_classes = (AnyOne,)
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        # By the API's own names: a page may have the same.
        paths = {name: reverse(name, urlconf="marketplace.api_urls") for name in ENTRY_POINTS}
        return self.detail({name: request.build_absolute_uri(f"/api/v1{path}") for name, path in paths.items()})

    def get_view_name(self) -> str:
        return "API"


class SchemaView(ApiView):
    """The OpenAPI document of this API."""

    permission_classes = (AnyOne,)
    renderer_classes = (ORJSONRenderer,)
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        # Here, so that a cold start does not pay for a document that hardly anyone asks for.
        from kernel.web.schema import openapi_document

        return self.detail(openapi_document())
