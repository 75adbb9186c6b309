"""The forms that say when a provider works: the week, single days and own time."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.domain import WEEKDAYS, OwnTimeKind
from catalog.services import OwnTimeValues
from kernel.web.forms import SiteForm
from pages.addresses import FIRST_DAY, LAST_DAY
from pages.base import CreatingForm
from pages.words import clock_text, own_time_word

_SPARE_STRETCHES = 1
_MOST_STRETCHES = 6
# Keyboards of numbers, which phones show for it, may have no colon.
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2})|h)?")


class ClockField(forms.CharField):
    """A time of the day as people type it: 8, 8:30, 830, 24, 8h or 8 h 30; its value is in minutes from midnight."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "size": "5", "maxlength": "8"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> Any:
        text = "".join(str(super().to_python(value)).split()).lower()
        if not text:
            return None
        match = _CLOCK.fullmatch(text)
        minutes = int(match[1]) * 60 + int(match[2] or 0) if match else -1
        if match is None or int(match[2] or 0) > 59 or minutes > 24 * 60:
            raise forms.ValidationError(gettext("Write a time such as 8, 8:30 or 17."), code="invalid")
        return minutes


_MIDNIGHT = 24 * 60

# From and to, in minutes; one that ends before it begins passes midnight.
_Stretch = tuple[int, int]


def _joined_at_midnight(weekly: Sequence[Sequence[_Stretch]]) -> list[list[_Stretch]]:
    """Each day's stretches as people say them: 22:00 to 2:00 is one, and belongs to the day on which it begins."""
    days = [list(spans) for spans in weekly]
    for number, day in enumerate(days):
        following = days[(number + 1) % len(days)]
        if day and following and day[-1][1] == _MIDNIGHT and following[0][0] == 0 and following[0][1] < day[-1][0]:
            day[-1] = (day[-1][0], following.pop(0)[1])
    return days


