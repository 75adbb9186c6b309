"""The addresses that a customer keeps, so that a booking need not ask for one again."""

import contextlib
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.domain import SavedAddress
from accounts.services import remove_address, save_address, suggest_address
from kernel.actors import Role
from kernel.errors import NotFoundError
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from pages.account.forms import AddressForm
from pages.base import FormPage, Page


class _AddressPage(FormPage):
    """A form about one address; afterwards the profile shows them all."""

    template_name = "pages/account/address.html"
    form_class = AddressForm
    roles = (Role.CUSTOMER,)
    heading: ClassVar[Any]
    action: ClassVar[Any]

    def keep(self, values: dict[str, Any], *, address_id: str | None = None) -> HttpResponse:
        """Keep what was typed."""
        save_address(actor=self.actor, user_id=self.actor.user_id, address_id=address_id, **values)
        messages.success(self.request, _("The address is saved."))
        return self.done(_profile())


class AddAddress(_AddressPage):
    """Keep another address."""

    heading = gettext_lazy("Add an address")
    action = gettext_lazy("Save the address")

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        return self.keep(values)


class ChangeAddress(_AddressPage):
    """Change an address that is kept. Bookings that were made with it stay as they are."""

    heading = gettext_lazy("Change this address")
    action = gettext_lazy("Save the address")

    def initial(self) -> dict[str, Any]:
        return {"label": self.saved.label, "address": self.saved.address}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        return self.keep(values, address_id=self.saved.address_id)

    @property
    def saved(self) -> SavedAddress:
        """The address that the page is about. Raises `NotFoundError`."""
        found = next((each for each in self.person.addresses if each.address_id == self.kwargs["address_id"]), None)
        if found is None:
            raise NotFoundError(sentence("There is no such address."))
        return found


class _AddressButton(Page, ABC):
    """A button beside an address."""

    roles = (Role.CUSTOMER,)
    http_method_names: ClassVar[list[str]] = ["post", "options"]  # type: ignore[misc]
    success: ClassVar[Any]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.press(self.kwargs["address_id"])
        messages.success(request, self.success)
        return HttpResponseRedirect(_profile())

    @abstractmethod
    def press(self, address_id: str) -> None:
        """Do what the button says."""


class RemoveAddress(_AddressButton):
    """Keep the address no longer."""

    success = gettext_lazy("The address is removed.")

    def press(self, address_id: str) -> None:
        # Pressed twice, or in two windows: it is removed all the same.
        with contextlib.suppress(NotFoundError):
            remove_address(actor=self.actor, user_id=self.actor.user_id, address_id=address_id)


class SuggestAddress(_AddressButton):
    """Have bookings suggest the address first."""

    success = gettext_lazy("Bookings suggest this address first from now on.")

    def press(self, address_id: str) -> None:
        suggest_address(actor=self.actor, user_id=self.actor.user_id, address_id=address_id)


def _profile() -> str:
    return f"{reverse('accounts:profile')}#addresses"
