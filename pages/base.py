"""What every page stands on: who may see it, its whole or a part of it, and refusals shown in its form.

A subclass of `Page` answers GET with a template; a subclass of `FormPage` also takes a form. Both work without
JavaScript. When htmx asks, `Page.render` gives the partial whose name is the id of the element that will hold it, so
that a part of a page is written once, inside of the page.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from typing import Any, ClassVar, cast
from urllib.parse import quote, unquote, urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views import View
from django.views.decorators.http import require_POST

from accounts.domain import PHONE
from accounts.models import User
from accounts.sessions import owner_of_cookie
from kernel.actors import Actor, Role
from kernel.errors import DomainError, ForbiddenError, InvalidInputError
from kernel.idempotency import IdempotencyKeyReusedError
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from kernel.web.problems import problem_type_of, retry_headers
from kernel.web.security_headers import allow_uploads
from kernel.web.unsent import has_fields, keep_unsent, page_of_form, referring_address, take_unsent

# What an address, a form or a session calls the page where somebody was, or wants to be.
NEXT = "next"


def is_from_htmx(request: HttpRequest) -> bool:
    """Whether a script asks for a part of a page, not a browser for all of it."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def target_id(request: HttpRequest) -> str:
    """The id of the element that htmx will put the answer into, or nothing."""
    return unquote(request.headers.get("HX-Target", "").partition("#")[2])


def safe_next(request: HttpRequest, default: str) -> str:
    """Where the person wanted to go (`next` of the form or the address), if that is a page of this site."""
    return safe_target(request, request.POST.get(NEXT) or request.GET.get(NEXT, ""), default=default)


def safe_target(request: HttpRequest, target: str, *, default: str) -> str:
    """The address if it is one of this site's pages, written from the root on; else the default."""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Of what browsers take for an address of this site, `x` would lead to a page beside the present one.
    return target if is_ours and target.startswith("/") and _is_served(target) else default


def as_changed(request: HttpRequest, target: str) -> str:
    """The address, which a page has of itself, with the query that it has got since: filters change it in place."""
    here = referring_address(request)
    return here if here.partition("?")[0] == target.partition("?")[0] else target


def _is_served(target: str) -> bool:
    """Whether there is something to see at the address: some take only what a form sends."""
    try:
        view = resolve(unquote(urlsplit(target).path)).func
    except (Resolver404, ValueError):
        return False
    methods = getattr(getattr(view, "view_class", view), "http_method_names", View.http_method_names)
    return "get" in methods


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to another page, as a whole: a redirect, or what htmx takes for one."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def sign_in_first(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Send a stranger to sign in, and back to that page, by default the one on which they are.

    Whoever sent something is told to try again, unless it waits at the page to come `back` to.
    """
    if request.method == "POST" and not back:
        tell_signed_out(request)
    address = back or _present_page(request)
    target = f"{reverse('accounts:sign-in')}?{urlencode({NEXT: address}, quote_via=quote)}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def tell_signed_out(request: HttpRequest) -> None:
    """Say why one is to sign in. Whether anything was done nobody knows: some buttons end sessions themselves."""
    messages.info(request, gettext("You had been signed out. Sign in and try again."))


def _present_page(request: HttpRequest) -> str:
    if request.headers.get("HX-Request") == "true":
        return referring_address(request) or "/"
    # The page that had the form is where to go on.
    here = "" if request.method == "GET" else referring_address(request)
    return here or request.get_full_path()


def for_forms_alone(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The view for what a form sends: there is nothing to see at its address, and nobody is led there."""
    answer: Any = require_POST(view)
    answer.http_method_names = ["post"]
    return cast("Callable[[HttpRequest], HttpResponse]", answer)


