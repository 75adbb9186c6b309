"""What every form of the site's pages stands on: one look, and refusals beside the field that they are about."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList, flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from kernel.errors import DomainError, InvalidInputError
from kernel.wording.sentences import in_words
from kernel.wording.text import TextRule, clean_text, text_errors


class SiteFormRenderer(TemplatesSetting):
    """Forms and fields in the site's own markup (templates/components)."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class SiteErrorList(ErrorList):
    """The refusals of one field, below it."""

    template_name = "components/field-errors.html"


class TextField(forms.CharField):
    """What a person wrote, by the rule that all such text follows; the value is clean."""

    def __init__(self, rule: TextRule, **kwargs: Any) -> None:
        # The rule counts once the text is clean; the browser stops a little later.
        super().__init__(required=rule.least > 0, **kwargs)
        self.rule = rule
        self.widget.attrs["maxlength"] = str(rule.most)
        if rule.least > 1:
            self.widget.attrs["minlength"] = str(rule.least)

    def to_python(self, value: Any) -> str:
        return clean_text(str(super().to_python(value)))

    def validate(self, value: str) -> None:
        super().validate(value)
        errors = text_errors("", value, self.rule) if value else []
        if errors:
            raise forms.ValidationError([in_words(error.message) for error in errors])


class LongSelect(forms.Select):
    """A select of hundreds of options, without groups: a template for each of them would take most of a page's time."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (value, _SELECTED if str(value) in chosen else "", label)
                for value, label in cast("Iterable[tuple[Any, Any]]", self.choices)
            ),
        )
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


_SELECTED = mark_safe(" selected")


class SiteForm(forms.Form):
    """Base of all forms.

    A subclass names in `field_names` which field of its own a service means, where the two differ.
    """

    default_renderer = SiteFormRenderer()
    use_required_attribute = True
    field_names: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The template writes no colon after a label.
        kwargs["label_suffix"] = ""
        kwargs.setdefault("error_class", SiteErrorList)
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field.widget)

    def add(self, name: str, field: forms.Field) -> None:
        """Let the form have another field, last, in the look of the others."""
        self.fields[name] = field
        _dress(field.widget)

    def replace(self, **values: object) -> None:
        """Hold these values in place of what was sent, for the page that shows the form again; the rest stays."""
        data = cast("QueryDict", self.data).copy()
        for name, value in values.items():
            data[self.add_prefix(name)] = str(value)
        self.data = data

    def refuse(self, error: DomainError) -> None:
        """Show why a service refused what was typed: beside the field where one is to blame, else above the form."""
        if not isinstance(error, InvalidInputError):
            self.add_error(None, in_words(error.message))
            return
        for field_error in error.errors:
            name = self.field_names.get(field_error.field, field_error.field)
            self.add_error(name if name in self.fields else None, in_words(field_error.message))


def _dress(widget: forms.Widget) -> None:
    """Give a widget the markup and the class of its component."""
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        widget.template_name = "components/choice.html"
    elif not isinstance(widget, forms.HiddenInput | forms.CheckboxInput | forms.FileInput):
        widget.attrs["class"] = f"input {widget.attrs.get('class', '')}".strip()
