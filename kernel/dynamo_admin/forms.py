"""Forms that lose nothing: each field remembers what it showed, and is compared with what is stored now."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, InvalidInputError
from kernel.web.forms import TextField
from kernel.wording.sentences import in_words
from kernel.wording.text import TextRule


class OptionalJSONField(forms.JSONField):
    """JSON that may be absent: shown as an empty field, not as `null`."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class ItemForm(forms.ModelForm):
    """A change form of an item.

    Every field carries, hidden, the value that it showed (`show_hidden_initial`). Where another value is stored by
    now, the form is refused once, says what changed, and keeps all that was typed; sent again, it counts.
    """

    # Why the service refused what the form said, once it has.
    refusal: ClassVar[DomainError | None] = None
    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._overtaken: list[str] = []
        if self.is_bound and self.instance.row:
            self.data: Any = self.data.copy()
            for name in self.fields:
                self._settle(name)

    def _settle(self, name: str) -> None:
        """Compare what one field showed with what is stored, and go on from what is stored."""
        bound: Any = self[name]
        field = self.fields[name]
        stored = self.get_initial_for_field(field, name)
        shown = field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        if not field.show_hidden_initial or not field.has_changed(stored, shown):
            return
        self._overtaken.append(name)
        # A form that does not say what it showed was not filled in on this page: all of it counts as entered.
        was_touched = shown is None or bound._has_changed()
        prepared = field.prepare_value(stored)
        _put(self.data, field.hidden_widget(), bound.html_initial_name, prepared)
        if not was_touched:
            _put(self.data, field.widget, bound.html_name, prepared)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in self._overtaken:
            # Not by `has_changed`, which already compares with what is stored now.
            shown = self.fields[name].prepare_value(self.get_initial_for_field(self.fields[name], name))
            message = _("Somebody else changed this after you opened the page. It is now: %(value)s")
            self.add_error(name, forms.ValidationError(message, code="conflict", params={"value": shown}))
        if self._overtaken:
            raise forms.ValidationError(
                _(
                    "Nothing was saved yet: somebody else changed this %(name)s meanwhile. What you entered is still "
                    "here. Look at what is marked, then save again."
                ),
                code="conflict",
                params={"name": self.instance._meta.verbose_name},
            )
        if self.refusal is not None:
            self._add_refusal(self.refusal)
        return cleaned

    def _add_refusal(self, refusal: DomainError) -> None:
        errors = refusal.errors if isinstance(refusal, InvalidInputError) else ()
        for error in errors:
            self.add_error(error.field if error.field in self.fields else None, in_words(error.message))
        if not errors:
            self.add_error(None, in_words(refusal.message))


def _put(data: QueryDict, widget: forms.Widget, name: str, value: Any) -> None:
    """Set the value as if the widget had sent it."""
    if isinstance(widget, forms.MultiWidget):
        suffixes: list[str] = widget.widgets_names  # type: ignore[attr-defined]
        for suffix, part, part_value in zip(suffixes, widget.widgets, widget.decompress(value) or [], strict=True):
            _put(data, part, name + suffix, part_value)
    elif isinstance(widget, forms.CheckboxInput):
        if value:
            data[name] = "on"
        else:
            data.pop(name, None)
    elif value is None:
        data[name] = ""
    elif isinstance(widget, forms.Select | RelatedFieldWidgetWrapper):
        data[name] = str(value)
    else:
        data[name] = widget.format_value(value) or ""


# Why somebody did something.
REASON = TextRule(least=1, most=300)


class ReasonForm(forms.Form):
    """What an action asks for that has to be explained: the reason goes into the audit log."""

    reason = TextField(REASON, label=_("Reason"), help_text=_("Kept in the audit log. Write no personal data."))
