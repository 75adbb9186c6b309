"""From a letter to a complete email, in the reader's language."""

import hashlib
from email.charset import QP, Charset
from email.mime.text import MIMEText
from email.utils import formataddr
from functools import cache
from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.translation import gettext

from kernel.addresses import canonical_email
from kernel.wording.text import one_line
from notifications.emails.headers import Email
from notifications.links import page_url, preferences_url, site_url, unsubscribe_url
from notifications.messages import MESSAGES
from notifications.messages.base import Letter


def compose(letter: Letter) -> Email:
    """The email: text, HTML and, where the message changes the reader's calendar, the entry. Nothing is sent."""
    with translation.override(spoken(letter.reader.language)):
        folder, context = letter.delivery.event.type.replace(".", "_"), _context(letter)
        context["subject"] = one_line(rendered(folder, "subject.txt", context))
        message = Email(
            subject=context["subject"],
            body=rendered(folder, "body.txt", context),
            from_email=formataddr((settings.SITE_NAME, settings.EMAIL_FROM_ADDRESS)),
            # The bare address: no name of anybody's choice stands in a header.
            to=[canonical_email(letter.reader.email)],
            headers=_headers(letter),
        )
        message.attach_alternative(inlined(rendered(folder, "body.html", context)), "text/html")
        _attach_calendar_entry(message, letter)
        if letter.attachment:
            message.attach(*letter.attachment, "application/pdf")
    # Not every server on the way takes 8-bit text.
    message.encoding = _quoted_printable()
    return message


def spoken(language: str | None) -> str:
    """The language, if the site is written in it; else its own."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def frame() -> dict[str, Any]:
    """What stands around every email: the site and the active language; terms, privacy, and who runs the site, as far
    as the settings say.
    """
    return {
        "site_name": settings.SITE_NAME,
        "site_url": site_url("/"),
        "language": translation.get_language(),
        "terms_url": page_url("terms"),
        "privacy_url": page_url("privacy"),
        # Not in every language it follows the word at once.
        "colon": gettext(":"),
        "operator": ", ".join(filter(None, (settings.OPERATOR_NAME, one_line(settings.OPERATOR_ADDRESS)))),
    }


def inlined(html: str) -> str:
    """The page with its styles at each element, where every mail program finds them."""
    return str(_inliner().inline(html))


def rendered(folder: str, part: str, context: dict[str, Any]) -> str:
    """The part of an email, such as `body.txt`, by the template in that folder of emails."""
    template = Engine.get_default().get_template(f"email/{folder}/{part}")
    # Text is no HTML: escaped, it would show "&amp;".
    return template.render(Context(context, autoescape=part.endswith(".html")))


def _context(letter: Letter) -> dict[str, Any]:
    recipient, type_ = letter.delivery.recipient, letter.delivery.event.type
    return {
        **frame(),
        "reader_name": one_line(letter.reader.name),
        "preferences_url": preferences_url(),
        "unsubscribe_url": unsubscribe_url(recipient.id, type_) if MESSAGES[type_].optional else "",
        **letter.context(),
    }


def _headers(letter: Letter) -> dict[str, str]:
    delivery, domain = letter.delivery, settings.EMAIL_FROM_ADDRESS.rpartition("@")[2]
    digest = hashlib.sha256(delivery.delivery_id.encode()).hexdigest()[:32]
    headers = {
        # The same for every try: mailboxes that look can tell a second copy.
        "Message-ID": f"<{digest}@{domain}>",
        # All emails of one thing, such as a booking, are one conversation.
        "References": f"<{letter.conversation}@{domain}>",
        # RFC 3834: no out-of-office replies.
        "Auto-Submitted": "auto-generated",
    }
    if MESSAGES[delivery.event.type].optional:
        # RFC 8058: one click in the mail program, no page.
        headers["List-Unsubscribe"] = f"<{unsubscribe_url(delivery.recipient.id, delivery.event.type)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _attach_calendar_entry(message: Email, letter: Letter) -> None:
    found = letter.calendar_entry()
    if found is None:
        return
    method, entry = found
    # Twice: calendars that act by themselves read the alternative, people open the file.
    message.attach_alternative(entry, f"text/calendar; method={method}")
    file = MIMEText(entry, "calendar", _quoted_printable())  # type: ignore[arg-type]
    file.set_param("method", method)
    file.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    message.attach(file)


@cache
def _inliner() -> CSSInliner:
    # Media queries cannot be inlined: they stay in the head, for the mail programs that heed them.
    return CSSInliner(keep_at_rules=True, remove_inlined_selectors=True, load_remote_stylesheets=False)


@cache
def _quoted_printable() -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset
