"""The steps of setting up a business, and what of them is done. Each page of a step leads on to the next."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.domain import Provider, WorkingHours
from kernel.values import dataclass

# Monday to Friday, nine to five: what customers may book until the provider says otherwise.
USUAL_HOURS = WorkingHours(weekly=(((9 * 60, 17 * 60),),) * 5 + ((),) * 2)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of setting up. `state`: `done`, `usual` (it is as most have it), `missing`, or `later`: not possible yet.

    `address` is its page, which leads on from there.
    """

    name: str
    title: str
    text: str
    path: str
    state: str

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode({'next': after_step(self.name)})}"


def after_step(name: str) -> str:
    """Where it goes on after the step of that name."""
    return f"{reverse('provider-start')}?{urlencode({'after': name})}"


def set_up_steps(provider_id: str, provider: Provider | None, trades: Sequence[str]) -> list[Step]:
    """The steps in their order, for a provider who has no profile yet or has one; and the trades that are known."""
    hours = provider.hours.weekly if provider else ()
    is_usual = hours == USUAL_HOURS.weekly

    def state(*, is_done: bool) -> str:
        return "done" if is_done else "missing" if provider else "later"

    return [
        Step("trade", _("Trade"), _("What you do."), reverse("provider-trades"), "done" if trades else "missing"),
        Step(
            "place",
            _("Place and area"),
            _("What your business is called, where your rounds begin and how far you drive."),
            reverse("provider-profile"),
            "done" if provider else "missing",
        ),
        Step(
            "service",
            _("First service"),
            _("One is enough to be booked."),
            reverse("provider-add-service"),
            state(is_done=bool(provider and provider.service_ids)),
        ),
        Step(
            "hours",
            _("Working hours"),
            _("Monday to Friday, 9:00 to 17:00, until you say otherwise.")
            if is_usual
            else _("When customers may book you."),
            reverse("provider-hours"),
            "usual" if is_usual else state(is_done=any(hours)),
        ),
        Step(
            "photo",
            _("Photo"),
            _("Of you at work, your van or your shop: it stands for you in lists."),
            reverse("photos", args=["provider", provider_id]),
            state(is_done=bool(provider and provider.photos)),
        ),
    ]


def next_step(steps: Sequence[Step], after: str) -> Step | None:
    """The first step behind the one of that name that is not done; None behind the last, and for no step's name."""
    names = [step.name for step in steps]
    behind = steps[names.index(after) + 1 :] if after in names else ()
    return next((step for step in behind if step.state in ("missing", "usual")), None)
