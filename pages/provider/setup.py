"""The way to all that it takes to be booked, and the profile."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.queries import find_city_middle
from catalog.services import change_profile, draft_trades, put_profile
from kernel.time_zones import country_of_time_zone
from kernel.web.forms import SiteForm
from pages.pictures import gallery
from pages.provider import forms
from pages.provider.base import OwnForm, OwnPage
from pages.provider.steps import USUAL_HOURS, after_step, next_step
from photos.domain import Owner, OwnerKind


class Start(OwnPage):
    """What it takes to be booked, and what of it is still missing. `after` leads on to what comes after that step."""

    template_name = "pages/provider/start.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = next_step(self.steps, request.GET.get("after", ""))
        return HttpResponseRedirect(step.address) if step else super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        provider = self.existing
        return {
            "provider": provider,
            "first_missing": next((step for step in self.steps if step.state == "missing"), None),
            "is_bookable": bool(provider and provider.service_ids and any(provider.hours.weekly)),
        }


class Trades(OwnForm):
    """What the provider works in: the first step, before there is a profile."""

    template_name = "pages/provider/_step.html"
    form_class = forms.TradesForm
    heading = gettext_lazy("What do you do?")

    def initial(self) -> dict[str, Any]:
        return {"trades": self.trades, "version": self.existing.version if self.existing else None}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        trades = tuple(values["trades"])
        if self.existing is None:
            draft_trades(actor=self.actor, trades=trades, now=self.now)
        else:
            change_profile(
                actor=self.actor,
                provider_id=self.provider_id,
                changes={"trades": trades},
                expected_version=values["version"],
                now=self.now,
            )
        return self.saved(after_step("trade"))


class Profile(OwnForm):
    """Who the provider is; the first time it is saved, with little, it is created."""

    template_name = "pages/provider/profile.html"
    form_class = forms.ProfileForm
    takes_uploads = True

    @property
    def heading(self) -> str:
        """What the page is about: the first time, one step of setting up."""
        return _("Profile") if self.existing else _("Place and area")

    def form(self, data: Any = None) -> SiteForm:
        if self.existing is None:
            return forms.FirstProfileForm(data, initial=self.initial())
        if data is not None and "version" not in data:
            data = self._completed(data)
        return forms.ProfileForm(data, initial=self.initial())

    def _completed(self, data: QueryDict) -> QueryDict:
        """What the form that creates a profile was sent with once more, with the rest as it was saved."""
        completed = QueryDict(mutable=True)
        for field in forms.ProfileForm(initial=self.initial()):
            value = field.value()
            if isinstance(value, list | tuple):
                completed.setlist(field.html_name, value)
            elif value is not None and value is not False:
                completed[field.html_name] = str(value)
        # What was changed since is not overwritten unread.
        completed["version"] = "1"
        for name in data:
            completed.setlist(name, data.getlist(name))
        return completed

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
            *("tax_number", "accepting_bookings", "version"),
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
            "gallery": gallery(owner, provider.photos, back=self.request.get_full_path()),
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
            put_profile(
                actor=self.actor,
                profile={**typed.values, "trades": self.trades},
                first_hours=USUAL_HOURS,
                now=self.now,
            )
            return self.saved(after_step("place"))
        change_profile(
            actor=self.actor,
            provider_id=self.provider_id,
            changes=typed.values,
            expected_version=values["version"],
            now=self.now,
        )
        is_first = "version" not in self.request.POST
        return self.saved(after_step("place") if is_first else self.request.path)
