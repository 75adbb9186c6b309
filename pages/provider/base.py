"""What all pages of a provider stand on."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.domain import Provider
from catalog.queries import get_provider
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import NotFoundError
from pages.base import FormPage, Page, safe_next


class ProviderPage(Page):
    """A page for providers alone; those without a profile are led to set one up."""

    roles = (Role.PROVIDER,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFoundError:
            if self.is_set_up:
                raise
            return HttpResponseRedirect(reverse("provider-start"))

    @property
    def is_set_up(self) -> bool:
        """Whether there is a profile. Read only where something was not found."""
        try:
            get_provider(self.provider_id)
        except NotFoundError:
            return False
        return True

    @property
    def provider_id(self) -> str:
        return self.actor.provider_id or ""

    @cached_property
    def now(self) -> datetime:
        """The instant at which the request is judged, the same throughout."""
        return now()


class OwnPage(ProviderPage):
    """A page about the provider's own profile."""

    @cached_property
    def provider(self) -> Provider:
        """The profile, read once. Raises `NotFoundError` before there is one."""
        return get_provider(self.provider_id)


class OwnForm(OwnPage, FormPage):
    """A form that leads back to where one came from (`next`), by default to the page itself."""

    heading: Any
    action: Any = gettext_lazy("Save")

    def saved(self, default: str, message: str = "") -> HttpResponse:
        """Back, with a word that it is done."""
        messages.success(self.request, message or _("Saved."))
        return self.done(safe_next(self.request, default))
