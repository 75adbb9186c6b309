"""The start page, and the pages that explain the kinds of problems."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kernel.web.problems import PROBLEM_TYPES


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The start page."""
    return render(request, "pages/about/home.html")


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """All kinds of problems that the API reports."""
    kinds = sorted(PROBLEM_TYPES.values(), key=lambda kind: (kind.status, kind.code))
    return render(request, "pages/about/problems.html", {"kinds": kinds})


@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """One kind: where the `type` of a problem document leads."""
    if code not in PROBLEM_TYPES:
        raise Http404
    return render(request, "pages/about/problem.html", {"kind": PROBLEM_TYPES[code]})
