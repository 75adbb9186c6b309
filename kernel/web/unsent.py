"""What was typed into a form that could not be taken, because whoever sent it was signed out meanwhile.

It waits in the session for the page of the form, which shows it once more to the person who comes back.
"""

import zlib
from base64 import b64decode, b64encode
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from kernel.clock import epoch, now

# Whether the forms that are still open in a browser's other tabs may be of who was signed in to it before.
_AFTER_ANOTHER = "after_another"
# Another name than what another version would read.
_KEY = "unsent_form"
# Whoever is away for longer begins anew; as long as a stranger's session lives.
_SECONDS = 3600
# More than any form of the site has, in any script, and little enough for every request of the session to read along.
_MOST_BYTES = 16_000
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105


def note_another_before(request: HttpRequest) -> None:
    """Have the session of whoever has just signed in know that it follows that of somebody else, in this browser.

    What waits there for whoever comes may be the other's.
    """
    request.session[_AFTER_ANOTHER] = True
    if not request.session.get(_KEY, {}).get("owner"):
        request.session.pop(_KEY, None)


def keep_unsent(request: HttpRequest, *, owner: str, is_told: bool = False) -> None:
    """Keep what the request sends for the page at its address, and for nobody but that person; empty: whoever comes.

    `is_told`: the person is told already why it was not sent.
    """
    sent = request.POST.copy()
    sent.pop(_TOKEN, None)
    # Of a Japanese character it has nine: packed, it is a third of that at the most.
    text = b64encode(zlib.compress(sent.urlencode().encode())).decode()
    if len(text) <= _MOST_BYTES:
        kept = {"path": request.path, "until": epoch(now()) + _SECONDS, "sent": text, "owner": owner}
        request.session[_KEY] = {**kept, "is_told": is_told}


def take_unsent(request: HttpRequest, *, person: str) -> QueryDict | None:
    """What is kept for that page and person, once, and said to be so; None if nothing is."""
    forget_unsent(request, but_for=request.path)
    kept: dict[str, Any] | None = request.session.pop(_KEY, None)
    if kept is None or kept["until"] <= epoch(now()) or kept["owner"] not in ("", person):
        return None
    if kept.get("is_told"):
        messages.info(request, _("What you typed is still here."))
    else:
        messages.info(request, _("You had been signed out, so nothing was sent. What you typed is still here."))
    return QueryDict(zlib.decompress(b64decode(kept["sent"])))


def forget_unsent(request: HttpRequest, *, but_for: str) -> None:
    """Drop what is kept for any page but the one at that path: the person went elsewhere."""
    kept = request.session.get(_KEY)
    if kept is not None and kept["path"] != but_for:
        del request.session[_KEY]


def referring_address(request: HttpRequest) -> str:
    """Path and query of this site's page that has the form or the script of the request; nothing if it is unknown."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    except ValueError:
        return ""
    # Of `//` browsers make the name of another site.
    if parts.netloc != request.get_host() or parts.path.startswith("//"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def has_fields(request: HttpRequest, form_class: type[Form]) -> bool:
    """Whether the request sends such a form: a button beside it has a name, and none of its fields.

    A form without a single mark sends nothing, or only what it showed.
    """
    sent = {name.removeprefix("initial-") for name in request.POST.keys() - {_TOKEN}}
    return not sent or bool(form_class.base_fields.keys() & sent)


def page_of_form(request: HttpRequest) -> str:
    """The page at the address of the request, which shows what waits for it: some pages have the forms of others."""
    address = referring_address(request)
    if urlsplit(address).path == request.path:
        return address
    back = request.POST.get("next")
    return f"{request.path}?{urlencode({'next': back})}" if back else request.get_full_path()


def load_again(request: HttpRequest) -> HttpResponse | None:
    """Lead back to the page whose form has a token of the time before its person signed in anew, if it is one of ours.

    The browser vouches for that by `Origin`, which no page of others can write.
    """
    address = referring_address(request)
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if not (is_ours and address and settings.CSRF_COOKIE_NAME in request.COOKIES):
        return None
    view = getattr(request.resolver_match and request.resolver_match.func, "view_class", None)
    is_kept = getattr(view, "keeps_unsent", False) and has_fields(request, cast("Any", view).form_class)
    if is_kept and _AFTER_ANOTHER not in request.session:
        # It waits in the session of whoever signed in anew.
        keep_unsent(request, owner="", is_told=True)
        address = page_of_form(request)
    text = _("You had signed in or out meanwhile, so nothing was done. Please try again.")
    if request.user.is_authenticated:
        # It may be somebody else than who opened the form.
        text += " " + _("You are signed in as %(email)s.") % {"email": request.user.email}
    messages.info(request, text)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
