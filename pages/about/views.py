"""The start page, the language switch, and the pages that explain."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import services
from catalog.domain import category_slugs
from kernel.clock import now
from kernel.web.problems import PROBLEM_TYPES
from pages.about.reads import read_home
from pages.base import Page, as_changed, for_forms_alone, safe_next
from pages.words import days_to_choose, today_of_search

# Pages of one person, forms, and lists that change with every question.
PRIVATE_PATHS = (
    "/account/",
    "/admin/",
    "/api/",
    "/bookings",
    "/favourites",
    "/notifications",
    "/search/free",
    "/services/",
)


class Home(Page):
    """The start page: one search, the trades, and how it works."""

    template_name = "pages/about/home.html"

    def context(self) -> dict[str, Any]:
        cities, voices = read_home()
        return {
            "cities": cities,
            "categories": category_slugs(),
            "days": days_to_choose(today_of_search(self.request.user, None, cities, now=now())),
            "voices": voices,
            "canonical": settings.SITE_URL.rstrip("/") + reverse("home"),
        }


class HowItWorks(Page):
    """The way of a booking, for both sides."""

    template_name = "pages/about/how_it_works.html"


class Help(Page):
    """What happens if: the questions of both sides."""

    template_name = "pages/about/help.html"


class Terms(Page):
    """What customers, providers and whoever runs the site promise each other."""

    template_name = "pages/about/terms.html"

    def context(self) -> dict[str, Any]:
        return operator()


class Privacy(Page):
    """What is stored about people, why, and for how long."""

    template_name = "pages/about/privacy.html"

    def context(self) -> dict[str, Any]:
        return operator()


def operator() -> dict[str, Any]:
    """Who runs the site, as the settings name them."""
    return {
        "operator_name": settings.OPERATOR_NAME or settings.SITE_NAME,
        "operator_address": settings.OPERATOR_ADDRESS,
        "operator_email": settings.OPERATOR_EMAIL,
    }


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines need not look at, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE_PATHS)]
    sitemap = settings.SITE_URL.rstrip("/") + reverse("sitemap")
    return HttpResponse("\n".join([*lines, "", f"Sitemap: {sitemap}", ""]), content_type="text/plain; charset=utf-8")


class StyleGuide(Page):
    """Every component in its states; on a laptop only."""

    template_name = "pages/about/styleguide.html"


@for_forms_alone
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: in this browser, and to whoever is signed in wherever they are."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        person = request.user
        services.update_profile(actor=person.actor, user_id=person.user_id, changes={"language": language})
    response = redirect(as_changed(request, safe_next(request, reverse("home"))))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


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
