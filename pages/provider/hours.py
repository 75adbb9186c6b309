"""When a provider works: the week, single days, and the rules for booking."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.domain import Provider, parse_hours
from catalog.services import change_profile, replace_hours
from kernel.errors import InvalidInputError
from kernel.web.forms import SiteForm
from kernel.wording.times import format_calendar_day, format_length, format_zone
from pages.addresses import read_date
from pages.base import target_id
from pages.provider.base import OwnForm
from pages.provider.forms import RulesForm
from pages.provider.hours_forms import ExceptionForm, HoursForm
from pages.provider.month import month
from pages.words import clock_text, spans_in_words


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


class Hours(OwnForm):
    """The weekly plan, with what customers see of the next seven days."""

    template_name = "pages/provider/hours.html"
    form_class = HoursForm
    heading = gettext_lazy("Hours")
    partials: ClassVar[frozenset[str]] = frozenset({"preview"})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the hours; or only show what customers would see of those that were typed, as a script asks for."""
        if target_id(request) == "preview" or request.POST.get("do") == "preview":
            return self._drafted(cast("HoursForm", self.form(request.POST)))
        return super().post(request, *args, **kwargs)

    def _drafted(self, form: HoursForm) -> HttpResponse:
        drafted = None
        if form.is_valid():
            try:
                drafted = parse_hours(form.weekly, self.provider.hours.exception_plan())
            except InvalidInputError as error:
                form.refuse(error)
        provider = replace(self.provider, hours=drafted) if drafted else self.provider
        shown = {"preview": self._preview(provider), "is_draft": bool(drafted), "is_unclear": not drafted}
        return self.render({"form": form, **self.context(), **shown})

    def form(self, data: Any = None) -> SiteForm:
        return HoursForm(data, weekly=self.provider.hours.weekly, initial={"version": self.provider.version})

    def context(self) -> dict[str, Any]:
        return {
            "tabs": hours_tabs("provider-hours"),
            "zone": format_zone(self.now, self.provider.time_zone),
            "preview": self._preview(self.provider),
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("HoursForm", form)
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
                "day": format_calendar_day(day, "D"),
                "words": spans_in_words(spans),
                "bars": [(opens // 15, max((closes - opens) // 15, 1)) for opens, closes in spans],
            }
            for day in days
            for spans in [provider.hours.spans_on(day)]
        ]


class Exceptions(OwnForm):
    """Days with other hours than the week's, or with none, on a calendar of the month and in a list."""

    template_name = "pages/provider/exceptions.html"
    form_class = ExceptionForm
    heading = gettext_lazy("Single days")
    action = gettext_lazy("Add")

    @cached_property
    def today(self) -> date:
        """By the clock of the provider's place."""
        return self.now.astimezone(ZoneInfo(self.provider.time_zone)).date()

    @cached_property
    def chosen(self) -> date | None:
        """The day that was pressed in the calendar."""
        day = read_date(self.request.GET.get("day", ""))
        return day if day and day >= self.today else None

    def form(self, data: Any = None) -> SiteForm:
        spans = self.provider.hours.exceptions.get(self.chosen, ()) if self.chosen else ()
        shown = {"first": self.chosen, "version": self.provider.version}
        return ExceptionForm(data, initial=shown, today=self.today, spans=spans)

    def context(self) -> dict[str, Any]:
        today = self.today
        shown = read_date(f"{self.request.GET.get('month', '')}-01") or self.chosen or today
        return {
            "tabs": hours_tabs("provider-exceptions"),
            "month": month(self.provider, first=shown.replace(day=1), today=today, chosen=self.chosen),
            "days": [
                {"value": day.isoformat(), "text": _day_in_words(day), "words": spans_in_words(spans)}
                for day, spans in sorted(self.provider.hours.exceptions.items())
                if day >= today
            ],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "remove" not in request.POST:
            return super().post(request, *args, **kwargs)
        plan = self.provider.hours.exception_plan()
        plan.pop(request.POST["remove"], None)
        return self._replace(plan, request.POST["remove"])

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        typed = cast("ExceptionForm", form)
        today = self.today.isoformat()
        # What is over makes room for what is to come.
        plan = {day: spans for day, spans in self.provider.hours.exception_plan().items() if day >= today}
        wanted = typed.added_to(plan)
        changed = min((day for day, spans in plan.items() if wanted[day] != spans), default=None)
        if changed and values["version"] not in (None, self.provider.version):
            return self._told_of(date.fromisoformat(changed), form)
        return self._replace(wanted, values["first"].isoformat())

    def _told_of(self, day: date, form: SiteForm) -> HttpResponse:
        """The form, with the hours of a day that may be newer than it is: sent again, it replaces them."""
        text = _("%(day)s has hours of its own by now: %(hours)s. Send this again to replace them.")
        hours = spans_in_words(self.provider.hours.exceptions[day])
        form.add_error(None, text % {"day": _day_in_words(day), "hours": hours})
        form.replace(version=self.provider.version)
        return self.refused(form, status=409)

    def _replace(self, exceptions: dict[str, Any], day: str) -> HttpResponse:
        """Keep these in place of those that were read, and show the month of that day again."""
        replace_hours(
            actor=self.actor,
            provider_id=self.provider_id,
            hours=parse_hours(self.provider.hours.weekly_plan(), exceptions),
            expected_version=self.provider.version,
            now=self.now,
        )
        return self.saved(f"{self.request.path}?{urlencode({'month': day[:7]})}")


def _day_in_words(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {format_calendar_day(day, 'j F Y')}"


class Rules(OwnForm):
    """Notice, horizon, buffers and cancellation, with what they mean for one job."""

    template_name = "pages/provider/rules.html"
    form_class = RulesForm
    heading = gettext_lazy("Rules for booking")

    def initial(self) -> dict[str, Any]:
        return {name: getattr(self.provider, name) for name in RulesForm.base_fields}

    def context(self) -> dict[str, Any]:
        provider = self.provider
        return {
            "tabs": hours_tabs("provider-rules"),
            "example": _(
                "Somebody can book you at the latest %(notice)s before the start, up to %(horizon)s ahead. A job "
                "from 10:00 to 11:00 keeps you from others from %(begin)s to %(end)s. Cancelling costs nothing until "
                "%(hours)s before the start, and %(percent)s%% of the price later."
            )
            % {
                "notice": format_length(timedelta(minutes=provider.minimum_notice_minutes)),
                "horizon": format_length(timedelta(days=provider.horizon_days)),
                "begin": clock_text(10 * 60 - provider.buffer_before_minutes),
                "end": clock_text(11 * 60 + provider.buffer_after_minutes),
                "hours": format_length(timedelta(hours=provider.free_cancellation_hours)),
                "percent": provider.late_cancellation_percent,
            },
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        version = values.pop("version")
        change_profile(
            actor=self.actor, provider_id=self.provider_id, changes=values, expected_version=version, now=self.now
        )
        return self.saved(self.request.path)
