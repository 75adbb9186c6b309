"""Sentences for people, kept as a template and its values until it is known in which language they are read.

A refusal is decided where no language is known: in the pure domain, by a service, in a task. `sentence` marks its
English template for extraction, like gettext's own functions. `str()` gives the English, which the API and logs show;
`kernel.wording.sentences` gives a page's reader their own language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta

from kernel.money import Money
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English template with `%(name)s` for each of its values."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def worded(self, translate: Callable[[str], str], show: Callable[[object], str]) -> str:
        """The sentence with its template translated and each value shown by these two functions."""
        template = translate(self.template)
        return template % {name: show(value) for name, value in self.values.items()} if self.values else template

    def __str__(self) -> str:
        return self.worded(str, in_english)


def sentence(template: str, **values: object) -> Sentence:
    """A sentence about values: text, numbers, `Money`, instants, lengths of time, sentences, tuples of these.

    The template is written out where this is called, so that it is found for translation; a `%` in a template with
    values is written `%%`.
    """
    return Sentence(template, values)


def paragraph(sentences: Sequence[Sentence]) -> Sentence:
    """These sentences, one after the other."""
    values = {f"part_{number}": each for number, each in enumerate(sentences)}
    return Sentence(" ".join(f"%({name})s" for name in values), values)


def in_english(value: object) -> str:
    """A value as the API writes it: instants in UTC, money as `129.50 USD`, lengths of time as `2 hours`."""
    if isinstance(value, Money):
        return f"{value.decimal} {value.currency}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        number, unit = largest_unit(value)
        return f"{number} {unit if number == 1 else unit + 's'}"
    if isinstance(value, tuple):
        return ", ".join(map(in_english, value))
    return str(value)


def largest_unit(length: timedelta) -> tuple[int, str]:
    """A length of time in the largest of `day`, `hour` and `minute` that measures it in whole numbers."""
    minutes = int(length.total_seconds()) // 60
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes and minutes % size == 0:
            return minutes // size, unit
    return minutes, "minute"
