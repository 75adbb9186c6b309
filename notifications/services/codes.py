"""Emails with a code, which Cognito sends: it knows the code, we say what stands around it."""

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from kernel.wording.text import one_line
from notifications.emails.composition import imprint, inlined, spoken
from notifications.links import site_url


def compose_code(purpose: str, *, code: str, language: str | None) -> tuple[str, str]:
    """Subject and HTML of the email with a code for a purpose: `sign-up`, `address` or `password`."""
    with translation.override(spoken(language)):
        context = {
            "purpose": purpose,
            "code": code,
            "site_name": settings.SITE_NAME,
            "site_url": site_url("/"),
            "language": translation.get_language(),
            **imprint(),
        }
        context["subject"] = one_line(_render("subject.txt", context))
        return context["subject"], inlined(_render("body.html", context))


def _render(part: str, context: dict[str, str]) -> str:
    template = Engine.get_default().get_template(f"email/_code/{part}")
    return template.render(Context(context, autoescape=part.endswith(".html")))