def needs_sign_in(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The view for whoever is signed in; others sign in first, and go on at the page that has its form."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        return view(request) if request.user.is_authenticated else sign_in_first(request)

    return answer


def is_of_another_list(error: DomainError) -> bool:
    """Whether a list was to go on from where another one was."""
    return isinstance(error, InvalidInputError) and {each.field for each in error.errors} == {"cursor"}


def _is_of_another_page(request: HttpRequest) -> bool:
    """Whether a script asks for a part of a page that was made for somebody else than who is signed in by now.

    It would have the name of one, and buttons of the other; in another language than by now, words of both.
    """
    language, _space, person = request.headers.get("X-Page", "").partition(" ")
    if request.method != "GET" or not language:
        return False
    is_of_another = bool(person) and request.user.is_authenticated and person != request.user.user_id
    return is_of_another or language != get_language()


def _query_without(request: HttpRequest, names: Sequence[str]) -> str:
    """The query of the address, with its question mark, without the parameters of these names."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


class Page(View):
    """A page at an address. `roles` names who may see it; empty, and without `needs_sign_in`, everyone may.

    `partials` names the parts that htmx may ask for: ids of elements whose contents are `partialdef`s of the template,
    or of the template that `partials_template` names. A template knows in `part` which of them is asked for: the first
    row of what a list is continued by (`more`) takes the focus, as the button that had it is gone.
    """

    template_name: ClassVar[str]
    needs_sign_in: ClassVar[bool] = False
    roles: ClassVar[tuple[Role, ...]] = ()
    partials: ClassVar[frozenset[str]] = frozenset()
    partials_template: ClassVar[str] = ""
    # What the cursors of its lists are called in its address.
    cursors: ClassVar[tuple[str, ...]] = ("cursor",)
    # Whether its forms and scripts may send photos to their bucket.
    takes_uploads: ClassVar[bool] = False
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]  # type: ignore[misc]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _is_of_another_page(request):
            return self._load_again()
        if self.needs_sign_in or self.roles:
            if not request.user.is_authenticated:
                return self.sign_in_first()
            if self.roles and self.person.role not in self.roles:
                raise ForbiddenError(sentence("This page is for others: your account has another role."))
        try:
            return super().dispatch(request, *args, **kwargs)
        except InvalidInputError as error:
            if request.method == "POST" or not is_of_another_list(error):
                raise
            # The link is from before the list was another, or from somebody else: the list begins anew.
            return go_to(request, request.path + _query_without(request, self.cursors))

    def sign_in_first(self) -> HttpResponse:
        """Send a stranger to sign in, and back."""
        return sign_in_first(self.request)

    def _load_again(self) -> HttpResponse:
        """Have the browser load the page of a script as a whole, with what was just chosen in it."""
        address = self.request.get_full_path()
        is_page = referring_address(self.request).partition("?")[0] == self.request.path
        if is_page and self.request.GET and not self.request.GET.keys() & {*self.cursors}:
            return go_to(self.request, address)
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(self.context())

    def context(self) -> dict[str, Any]:
        """What the template shows, from the address (`self.kwargs`) and the query."""
        return {}

    def render(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """The page, or the part of it that htmx asks for."""
        name = self.template_name
        target = target_id(self.request)
        part = target if is_from_htmx(self.request) and target in self.partials else ""
        if part:
            name = f"{self.partials_template or name}#{part}"
        response = render(self.request, name, {"view": self, "part": part, **context}, status=status)
        if self.takes_uploads:
            allow_uploads(response)
        if self.partials:
            patch_vary_headers(response, ("HX-Request", "HX-Request-Type", "HX-Target"))
        return response

    @property
    def person(self) -> User:
        """Whoever is signed in; on pages that ask for that."""
        return cast("User", self.request.user)

    @property
    def actor(self) -> Actor:
        """The person as services know them."""
        return self.person.actor


class FormPage(Page, ABC):
    """A page with one form, whose `act` calls one service; what the service refuses is shown in the form.

    Refused forms keep what was typed, name what to mend on top and beside the fields, and are answered with the status
    of the refusal (400, 409 …). What was sent without being signed in any more is shown again after signing in.
    """

    form_class: ClassVar[type[SiteForm]]
    # Whether what was sent waits for who signs in.
    keeps_unsent: ClassVar[bool] = True
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]  # type: ignore[misc]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.unsent() or self.render({"form": self.form(), **self.context()})

    def sign_in_first(self) -> HttpResponse:
        if self.request.method != "POST" or not has_fields(self.request, self.form_class):
            return super().sign_in_first()
        keep_unsent(self.request, owner=owner_of_cookie(self.request))
        return sign_in_first(self.request, back=page_of_form(self.request))

    def unsent(self) -> HttpResponse | None:
        """The page with what was typed before its person was signed out, if anything waits; nothing is done with it."""
        kept = take_unsent(self.request, person=self.person.user_id) if self.request.user.is_authenticated else None
        if kept is None:
            return None
        self.sent = kept
        return self.refused(self.form(kept), status=200)

    @cached_property
    def sent(self) -> QueryDict:
        """What was sent, now or before signing in."""
        return self.request.POST

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.refused(form, status=400)
        try:
            return self.act(form.cleaned_data, form)
        except DomainError as error:
            return self.refuse(form, error)

    def refuse(self, form: SiteForm, error: DomainError) -> HttpResponse:
        """Show the form again with why the service refused it."""
        form.refuse(error)
        response = self.refused(form, status=problem_type_of(type(error)).status)
        for name, value in retry_headers(error).items():
            response.headers[name] = value
        return response

    def refused(self, form: SiteForm, *, status: int) -> HttpResponse:
        """The page with a form that has errors."""
        return self.render({"form": form, **self.context()}, status=status)

    def form(self, data: Any = None) -> SiteForm:
        """The form, empty or with what was sent."""
        return self.form_class(data, initial=self.initial())

    def initial(self) -> dict[str, Any]:
        """What the fields hold before anyone types."""
        return {}

    @abstractmethod
    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        """Do what the form is for, and say where to go from there (`self.done`)."""

    def done(self, address: str) -> HttpResponse:
        """Go on to the page that shows what was done."""
        return go_to(self.request, address)


class CreatingForm(SiteForm):
    """A form that creates something: sent twice, it creates it once.

    The key is made when the form is shown, and travels with it; the service stores it with what it creates. Sent once
    more with something else in it, the form says so and gets another key.
    """

    idempotency_key = forms.RegexField(r"\A[A-Za-z0-9_-]{16,64}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"idempotency_key": _new_key(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def refuse(self, error: DomainError) -> None:
        if not isinstance(error, IdempotencyKeyReusedError):
            super().refuse(error)
            return
        # Somebody did not see the answer, wrote a word more and sent it again.
        self.replace(idempotency_key=_new_key())
        self.add_error(
            None,
            gettext(
                "This was sent before, with something else in it, and that was done. Look at it first: sent once more, "
                "it is made a second time."
            ),
        )


def _new_key() -> str:
    return secrets.token_urlsafe(18)


class PhoneField(forms.CharField):
    """A telephone number as people type it; the service knows whether it is one."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
        super().__init__(
            label=gettext_lazy("Phone number"), max_length=PHONE.most, required=False, widget=widget, **kwargs
        )
