"""What the account pages stand on."""

from abc import ABC, abstractmethod
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.models import User
from kernel.clock import now
from kernel.errors import DomainError
from kernel.web.client_address import client_address
from kernel.web.forms import SiteForm
from kernel.web.problems import problem_type_of, retry_headers
from pages.base import NEXT, as_changed

# Where a session remembers the address that was typed last, for the next form.
EMAIL = "email"


@method_decorator(sensitive_post_parameters(), name="dispatch")
class AccountFormView(FormView, ABC):
    """A page with one form, whose `act` calls one service; what the service refuses is shown in the form.

    `heading` is the page's, `action` what its button says.
    """

    heading: Any
    action: Any
    http_method_names = ["get", "head", "post", "options"]  # noqa: RUF012  (as Django declares it)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        try:
            return self.act(form.cleaned_data, form)
        except DomainError as error:
            form.refuse(error)
            response = self.form_invalid(form)
            response.status_code = problem_type_of(type(error)).status
            for name, value in retry_headers(error).items():
                response.headers[name] = value
            return response

    def form_invalid(self, form: SiteForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 400
        return response

    @abstractmethod
    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        """Do what the form is for, and say where to go from there."""

    @property
    def onward(self) -> str:
        """What the addresses of other account pages end with, so that whoever goes there comes back as well."""
        target = as_changed(self.request, self.request.GET.get(NEXT, ""))
        return f"?{urlencode({NEXT: target})}" if target else ""

    def remember_next(self) -> None:
        """Let whoever has to take another way to their account come back to where they were, too."""
        if NEXT in self.request.GET:
            self.request.session[NEXT] = self.request.GET[NEXT]

    @property
    def who_and_when(self) -> dict[str, Any]:
        """What every service that counts tries must know."""
        return {"client_address": client_address(self.request), "now": now()}

    @property
    def person(self) -> User:
        """Whoever is signed in; on pages that ask for that."""
        return cast("User", self.request.user)

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.request.session.get(EMAIL, "")}
