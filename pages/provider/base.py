"""What all pages of a provider stand on."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from catalog.queries import get_provider
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import NotFoundError
from pages.base import Page


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
