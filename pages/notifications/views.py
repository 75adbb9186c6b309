"""The page that stops reminders, or resumes them, without signing in."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kernel.clock import now
from kernel.errors import NotFoundError
from kernel.rate_limits import RateLimit, charge
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
    return render(request, "pages/notifications/unsubscribe.html", {"state": state, "type": type_})
