"""Template tags of the site's pages: icons, faces and figures. All templates have them, without `load`."""

import json
import zlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from kernel.clock import now, to_rfc3339
from kernel.money import Money
from kernel.values import dataclass
from kernel.wording.kept import kept_by_language
from kernel.wording.money import format_money
from kernel.wording.times import format_calendar_day
from pages.pictures import Picture
from pages.words import Badge, category_name, format_distance, format_minutes

register = template.Library()

_KEPT = 4_096

# Symbols `front-1` … of static/icons/fronts.svg, and classes `hue-1` … of the tokens.
FRONTS = 9
HUES = 5

_CHART_WIDTH = 300
_CHART_HEIGHT = 84
_CHART_FLOOR = 100


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to choose; `value` is the instant in RFC 3339."""

    value: str
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day to choose, as components/date-strip.html shows it; `value` is its date, `note` says how much is free."""

    value: str
    weekday: str
    number: str
    label: str
    note: str
    is_disabled: bool
    is_chosen: bool


@register.simple_tag
@lru_cache(maxsize=_KEPT)
def icon(name: str, classes: str = "") -> SafeString:
    """The icon of that name (static/icons/lucide.svg), hidden from those who listen: the words beside it say it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {classes}" if classes else "",
        _sprite(),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=_KEPT)
def front(provider_id: str, classes: str = "") -> SafeString:
    """The house front that a provider has until it uploads a photo: always the same one for the same id."""
    number = zlib.crc32(provider_id.encode())
    return format_html(
        '<svg class="front hue-{}{}" viewBox="0 0 96 96" aria-hidden="true"><use href="{}#front-{}"/></svg>',
        number % HUES + 1,
        f" {classes}" if classes else "",
        _sprite(),
        number // HUES % FRONTS + 1,
    )


@register.simple_tag
def photo(picture: Picture, sizes: str, alt: str, classes: str = "") -> SafeString:
    """A photo in the size that fits: `sizes` says how wide it is shown. It keeps its place while it is loaded."""
    return format_html(
        '<img{} src="{}" srcset="{}" sizes="{}" width="{}" height="{}" loading="lazy" decoding="async" alt="{}">',
        format_html(' class="{}"', classes) if classes else "",
        picture.small,
        picture.srcset,
        sizes,
        picture.width,
        picture.height,
        alt,
    )


@register.simple_tag
def face(provider_id: str, name: str, picture: Picture | None, classes: str = "") -> SafeString:
    """What stands for a provider in lists: its first photo, else its house front."""
    if picture is None:
        return front(provider_id, classes)
    return photo(picture, "3rem" if classes == "is-small" else "7rem", name, f"front {classes}".rstrip())


@register.simple_tag
def avatar(name: str, classes: str = "") -> SafeString:
    """A person's initials in a circle, hidden from those who listen: the name stands beside it."""
    return format_html(
        '<span class="avatar hue-{}{}" aria-hidden="true">{}</span>',
        zlib.crc32(name.encode()) % HUES + 1,
        f" {classes}" if classes else "",
        initials(name),
    )


# Choices of days and times are written here: as loops of templates they took two fifths of their page's time. Words
# are escaped by Python's own `escape`: Django's first looks whether each is to be translated.


@register.simple_tag
def day_choices(name: str, days: Iterable[Day]) -> SafeString:
    """A field of that name for each day of components/date-strip.html."""
    # By its id the focus finds it again once the strip is made anew.
    rows = (
        f'<label class="day"><input type="radio" id="{escape(name)}-{escape(day.value)}" name="{escape(name)}"'
        f' value="{escape(day.value)}"{" checked" if day.is_chosen else ""}{" disabled" if day.is_disabled else ""} />'
        f' <span class="day-name" aria-hidden="true">{escape(day.weekday)}</span>'
        f' <span class="day-number" aria-hidden="true">{escape(day.number)}</span>'
        f' <span class="visually-hidden">{escape(day.label)},</span>'
        f' <span class="day-free">{escape(day.note)}</span></label>'
        for day in days
    )
    return mark_safe("\n".join(rows))  # noqa: S308


