"""What a provider offers: the list of services, and each of them."""

from functools import cached_property
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from catalog.domain import Provider, Service
from catalog.queries import get_own_service, list_provider_services
from catalog.services import add_service, change_service, move_service_up
from kernel.errors import DomainError, NotFoundError
from kernel.idempotency import IdempotentRequest
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from kernel.wording.money import format_money
from kernel.wording.sentences import in_words
from pages.pictures import gallery
from pages.provider import forms
from pages.provider.base import OwnForm, OwnPage, ProviderPage
from pages.words import format_minutes
from photos.domain import Owner, OwnerKind


class Services(OwnPage):
    """What the provider offers, in the order in which customers see it. One GetItem and one BatchGetItem."""

    template_name = "pages/provider/services.html"

    def context(self) -> dict[str, Any]:
        services = list_provider_services(self.provider)
        return {"services": [_service(service) for service in services], "provider_id": self.provider_id}


def _service(service: Service) -> dict[str, Any]:
    return {
        "service_id": service.service_id,
        "version": service.version,
        "name": service.name,
        "category": service.category,
        "price": format_money(service.price),
        "length": format_minutes(service.duration_minutes),
        "active": service.active,
        "instant": service.instant,
    }


class AddService(OwnForm):
    """A new service."""

    template_name = "pages/provider/service.html"
    form_class = forms.NewServiceForm
    heading = gettext_lazy("Add a service")
    action = gettext_lazy("Add it")

    def initial(self) -> dict[str, Any]:
        trade = {"category": self.provider.trades[0]} if self.provider.trades else {}
        return {"instant": "False", "duration_minutes": 60, "currency": _currency_of(self.provider), **trade}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("forms.NewServiceForm", form)
        add_service(
            actor=self.actor,
            provider_id=self.provider_id,
            values=typed.values,  # type: ignore[arg-type]
            idempotency=IdempotentRequest.of(
                user_id=self.actor.user_id,
                key=values["idempotency_key"],
                method="POST",
                path=self.request.path,
                body={name: str(value) for name, value in typed.values.items()},
                represent=lambda service: {"id": service.service_id},
            ),
            now=self.now,
        )
        return self.saved(reverse("provider-services"))


# The money of the countries that most providers are in; others choose.
_CURRENCIES = {"US": "USD", "GB": "GBP", "CH": "CHF", "CA": "CAD", "AU": "AUD", "JP": "JPY"}


def _currency_of(provider: Provider) -> str:
    return _CURRENCIES.get(provider.country, "EUR")


class EditService(OwnForm):
    """A service; what is booked already keeps the terms that it was booked at."""

    template_name = "pages/provider/service.html"
    form_class = forms.ServiceForm
    takes_uploads = True
    heading = gettext_lazy("Change a service")

    @cached_property
    def service(self) -> Service:
        """The service of the address. Raises `NotFoundError` and `ForbiddenError`."""
        return get_own_service(actor=self.actor, service_id=self.kwargs["service_id"])

    def initial(self) -> dict[str, Any]:
        service = self.service
        return {
            "version": service.version,
            "name": service.name,
            "category": service.category,
            "description": service.description,
            "price": service.price.decimal,
            "currency": service.price.currency,
            "duration_minutes": service.duration_minutes,
            "instant": str(service.instant),
            **forms.question_initial(service.questions),
        }

    def context(self) -> dict[str, Any]:
        owner = Owner(OwnerKind.SERVICE, self.service.service_id)
        return {
            "service": self.service,
            "gallery": gallery(owner, self.service.photos, back=self.request.get_full_path()),
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("forms.ServiceForm", form)
        change_service(
            actor=self.actor,
            service_id=self.kwargs["service_id"],
            changes=typed.values,  # type: ignore[arg-type]
            expected_version=values["version"],
            now=self.now,
        )
        return self.saved(reverse("provider-services"))


class ArrangeService(ProviderPage):
    """The buttons of the list: pause, resume, up."""

    http_method_names = ["post", "options"]  # type: ignore[misc]  # noqa: RUF012

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        service_id, do = self.kwargs["service_id"], request.POST.get("do", "")
        if do not in ("up", "pause", "resume"):
            raise NotFoundError(sentence("There is no such action."))
        try:
            if do == "up":
                move_service_up(actor=self.actor, service_id=service_id, now=self.now)
            else:
                change_service(
                    actor=self.actor, service_id=service_id, changes={"active": do == "resume"}, now=self.now
                )
        except NotFoundError:
            raise
        except DomainError as error:
            messages.error(request, in_words(error.message))
            return HttpResponseRedirect(reverse("provider-services"))
        # Whoever goes on by keyboard goes on from there.
        return HttpResponseRedirect(f"{reverse('provider-services')}#{service_id}")
