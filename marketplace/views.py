"""The pages that belong to no app: the start page, the API's documentation and the kinds of problems."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from accounts.permissions import AnyOne
from marketplace.json_format import ORJSONRenderer
from marketplace.problems import PROBLEM_TYPES
from marketplace.rest import ApiView

ENTRY_POINTS = ("categories", "services", "providers", "bookings", "reviews", "health", "schema", "api-docs")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The start page."""
    return render(request, "home.html")


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI on the OpenAPI document, with assets of our own."""
    return render(request, "api_docs.html")


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """All kinds of problems that the API reports."""
    kinds = sorted(PROBLEM_TYPES.values(), key=lambda kind: (kind.status, kind.code))
    return render(request, "problems.html", {"kinds": kinds})


@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """One kind: where the `type` of a problem document leads."""
    if code not in PROBLEM_TYPES:
        raise Http404
    return render(request, "problem.html", {"kind": PROBLEM_TYPES[code]})


class ApiRootView(ApiView):
    """The entry points of the API; from here it can be explored in a browser."""

    permission_classes = (AnyOne,)
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        return self.detail({name: request.build_absolute_uri(reverse(name)) for name in ENTRY_POINTS})

    def get_view_name(self) -> str:
        return "API"


class SchemaView(ApiView):
    """The OpenAPI document of this API."""

    permission_classes = (AnyOne,)
    renderer_classes = (ORJSONRenderer,)
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        # Here, so that a cold start does not pay for a document that hardly anyone asks for.
        from marketplace.schema import openapi_document

        return self.detail(openapi_document())
