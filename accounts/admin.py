"""People in the admin: found by address, closed and opened, signed out, copied, erased."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import observing, orders, queries, services
from accounts.models import UserItem
from accounts.words import ROLE_NAMES
from kernel import storage
from kernel.actors import Actor, Role
from kernel.addresses import canonical_email
from kernel.clock import now
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import AuditEntry, recording
from kernel.dynamo_admin.forms import ReasonForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.orders import place_order
from kernel.dynamo_admin.uses import Use
from kernel.encoding import to_json
from kernel.errors import DomainError, NotFoundError
from kernel.sentences import sentence


class Person(DynamoModel):
    """A person, as Cognito and the profile say of them."""

    item = UserItem
    labels: ClassVar[Any] = {"phone": gettext_lazy("phone"), "addresses": gettext_lazy("addresses")}
    partitions: ClassVar[Any] = {"user_type": ((), lambda: [role for role, _name in ROLE_NAMES])}

    user_id = models.CharField(gettext_lazy("user id"), max_length=64)
    email = models.EmailField(gettext_lazy("email address"))
    name = models.CharField(gettext_lazy("name"), max_length=100)
    user_type = models.CharField(gettext_lazy("role"), max_length=20, choices=ROLE_NAMES)
    created_at = models.DateTimeField(gettext_lazy("since"))
    language = models.CharField(gettext_lazy("language"), max_length=10, null=True)  # noqa: DJ001
    time_zone = models.CharField(gettext_lazy("time zone"), max_length=64, null=True)  # noqa: DJ001
    session_epoch = models.IntegerField(gettext_lazy("times signed out everywhere"), null=True)
    second_factor = models.BooleanField(gettext_lazy("second factor"), null=True)
    disabled_at = models.DateTimeField(gettext_lazy("closed at"), null=True)

    class Meta:
        app_label = "accounts"
        verbose_name = gettext_lazy("person")
        verbose_name_plural = gettext_lazy("people")

    def __str__(self) -> str:
        return self.name


class EraseForm(ReasonForm):
    """Asks for a word, so that nobody is erased by a slip of the hand."""

    confirmation = forms.CharField(label=gettext_lazy("Type the word “erase”"), max_length=20)

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"]).strip()
        if typed not in ("erase", _("erase")):
            raise forms.ValidationError(_("Type the word “erase”, or leave the page."))
        return typed


class RoleForm(ReasonForm):
    """Asks for the new role and the reason."""

    role = forms.ChoiceField(label=gettext_lazy("New role"), choices=ROLE_NAMES)


def _order(kind: str, *, others_only: bool = True) -> Callable[..., str]:
    """What orders something that Cognito has to be asked for: the events function has the right, the site has not."""

    def run(request: HttpRequest, person: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
        if others_only:
            services.check_may_administer(entry.actor, person.user_id)
        arguments, changes = {"user_id": person.user_id}, {}
        if "role" in cleaned:
            arguments["role"] = cleaned["role"]
            changes = {"user_type": [person.user_type, cleaned["role"]]}
        place_order(kind, arguments, replace(entry, changes=changes), now=now())
        return _("Ordered: it is done in a moment. The history says when.")

    return run


def _export(request: HttpRequest, person: Any, cleaned: dict[str, Any], entry: AuditEntry) -> HttpResponse:
    with recording(entry):
        copy = services.export_person(person.user_id, now=now())
    headers = {"Content-Disposition": f'attachment; filename="person-{person.user_id}.json"'}
    return HttpResponse(to_json(copy), content_type="application/json", headers=headers)


def _see_as(request: HttpRequest, person: Any, cleaned: dict[str, Any], entry: AuditEntry) -> HttpResponseRedirect:
    user = queries.find_user(person.user_id)
    if user is None:
        raise NotFoundError(sentence("There is no such person."))
    observing.begin(request.session, actor=entry.actor, person=user)
    storage.write(entry.put_write())
    return HttpResponseRedirect("/")


def _is_somebody_else(person: Any, actor: Actor) -> bool:
    return bool(person.user_id != actor.user_id)


class PersonAdmin(ItemAdmin):
    """People are changed by their use cases alone."""

    operations = frozenset()
    list_display = ("name", "email", "user_type", "created_at", "second_factor", "disabled_at")
    list_filter = ("user_type",)
    search_fields = ("user_id", "email")
    date_hierarchy = "created_at"
    export_columns = ("user_id", "user_type", "created_at", "disabled_at")
    fields = (
        "user_id",
        "name",
        "email",
        "user_type",
        "created_at",
        "language",
        "time_zone",
        "phone",
        "addresses",
        "second_factor",
        "session_epoch",
        "disabled_at",
    )
    uses = (
        Use(
            "see-as",
            gettext_lazy("See the site as this person"),
            _see_as,
            form=ReasonForm,
            permission="see",
            is_offered=lambda person, actor: Role(person.user_type) in observing.OBSERVED,
        ),
        Use(
            "sign-out",
            gettext_lazy("Sign out everywhere"),
            _order(orders.SIGN_OUT, others_only=False),
            consequences=gettext_lazy("Every browser and every app of theirs has to sign in again."),
            form=ReasonForm,
            permission="manage",
        ),
        Use(
            "close",
            gettext_lazy("Close the account"),
            _order(orders.CLOSE),
            consequences=gettext_lazy(
                "They are signed out everywhere, and cannot sign in until the account is opened again. What they offer "
                "is neither found nor booked, and appointments to come with them are cancelled: customers are told, "
                "and owe nothing. What they booked themselves stays."
            ),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda person, actor: person.disabled_at is None and _is_somebody_else(person, actor),
            is_dangerous=True,
        ),
        Use(
            "open",
            gettext_lazy("Open the account"),
            _order(orders.OPEN),
            consequences=gettext_lazy(
                "They can sign in again. A provider says on its own pages when it takes bookings again."
            ),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda person, actor: person.disabled_at is not None and _is_somebody_else(person, actor),
        ),
        Use(
            "role",
            gettext_lazy("Change the role"),
            _order(orders.CHANGE_ROLE),
            consequences=gettext_lazy(
                "They are signed out everywhere. Who is no provider any more is neither found nor booked, and "
                "appointments to come with them are cancelled: customers are told, and owe nothing. What a provider "
                "booked before stays theirs."
            ),
            form=RoleForm,
            permission="manage",
            is_offered=_is_somebody_else,
        ),
        Use("copy", gettext_lazy("Copy of all data"), _export, form=ReasonForm, permission="manage"),
        Use(
            "erase",
            gettext_lazy("Erase"),
            _order(orders.ERASE),
            consequences=gettext_lazy(
                "What identifies them is erased, and their appointments to come are cancelled. Invoices stay for as "
                "long as the law demands. This cannot be undone."
            ),
            form=EraseForm,
            permission="manage",
            is_offered=_is_somebody_else,
            is_dangerous=True,
        ),
    )

    def has_see_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may see the site as somebody else."""
        return self._may(request, "see")

    def search_value(self, name: str, term: str) -> str:
        if name != "email":
            return term
        try:
            return canonical_email(term)
        except DomainError:
            # Nobody's address looks like this.
            return term


ADMIN_CLASSES = ((Person, PersonAdmin),)
