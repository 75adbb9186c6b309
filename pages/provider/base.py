"""What all pages of a provider stand on."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.domain import Provider
from catalog.queries import get_drafted_trades, get_provider
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import DomainError, NotFoundError, StaleVersionError
from kernel.web.forms import SiteForm
from kernel.web.problems import problem_type_of
from pages.base import FormPage, Page, safe_next
from pages.provider.steps import Step, set_up_steps


class ProviderPage(Page):
    """A page for providers alone; those without a profile are led to set one up."""

    roles = (Role.PROVIDER,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFoundError:
            if self.is_set_up:
                raise
            return HttpResponseRedirect(reverse("provider-start"))

    @property
    def is_set_up(self) -> bool:
        """Whether there is a profile. Read only where something was not found."""
        try:
            get_provider(self.provider_id)
        except NotFoundError:
            return False
        return True

    @property
    def provider_id(self) -> str:
        return self.actor.provider_id or ""

    @cached_property
    def now(self) -> datetime:
        """The instant at which the request is judged, the same throughout."""
        return now()


class OwnPage(ProviderPage):
    """A page about the provider's own profile."""

    @cached_property
    def provider(self) -> Provider:
        """The profile, read once. Raises `NotFoundError` before there is one."""
        return get_provider(self.provider_id)

    @cached_property
    def existing(self) -> Provider | None:
        """The profile, None before there is one."""
        try:
            return self.provider
        except NotFoundError:
            return None

    @cached_property
    def trades(self) -> Sequence[str]:
        """What the provider works in, as far as it was said."""
        return self.existing.trades if self.existing else get_drafted_trades(self.provider_id)

    @cached_property
    def steps(self) -> Sequence[Step]:
        """The steps of setting up the business."""
        return set_up_steps(self.provider_id, self.existing, self.trades)


def _cleaned(field: forms.BoundField) -> Any:
    """The value that the field holds, as the form's `cleaned_data` would have it; None where it is not valid."""
    try:
        return field.field.clean(field.value())
    except forms.ValidationError:
        return None


def _in_words(field: forms.BoundField) -> str:
    """The value that the field holds as people read it."""
    value = field.value()
    if isinstance(field.field, forms.BooleanField):
        return _("Yes") if value else _("No")
    if isinstance(field.field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in cast("Any", field.field.choices)}
        chosen = value if isinstance(value, list | tuple) else [value]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen if each is not None)
    return str(field.field.widget.format_value(value) or "")


class OwnForm(OwnPage, FormPage):
    """A form that leads back to where one came from (`next`), by default to the page itself."""

    heading: Any
    action: Any = gettext_lazy("Save")

    @cached_property
    def goes_on_at(self) -> str:
        """Where setting up the business goes on after this page; empty unless one is at that."""
        address = safe_next(self.request, "")
        return address if urlsplit(address).path == reverse("provider-start") else ""

    def refuse(self, form: SiteForm, error: DomainError) -> HttpResponse:
        """Show the form again, and what is saved now where somebody else changed the same meanwhile.

        Whoever saves once more has read it: the form is of the new version then.
        """
        if not isinstance(error, StaleVersionError) or "version" not in form.fields:
            return super().refuse(form, error)
        text = _("This was changed in the meantime. What is saved now stands beside yours; save again to keep yours.")
        form.add_error(None, text)
        current = self.form()
        for name in [field.name for field in form.visible_fields()]:
            # Hours have as many fields as there are stretches.
            saved = current[name] if name in current.fields else None
            if (saved and _cleaned(saved)) != form.cleaned_data[name]:
                form.add_error(name, _("Saved is now: %(value)s") % {"value": (saved and _in_words(saved)) or "–"})
        form.replace(version=current["version"].value())
        return self.refused(form, status=problem_type_of(type(error)).status)

    def saved(self, default: str, message: str = "") -> HttpResponse:
        """Back, with a word that it is done."""
        messages.success(self.request, message or _("Saved."))
        return self.done(safe_next(self.request, default))
