"""Keeping a provider as a favourite, and reporting what is wrong with a provider or a review."""

from abc import abstractmethod
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.domain import Provider
from catalog.queries import get_public_provider, list_favourites
from catalog.services import drop_favourite, keep_favourite
from kernel.actors import Role
from kernel.clock import now
from kernel.web.forms import SiteForm
from pages.base import FormPage, Page, is_from_htmx, safe_next
from pages.discover.forms import ReportForm
from pages.pictures import cover_of
from photos.domain import cover
from reviews.domain import ReportReason, Review
from reviews.queries import get_review
from reviews.services import report_provider, report_review


class Favourites(Page):
    """The providers whom a customer keeps. One GetItem and one BatchGetItem."""

    template_name = "pages/discover/favourites.html"
    roles = (Role.CUSTOMER,)

    def context(self) -> dict[str, Any]:
        providers = list_favourites(actor=self.actor)
        return {"providers": [(provider, cover_of(cover(provider.photos))) for provider in providers]}


class Favourite(Page):
    """The heart of a provider: pressed, it keeps the provider or lets it go."""

    roles = (Role.CUSTOMER,)
    http_method_names: ClassVar[list[str]] = ["post", "options"]  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider_id, is_kept = self.kwargs["provider_id"], request.POST.get("keep") == "1"
        change = keep_favourite if is_kept else drop_favourite
        change(actor=self.actor, provider_id=provider_id)
        if is_from_htmx(request):
            context = {"provider_id": provider_id, "name": request.POST.get("name", ""), "is_kept": is_kept}
            return render(request, "pages/discover/favourite.html", context)
        return HttpResponseRedirect(safe_next(request, reverse("favourites")))


class _ReportPage(FormPage):
    """What somebody finds wrong, for the admins to look at."""

    template_name = "pages/discover/report.html"
    form_class = ReportForm
    needs_sign_in = True
    heading: Any
    action = gettext_lazy("Send the report")

    @property
    def provider_id(self) -> str:
        provider_id: str = self.kwargs["provider_id"]
        return provider_id

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        self.report(ReportReason(values["reason"]), values["details"])
        messages.success(self.request, _("Thank you. We look at every report."))
        return self.done(reverse("provider", args=[self.provider_id]))

    @abstractmethod
    def report(self, reason: ReportReason, details: str) -> None:
        """Keep the report."""


class ReportProvider(_ReportPage):
    """Report a provider."""

    heading = gettext_lazy("Report this provider")

    def context(self) -> dict[str, Any]:
        return {"about": self.provider.name}

    @cached_property
    def provider(self) -> Provider:
        return get_public_provider(self.provider_id)

    def report(self, reason: ReportReason, details: str) -> None:
        report_provider(actor=self.actor, provider_id=self.provider_id, reason=reason, details=details, now=now())


class ReportReview(_ReportPage):
    """Report a review."""

    heading = gettext_lazy("Report this review")

    def context(self) -> dict[str, Any]:
        return {"about": self.review.comment or self.review.service_name}

    @cached_property
    def review(self) -> Review:
        return get_review(self.kwargs["review_id"])

    @property
    def provider_id(self) -> str:
        return self.review.provider_id

    def report(self, reason: ReportReason, details: str) -> None:
        report_review(actor=self.actor, review_id=self.review.review_id, reason=reason, details=details, now=now())
