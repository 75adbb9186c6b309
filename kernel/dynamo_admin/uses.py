"""What an admin does to an object beside changing it: a use case with a page that asks for confirmation."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest

from kernel.actors import Actor
from kernel.values import dataclass

if TYPE_CHECKING:
    from kernel.dynamo_admin.audit import AuditEntry
    from kernel.dynamo_admin.models import DynamoModel


class ConfirmForm(forms.Form):
    """Asks nothing: sending it is the confirmation."""


@dataclass(frozen=True, slots=True)
class Handout:
    """A file that lies elsewhere, which a use case hands out: the page shows the way to it.

    A form does not lead there by itself: the policy of contents lets forms lead to this site alone.
    """

    url: str


@dataclass(frozen=True, slots=True)
class Use:
    """One use case of an object.

    `run(request, instance, cleaned, entry)` calls the service, which writes `entry` in the transaction of the change
    (or writes it itself, first as intended), and returns the sentence that is shown, a `Handout`, or an answer of its
    own. It raises a `DomainError` for what the rules refuse. `is_offered` hides what the object's state does not allow
    that person; the service decides.
    """

    name: str
    label: Any
    run: Callable[[HttpRequest, Any, dict[str, Any], "AuditEntry"], Any]
    form: type[forms.Form] = ConfirmForm
    is_offered: Callable[[Any, Actor], bool] = lambda instance, actor: True
    # What follows, in sentences that the page shows before anything is done.
    consequences: Any = ""
    # "view", "act" or "manage": asked of the admin class as `has_<permission>_permission`.
    permission: str = "act"
    # Whether the list offers it for a selection. Then the form may ask for a reason alone.
    is_bulk: bool = False
    is_dangerous: bool = False
    # Whether the object is gone afterwards.
    removes: bool = False


def offered(uses: tuple[Use, ...], instance: "DynamoModel", actor: Actor) -> list[Use]:
    """The use cases that the object's state allows that person."""
    return [use for use in uses if use.is_offered(instance, actor)]
