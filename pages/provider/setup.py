"""The way to all that it takes to be booked, and the profile."""

from functools import cached_property
from typing import Any, cast

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.domain import Provider
from catalog.queries import find_city_middle, get_provider
from catalog.services import change_profile, put_profile
from kernel.errors import NotFoundError
from kernel.time_zones import country_of_time_zone
from kernel.web.forms import SiteForm
from pages.pictures import gallery
from pages.provider import forms
from pages.provider.base import OwnForm, ProviderPage
from photos.domain import Owner, OwnerKind


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