class HoursForm(SiteForm):
    """The weekly plan: for each day some stretches, from and to. A stretch that ends before it begins passes midnight.

    `copy_from` with `copy_to` gives other days the hours of one.
    """

    # The catalog names a day; the form has several fields for each.
    field_names = {f"weekly.{name}": f"{name}_0_from" for name in WEEKDAYS}  # noqa: RUF012

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    copy_from = forms.ChoiceField(
        label=_("Give the hours of"),
        required=False,
        choices=lambda: [("", "–"), *((name, DAY_NAMES[number]) for number, name in enumerate(WEEKDAYS))],
    )
    copy_to = forms.MultipleChoiceField(
        label=_("to these days"),
        required=False,
        choices=lambda: [(name, DAY_NAMES[number]) for number, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, weekly: Sequence[Sequence[tuple[int, int]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = _joined_at_midnight(weekly)
        # What was typed has its place, too, where another window has taken stretches away meanwhile.
        self._stretches = [
            min(max(len(spans) + _SPARE_STRETCHES, self._typed_stretches(name)), _MOST_STRETCHES)
            for name, spans in zip(WEEKDAYS, days, strict=True)
        ]
        for number, (name, spans) in enumerate(zip(WEEKDAYS, days, strict=True)):
            for position in range(self._stretches[number]):
                span = spans[position] if position < len(spans) else None
                values = {"day": DAY_NAMES[number], "number": position + 1}
                for side, label, index in (
                    ("from", _("%(day)s, stretch %(number)s, from"), 0),
                    ("to", _("%(day)s, stretch %(number)s, to"), 1),
                ):
                    initial = clock_text(span[index]) if span else ""
                    self.add(f"{name}_{position}_{side}", ClockField(label=label % values, initial=initial))

    def _typed_stretches(self, name: str) -> int:
        """How many stretches of that day the form was sent with."""
        typed = (
            position + 1
            for position in range(_MOST_STRETCHES)
            if self.data.get(f"{name}_{position}_from") or self.data.get(f"{name}_{position}_to")
        )
        return max(typed, default=0)

    @property
    def days(self) -> list[dict[str, Any]]:
        """The days as the page shows them: a name, and its stretches as pairs of bound fields."""
        return [
            {
                "name": DAY_NAMES[number],
                "stretches": [
                    (self[f"{name}_{position}_from"], self[f"{name}_{position}_to"])
                    for position in range(self._stretches[number])
                ],
            }
            for number, name in enumerate(WEEKDAYS)
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in list(values):
            if name.endswith("_from") and name != "copy_from":
                begins, ends = values.get(name), values.get(name.removesuffix("_from") + "_to")
                if (begins is None) != (ends is None) and not self.errors:
                    self.add_error(name, gettext("Give both the start and the end, or neither."))
                elif begins is not None and begins == ends:
                    self.add_error(name, gettext("This stretch is over as it begins."))
        return values

    @property
    def weekly(self) -> dict[str, list[list[str]]]:
        """The plan as the catalog parses it; what passes midnight goes on the next day."""
        typed = {name: self._typed(number, name) for number, name in enumerate(WEEKDAYS)}
        source = self.cleaned_data.get("copy_from", "")
        for name in self.cleaned_data.get("copy_to", ()) if source else ():
            typed[name] = typed[source]
        plan: dict[str, list[_Stretch]] = {name: [] for name in WEEKDAYS}
        for number, name in enumerate(WEEKDAYS):
            for begins, ends in typed[name]:
                plan[name].append((begins, ends if ends > begins else _MIDNIGHT))
                if 0 < ends < begins:
                    plan[WEEKDAYS[(number + 1) % len(WEEKDAYS)]].append((0, ends))
        return {name: [_texts(span) for span in sorted(spans)] for name, spans in plan.items()}

    def _typed(self, number: int, name: str) -> list[_Stretch]:
        values = self.cleaned_data
        pairs = [
            (values[f"{name}_{position}_from"], values[f"{name}_{position}_to"])
            for position in range(self._stretches[number])
        ]
        return [(begins, ends) for begins, ends in pairs if begins is not None and ends is not None]


def _texts(span: _Stretch) -> list[str]:
    return [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in span]


def _day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A day, as browsers with a calendar of their own want it: they take no other writing of it."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


# So many days can be given other hours at once.
_MOST_DAYS = 60


class ExceptionForm(SiteForm):
    """Other hours, or none, on one day or several: two stretches, or as many as `spans`, those of the day, are.

    `version` is that of the profile whose days were shown beside it.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)
    first = _day_field(_("First day"))
    last = _day_field(_("Last day"), help_text=_("Empty for one day."), required=False)
    opens = ClockField(label=_("Open from"), help_text=_("Empty for closed all day."))
    closes = ClockField(label=_("Open to"))

    def __init__(self, *args: Any, today: date, spans: Sequence[_Stretch] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        # Of the first and of the further ones: the names of their fields.
        self._stretches = [("opens", "closes")]
        for number in range(2, min(max(2, len(spans), self._sent_stretches()), _MOST_STRETCHES) + 1):
            names = (f"opens_{number}", f"closes_{number}")
            self.add(names[0], ClockField(label=_("Open again from")))
            self.add(names[1], ClockField(label=_("Open again to")))
            self._stretches.append(names)
        for names, span in zip(self._stretches, spans, strict=False):
            self.initial.update(zip(names, map(clock_text, span), strict=True))

    def _sent_stretches(self) -> int:
        """The last stretch that the form was sent with."""
        return max((number for number in range(2, _MOST_STRETCHES + 1) if f"opens_{number}" in self.data), default=0)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last") or values.get("first")
        if first and last and not timedelta(0) <= last - first < timedelta(days=_MOST_DAYS):
            self.add_error("last", gettext("Give a day from the first on, at most sixty days later."))
        elif last and last < self._today:
            # With another year it is a day off that nobody knows of.
            self.add_error(
                "last" if values.get("last") else "first", gettext("That is over. Give a day from today on.")
            )
        elif last and last > LAST_DAY:
            self.add_error("last" if values.get("last") else "first", gettext("Give a day of these years."))
        closed = 0
        for begin, end in self._stretches:
            opens, closes = values.get(begin), values.get(end)
            if (opens is None) != (closes is None):
                if begin not in self.errors and end not in self.errors:
                    self.add_error(end, gettext("Give both the start and the end, or neither."))
            elif opens is not None and closes is not None:
                if closes <= opens:
                    self.add_error(
                        end,
                        gettext("Give an end after the start, 24 at the latest: what comes after is of the next day."),
                    )
                elif opens < closed:
                    self.add_error(begin, gettext("Open again after the hours above have ended."))
                closed = closes
        return values

    def added_to(self, exceptions: Mapping[str, Any]) -> dict[str, Any]:
        """The exceptions with these days."""
        values = self.cleaned_data
        first, last = values["first"], values["last"] or values["first"]
        pairs = ((values[begin], values[end]) for begin, end in self._stretches)
        spans = [_texts(pair) for pair in pairs if pair[0] is not None]
        days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
        return {**exceptions, **dict.fromkeys(days, spans)}


class OwnTimeForm(SiteForm):
    """When the provider keeps time for themselves: whole days, or from one clock time to another."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    kind = forms.ChoiceField(
        label=_("What for?"),
        help_text=_("Only you see it."),
        choices=lambda: [(kind.value, own_time_word(kind)) for kind in OwnTimeKind],
        widget=forms.RadioSelect,
    )
    first = _day_field(_("First day"))
    last = _day_field(_("Last day"), help_text=_("Empty for one day."), required=False)
    begins = ClockField(label=_("From, on the first day"), help_text=_("Empty for the whole day. Type 8, 8:30 or 17."))
    ends = ClockField(label=_("Until, on the last day"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in ("first", "last"):
            day = values.get(name)
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, gettext("Give a day of these years."))
        for name in ("begins", "ends"):
            if (values.get(name) or 0) % 15:
                self.add_error(name, gettext("Give a full quarter of an hour: :00, :15, :30 or :45."))
        # A refusal stands beside what was typed for that end.
        is_one_day = values.get("last") in (None, values.get("first"))
        last = "ends" if values.get("ends") is not None and is_one_day else "last" if values.get("last") else "first"
        self.field_names = {"from": "first", "to": last}  # type: ignore[misc]
        return values

    def values(self, time_zone: str) -> OwnTimeValues:
        """The values as the catalog takes them, by the clock of that zone."""
        values = self.cleaned_data
        first, last, begins, ends = values["first"], values["last"] or values["first"], values["begins"], values["ends"]
        kind = OwnTimeKind(values["kind"])
        if begins is None and ends is None:
            return OwnTimeValues(kind, first, last)
        return OwnTimeValues(
            kind, _instant(first, begins or 0, time_zone), _instant(last, 24 * 60 if ends is None else ends, time_zone)
        )


def _instant(day: date, minutes: int, time_zone: str) -> datetime:
    days, minute = divmod(minutes, 24 * 60)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + timedelta(days=days), clock, ZoneInfo(time_zone)).astimezone(UTC)


class NewOwnTimeForm(CreatingForm, OwnTimeForm):
    """Own time that does not exist yet."""

    version = None  # type: ignore[assignment]
