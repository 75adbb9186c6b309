"""What happened to one's bookings, which emails tell of it, and the page that stops reminders without signing in."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kernel.clock import now
from kernel.errors import NotFoundError
from kernel.rate_limits import RateLimit, charge
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from notifications.domain import recipient_of
from notifications.links import read_unsubscribe_token
from notifications.queries import list_muted, list_notes
from notifications.services import mark_read, replace_muted, set_muted
from pages.base import FormPage, Page
from pages.notifications.forms import PreferencesForm, ReadForm, optional_types
from pages.notifications.screens import note_row

_ROWS = 20

# Who holds a link may press its buttons so often: a write each.
CHANGES_BY_LINK = RateLimit("unsubscribe", allowed=20, window=timedelta(hours=1))


class Notes(Page):
    """What happened to one's bookings, newest first. One Query; its button counts what is shown as read."""

    template_name = "pages/notifications/notes.html"
    needs_sign_in = True
    partials: ClassVar[frozenset[str]] = frozenset({"notes", "more"})
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]  # type: ignore[misc]

    def context(self) -> dict[str, Any]:
        cursor = self.request.GET.get("cursor")
        page = list_notes(actor=self.actor, limit=_ROWS, cursor=cursor)
        rows = [note_row(note) for note in page.results]
        return {
            "rows": rows,
            "newest": None if cursor or not any(row.is_unread for row in rows) else rows[0].number,
            "more_href": page.next_cursor and f"{self.request.path}?{urlencode({'cursor': page.next_cursor})}",
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ReadForm(request.POST)
        if not form.is_valid():
            raise NotFoundError(sentence("There is no such notification."))
        mark_read(actor=self.actor, up_to=form.cleaned_data["up_to"])
        return HttpResponseRedirect(request.path)


class Preferences(FormPage):
    """The page of the optional emails that a person gets. One GetItem, one UpdateItem to change it."""

    template_name = "pages/notifications/preferences.html"
    form_class = PreferencesForm
    needs_sign_in = True
    heading = _("Emails")
    action = _("Save")

    def form(self, data: Any = None) -> SiteForm:
        if data is not None:
            # Where nothing had a mark browsers send nothing of what was shown, and the form, shown again, would take
            # what was chosen for it.
            data = data.copy()
            data.setlistdefault("initial-wanted")
        return PreferencesForm(data, initial=self.initial(), types=optional_types(self.actor.role))

    def initial(self) -> dict[str, Any]:
        muted = list_muted(recipient_of(self.actor).id)
        return {"wanted": [type_ for type_ in optional_types(self.actor.role) if type_ not in muted]}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        recipient_id = recipient_of(self.actor).id
        wanted, shown = set(values["wanted"]), set(self.sent.getlist("initial-wanted"))
        # What was changed elsewhere since the form was shown, as by the link of a reminder, stays.
        muted = (list_muted(recipient_id) - (wanted - shown)) | (shown - wanted)
        replace_muted(recipient_id=recipient_id, types=muted & set(optional_types(self.actor.role)))
        messages.success(self.request, _("Saved."))
        return self.done(reverse("notification-preferences"))


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
