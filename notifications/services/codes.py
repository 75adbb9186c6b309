"""Emails with a code, which Cognito sends: it knows the code, we say what stands around it."""

from django.utils import translation

from kernel.wording.text import one_line
from notifications.emails.composition import frame, inlined, rendered, spoken


def compose_code(purpose: str, *, code: str, language: str | None) -> tuple[str, str]:
    """Subject and HTML of the email with a code for a purpose: `sign-up`, `address` or `password`."""
    with translation.override(spoken(language)):
        context = {**frame(), "purpose": purpose, "code": code}
        context["subject"] = one_line(rendered("_code", "subject.txt", context))
        return context["subject"], inlined(rendered("_code", "body.html", context))
