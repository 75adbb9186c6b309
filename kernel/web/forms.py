"""What every form of the site's pages stands on: one look, and refusals beside the field that they are about."""

from typing import Any, ClassVar

from django import forms
from django.forms.renderers import TemplatesSetting

from kernel.errors import DomainError, InvalidInputError
from kernel.wording.sentences import in_words


class SiteFormRenderer(TemplatesSetting):
    """Forms and fields in the site's own markup (templates/forms)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


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
        super().__init__(*args, **kwargs)

    def refuse(self, error: DomainError) -> None:
        """Show why a service refused what was typed: beside the field where one is to blame, else above the form."""
        if not isinstance(error, InvalidInputError):
            self.add_error(None, in_words(error.message))
            return
        for field_error in error.errors:
            name = self.field_names.get(field_error.field, field_error.field)
            self.add_error(name if name in self.fields else None, in_words(field_error.message))

    def full_clean(self) -> None:
        super().full_clean()
        self._mark_first_refused()

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        self._mark_first_refused()

    def _mark_first_refused(self) -> None:
        """The browser puts the cursor where something is to be corrected."""
        refused = next((name for name in self.fields if name in self.errors), None) if self.is_bound else None
        for name, field in self.fields.items():
            if refused is not None:
                field.widget.attrs.pop("autofocus", None)
                if name == refused and not isinstance(field.widget, forms.RadioSelect):
                    field.widget.attrs["autofocus"] = True
