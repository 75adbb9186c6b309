"""Pages of notifications: stopping reminders without signing in, and, on a laptop, the inbox of all sent email."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.kernel.clock import now
from marketplace.kernel.errors import NotFoundError
from marketplace.kernel.rate_limits import RateLimit, charge
from marketplace.security_headers import csp_header
from notifications import inbox
from notifications.links import read_unsubscribe_token
from notifications.services import set_muted

# Who holds a link may press its buttons so often: a write each.
CHANGES_BY_LINK = RateLimit("unsubscribe", allowed=20, window=timedelta(hours=1))


# The mail program posts here by itself, with no cookie of ours (RFC 8058): the signed token is the authority.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of reminder, or get it again. A GET changes nothing: link checkers follow links."""
    try:
        recipient_id, type_ = read_unsubscribe_token(token)
    except NotFoundError as error:
        raise Http404 from error
    state = "asked"
    if request.method == "POST":
        charge((CHANGES_BY_LINK, recipient_id), now=now())
        state = "resumed" if "resume" in request.POST else "stopped"
        set_muted(recipient_id=recipient_id, type_=type_, is_muted=state == "stopped")
    return render(request, "notifications/unsubscribe.html", {"state": state, "type": type_})


@require_safe
def inbox_list(request: HttpRequest) -> HttpResponse:
    """All email that the embedded cloud took, newest first."""
    return render(request, "notifications/inbox/list.html", {"emails": inbox.list_emails(_inbox_dir())})


@require_safe
def inbox_email(request: HttpRequest, email_id: str) -> HttpResponse:
    """One email: its headers and its parts."""
    email = inbox.read_email(_inbox_dir(), email_id)
    if email is None:
        raise Http404
    response = render(request, "notifications/inbox/email.html", {"email": email})
    # Its HTML parts are documents of their own.
    response.headers["Content-Security-Policy"] = csp_header(settings.SECURE_CSP | {"frame-src": ["'self'"]})
    return response


@require_safe
def inbox_part(request: HttpRequest, email_id: str, number: int) -> HttpResponse:
    """One part as its own document, for the frame that shows it and for downloads."""
    email = inbox.read_email(_inbox_dir(), email_id)
    if email is None or number >= len(email.parts):
        raise Http404
    part = email.parts[number]
    response = HttpResponse(part.content, content_type=part.content_type)
    # Somebody else's HTML on our origin: no script, no form, no cookie.
    response.headers["Content-Security-Policy"] = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    if part.filename:
        response.headers["Content-Disposition"] = f'attachment; filename="{part.filename}"'
    return response


def _inbox_dir() -> str:
    if not settings.INBOX_DIR:
        raise Http404
    return str(settings.INBOX_DIR)
