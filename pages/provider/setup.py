"""What a provider offers and when: profile, services, hours, rules, and the way to all of them."""

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.domain import Provider, Service, WorkingHours, parse_hours
from catalog.queries import find_city_middle, get_own_service, get_provider, list_provider_services
from catalog.services import (
    add_service,
    change_profile,
    change_service,
    move_service_up,
    put_profile,
    replace_hours,
)
from kernel.errors import DomainError, InvalidInputError, NotFoundError
from kernel.idempotency import IdempotentRequest
from kernel.money import Money
from kernel.time_zones import country_of_time_zone
from kernel.web.forms import SiteForm
from kernel.wording.money import format_money
from kernel.wording.sentences import in_words
from kernel.wording.times import format_length, format_zone
from pages.base import FormPage, safe_next, target_id
from pages.pictures import gallery
from pages.provider import forms
from pages.provider.base import ProviderPage
from pages.words import format_minutes
from photos.domain import Owner, OwnerKind


class _OwnPage(ProviderPage):
    @cached_property
    def provider(self) -> Provider:
        """The profile, read once. Raises `NotFoundError` before there is one."""
        return get_provider(self.provider_id)


class OwnForm(_OwnPage, FormPage):
    """A form that leads back to where one came from (`next`), by default to the page itself."""

    heading: Any
    action: Any = gettext_lazy("Save")

    def saved(self, default: str, message: str = "") -> HttpResponse:
        """Back, with a word that it is done."""
        messages.success(self.request, message or _("Saved."))
        return self.done(safe_next(self.request, default))


# --- Start and profile -----------------------------------------------------------------------------------------------


class Start(ProviderPage):
    """What it takes to be booked, and what of it is still missing. Nothing has to be done in order."""

    template_name = "pages/provider/start.html"

    def context(self) -> dict[str, Any]:
        try:
            provider = get_provider(self.provider_id)
        except NotFoundError:
            provider = None
        has_hours = provider is not None and any(provider.hours.weekly)
        has_service = provider is not None and bool(provider.service_ids)
        steps = [
            (
                _("Name and place"),
                "provider-profile",
                provider is not None,
                _("Who you are and where your rounds begin."),
            ),
            (
                _("First service"),
                "provider-add-service",
                has_service,
                _("One is enough to be found."),
            ),
            (_("Working hours"), "provider-hours", has_hours, _("When customers may book you.")),
            (
                _("Words about you"),
                "provider-profile",
                provider is not None and bool(provider.description),
                _("People choose whom they can picture."),
            ),
            (
                _("A photo"),
                "photos",
                provider is not None and bool(provider.photos),
                _("Of you at work, your van or your shop: it stands for you in lists."),
            ),
            (
                _("Rules for booking"),
                "provider-rules",
                provider is not None,
                _("Notice, time for the way, cancelling. There are sensible ones already."),
            ),
        ]
        return {
            "provider_id": self.provider_id if provider else "",
            "steps": [
                {
                    "title": title,
                    "href": reverse(name, args=["provider", self.provider_id] if name == "photos" else None),
                    "is_done": done,
                    "text": text,
                    "is_open": number == 0 or provider,
                }
                for number, (title, name, done, text) in enumerate(steps)
            ],
            "is_bookable": has_hours and has_service,
        }


class Profile(OwnForm):
    """Who the provider is; the first time it is saved, with little, it is created."""

    template_name = "pages/provider/profile.html"
    form_class = forms.ProfileForm
    takes_uploads = True
    heading = gettext_lazy("Profile")

    @cached_property
    def existing(self) -> Provider | None:
        """The profile, None before it was saved for the first time."""
        try:
            return get_provider(self.provider_id)
        except NotFoundError:
            return None

    def form(self, data: Any = None) -> SiteForm:
        form_class = forms.FirstProfileForm if self.existing is None else forms.ProfileForm
        return form_class(data, initial=self.initial())

    def initial(self) -> dict[str, Any]:
        provider = self.existing
        if provider is None:
            return {
                "name": self.person.name,
                "time_zone": self.person.time_zone,
                "country": country_of_time_zone(self.person.time_zone or ""),
                "travel_radius_km": 25,
            }
        names = (
            *("name", "description", "trades", "city", "country", "travel_radius_km", "phone", "time_zone"),
            *("tax_number", "accepting_bookings"),
        )
        return {
            **{name: getattr(provider, name) for name in names},
            "latitude": provider.location.latitude,
            "longitude": provider.location.longitude,
            "tax_percent": forms.percent(provider.tax_rate_basis_points),
        }

    def context(self) -> dict[str, Any]:
        provider = self.existing
        if provider is None:
            return {}
        owner = Owner(OwnerKind.PROVIDER, self.provider_id)
        return {
            "public_id": self.provider_id,
            "gallery": gallery(owner, provider.photos, back=self.request.path),
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("forms.ProfileForm", form)
        if values["latitude"] is None:
            middle = find_city_middle(country=values["country"], city=values["city"])
            if middle is None:
                form.add_error("latitude", _("Too few others work in this city to know where it is: give both."))
                return self.refused(form, status=400)
            values |= {"latitude": middle.latitude, "longitude": middle.longitude}
        if self.existing is None:
            put_profile(actor=self.actor, profile=typed.values, now=self.now)
            return self.saved(reverse("provider-start"))
        change_profile(actor=self.actor, provider_id=self.provider_id, changes=typed.values, now=self.now)
        return self.saved(self.request.path)


class Rules(OwnForm):
    """Notice, horizon, buffers and cancellation, with what they mean for one job."""

    template_name = "pages/provider/rules.html"
    form_class = forms.RulesForm
    heading = gettext_lazy("Rules for booking")

    def initial(self) -> dict[str, Any]:
        return {name: getattr(self.provider, name) for name in forms.RulesForm.base_fields}

    def context(self) -> dict[str, Any]:
        provider = self.provider
        price = Money(10_000, "EUR")
        return {
            "tabs": hours_tabs("provider-rules"),
            "example": _(
                "Somebody can book you at the earliest %(notice)s before the start, up to %(horizon)s ahead. A job "
                "from 10:00 to 11:00 keeps you from others from %(begin)s to %(end)s. Of a job for %(price)s, "
                "cancelling costs nothing until %(hours)s before the start, and %(fee)s later."
            )
            % {
                "notice": format_length(timedelta(minutes=provider.minimum_notice_minutes)),
                "horizon": format_length(timedelta(days=provider.horizon_days)),
                "begin": forms.clock_text(10 * 60 - provider.buffer_before_minutes),
                "end": forms.clock_text(11 * 60 + provider.buffer_after_minutes),
                "price": format_money(price),
                "hours": format_length(timedelta(hours=provider.free_cancellation_hours)),
                "fee": format_money(price.percent(provider.late_cancellation_percent)),
            },
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        version = values.pop("version")
        change_profile(
            actor=self.actor, provider_id=self.provider_id, changes=values, expected_version=version, now=self.now
        )
        return self.saved(self.request.path)


# --- Services --------------------------------------------------------------------------------------------------------


class Services(_OwnPage):
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
        return {"service": self.service, "gallery": gallery(owner, self.service.photos, back=self.request.path)}

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


# --- Hours -----------------------------------------------------------------------------------------------------------


def hours_tabs(current: str) -> list[dict[str, Any]]:
    """The pages about when a provider works, as components/tabs.html shows them."""
    tabs = (
        ("provider-hours", _("Every week")),
        ("provider-exceptions", _("Single days")),
        ("provider-own-times", _("Own time")),
        ("provider-rules", _("Rules for booking")),
    )
    return [
        {"label": label, "href": reverse(name), "is_current": name == current, "count": None} for name, label in tabs
    ]


# Monday to Friday, nine to five: what most who start need to change least.
_SUGGESTED_HOURS = WorkingHours(weekly=(((9 * 60, 17 * 60),),) * 5 + ((),) * 2)


class Hours(OwnForm):
    """The weekly plan, with what customers see of the next seven days."""

    template_name = "pages/provider/hours.html"
    form_class = forms.HoursForm
    heading = gettext_lazy("Hours")
    partials: ClassVar[frozenset[str]] = frozenset({"preview"})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the hours; or only show what customers would see of those that were typed, as a script asks for."""
        if target_id(request) == "preview" or request.POST.get("do") == "preview":
            return self._drafted(cast("forms.HoursForm", self.form(request.POST)))
        return super().post(request, *args, **kwargs)

    def _drafted(self, form: forms.HoursForm) -> HttpResponse:
        drafted = None
        if form.is_valid():
            try:
                drafted = parse_hours(form.weekly, self.provider.hours.exception_plan())
            except InvalidInputError as error:
                form.refuse(error)
        provider = replace(self.provider, hours=drafted) if drafted else self.provider
        shown: dict[str, Any] = {"preview": self._preview(provider), "is_suggested": False}
        shown |= {"is_draft": bool(drafted), "is_unclear": not drafted}
        return self.render({"form": form, **self.context(), **shown})

    def form(self, data: Any = None) -> SiteForm:
        hours = _SUGGESTED_HOURS if self.is_suggested else self.provider.hours
        return forms.HoursForm(data, weekly=hours.weekly, initial={"version": self.provider.version})

    @property
    def is_suggested(self) -> bool:
        """Whether usual hours are proposed: to who sets up the business and has none yet."""
        is_set_up = safe_next(self.request, "") == reverse("provider-start")
        return is_set_up and not any(self.provider.hours.weekly)

    def context(self) -> dict[str, Any]:
        return {
            "tabs": hours_tabs("provider-hours"),
            "zone": format_zone(self.now, self.provider.time_zone),
            "preview": self._preview(
                replace(self.provider, hours=_SUGGESTED_HOURS) if self.is_suggested else self.provider
            ),
            "is_suggested": self.is_suggested,
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("forms.HoursForm", form)
        replace_hours(
            actor=self.actor,
            provider_id=self.provider_id,
            hours=parse_hours(typed.weekly, self.provider.hours.exception_plan()),
            expected_version=values["version"],
            now=self.now,
        )
        return self.saved(self.request.path)

    def _preview(self, provider: Provider) -> list[dict[str, Any]]:
        """The open times of the next seven days, as bars of 96 quarter hours and in words."""
        today = self.now.astimezone(ZoneInfo(provider.time_zone)).date()
        days = [today + timedelta(days=number) for number in range(7)]
        return [
            {
                "day": date_format(day, "D"),
                "words": ", ".join(f"{forms.clock_text(opens)}–{forms.clock_text(closes)}" for opens, closes in spans),
                "bars": [(opens // 15, max((closes - opens) // 15, 1)) for opens, closes in spans],
            }
            for day in days
            for spans in [provider.hours.spans_on(day)]
        ]


class Exceptions(OwnForm):
    """Days with other hours than the week's, or with none."""

    template_name = "pages/provider/exceptions.html"
    form_class = forms.ExceptionForm
    heading = gettext_lazy("Single days")
    action = gettext_lazy("Add")

    def initial(self) -> dict[str, Any]:
        return {"version": self.provider.version}

    def context(self) -> dict[str, Any]:
        today = self.now.astimezone(ZoneInfo(self.provider.time_zone)).date()
        return {
            "tabs": hours_tabs("provider-exceptions"),
            "days": [
                {
                    "value": day.isoformat(),
                    "text": f"{WEEKDAYS[day.weekday()]} {date_format(day, 'j F Y')}",
                    "words": ", ".join(f"{forms.clock_text(begin)}–{forms.clock_text(end)}" for begin, end in spans),
                }
                for day, spans in sorted(self.provider.hours.exceptions.items())
                if day >= today
            ],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "remove" not in request.POST:
            return super().post(request, *args, **kwargs)
        plan = self.provider.hours.exception_plan()
        plan.pop(request.POST["remove"], None)
        return self._replace(plan, self.provider.version)

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("forms.ExceptionForm", form)
        today = self.now.astimezone(ZoneInfo(self.provider.time_zone)).date().isoformat()
        # What is over makes room for what is to come.
        plan = {day: spans for day, spans in self.provider.hours.exception_plan().items() if day >= today}
        return self._replace(typed.added_to(plan), values["version"])

    def _replace(self, exceptions: dict[str, Any], version: int) -> HttpResponse:
        replace_hours(
            actor=self.actor,
            provider_id=self.provider_id,
            hours=parse_hours(self.provider.hours.weekly_plan(), exceptions),
            expected_version=version,
            now=self.now,
        )
        return self.saved(self.request.path)