@register.simple_tag
def slot_choices(name: str, slots: Iterable[Slot]) -> SafeString:
    """A field of that name for each time of components/slot-grid.html: a day can have a hundred."""
    rows = (
        f'<label class="slot"><input type="radio" name="{escape(name)}" value="{escape(slot.value)}"'
        f"{' checked' if slot.is_chosen else ''} required /> {escape(slot.text)}</label>"
        for slot in slots
    )
    return mark_safe("\n".join(rows))  # noqa: S308


# As `json_script` has it: nothing in the data can end the element.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag
def structured_data(data: dict[str, Any]) -> SafeString:
    """What search engines read of the page (JSON-LD): a block of data, no script that runs."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308


@register.simple_tag
@kept_by_language
def rating(average: float | None, count: int) -> str:
    """Stars with their number (components/rating.html): the mean, None without ratings, and how many there are."""
    return render_to_string("components/rating.html", {"average": average, "count": count})


@register.simple_tag
@kept_by_language
def stars(number: int) -> str:
    """The stars of one review (components/stars.html)."""
    return render_to_string("components/stars.html", {"stars": number})


@register.simple_tag
@kept_by_language
def status(badge: Badge) -> str:
    """How a thing stands (components/status.html)."""
    return render_to_string("components/status.html", {"badge": badge})


@register.simple_tag
@kept_by_language
def verified() -> str:
    """The mark of a provider for whom the marketplace vouches (components/verified.html)."""
    return render_to_string("components/verified.html")


@register.simple_tag
def distance(instant: datetime, title: str = "") -> SafeString:
    """How far away an instant is, in words that a script keeps true: `in 3 days`, `5 minutes ago`."""
    return format_html(
        '<time datetime="{}"{} data-relative>{}</time>',
        to_rfc3339(instant),
        format_html(' title="{}"', title) if title else "",
        format_distance(instant, now=now()),
    )


@register.simple_tag
@kept_by_language
def result_words(row: Any) -> str:
    """Who offers a service, and what it is (components/result-words.html), of a row of pages.discover.reads."""
    return render_to_string("components/result-words.html", {"row": row})


@register.simple_tag
@kept_by_language
def result_offer(row: Any) -> str:
    """What it costs, and the way to its free times (components/result-offer.html)."""
    return render_to_string("components/result-offer.html", {"row": row})


@register.filter
def calendar_day(instant: datetime) -> str:
    """The date of an instant by the reader's clocks: `{{ review.created_at|calendar_day }}`."""
    return format_calendar_day(localtime(instant).date(), "j F Y")


@register.filter
def money(amount: Money) -> str:
    """The amount in the active language: `{{ price|money }}`."""
    return format_money(amount)


@register.filter
@kept_by_language
def minutes(length: int) -> str:
    """A length in hours and minutes: `{{ row.minutes|minutes }}`."""
    return format_minutes(length)


@register.filter
@kept_by_language
def category(slug: str) -> str:
    """What a category is called: `{{ row.category|category }}`."""
    return str(category_name(slug))


def initials(name: str) -> str:
    """The first letters of the first and the last word, of one word the first."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def chart_bars(values: list[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """Bars for components/chart.html of `(label, value, text)`, the last being now; the highest fills the chart."""
    highest = max([value for _, value, _ in values] + [1])
    step = _CHART_WIDTH / max(len(values), 1)
    width = round(step * 0.76, 1)
    bars = []
    for position, (label, value, text) in enumerate(values):
        height = round(_CHART_HEIGHT * value / highest, 1)
        left = round(position * step + (step - width) / 2, 1)
        bars.append(
            {
                "label": label,
                "value": text,
                "x": left,
                "y": round(_CHART_FLOOR - height, 1),
                "width": width,
                "height": height,
                "middle": round(left + width / 2, 1),
                "is_now": position == len(values) - 1,
            }
        )
    return bars


def _sprite() -> str:
    return static("build/icons.svg")
