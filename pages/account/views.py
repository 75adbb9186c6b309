"""Signing up, in and out: one task each, all of them plain forms."""

from dataclasses import asdict
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import observing, services
from accounts.cognito import CODE_OF_APP
from accounts.known_browsers import browser_id, remember_browser, was_of_another
from accounts.models import User
from accounts.preferences import chosen_language
from kernel import storage
from kernel.actors import Role
from kernel.clock import now
from kernel.dynamo_admin.audit import AuditEntry, subject_of
from kernel.errors import DomainError
from kernel.web.forms import SiteForm
from kernel.web.unsent import forget_unsent, note_another_before
from pages.account import forms
from pages.account.base import EMAIL, AccountFormView
from pages.base import NEXT, as_changed, for_forms_alone, needs_sign_in, safe_target
from pages.navigation import home_of

# What a session remembers between two steps.
_CHALLENGE, _NEWCOMER = "sign_in_challenge", "newcomer"


class SignUp(AccountFormView):
    """Become a customer or a provider."""

    heading = gettext_lazy("Create an account")
    action = gettext_lazy("Send me a code")
    form_class = forms.SignUpForm
    template_name = "pages/account/sign_up.html"

    def get_initial(self) -> dict[str, Any]:
        # Whoever comes to offer services has said so already.
        is_provider = self.request.GET.get("role") == Role.PROVIDER.value
        return super().get_initial() | ({"role": Role.PROVIDER.value} if is_provider else {})

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        # It becomes the account's when it comes with the code.
        del values["password"]
        language = chosen_language(self.request)
        newcomer = services.Newcomer(**values | {"role": Role(values["role"])}, language=language)
        services.sign_up(newcomer=newcomer, **self.who_and_when)
        self.request.session[EMAIL] = newcomer.email
        # What an earlier attempt remembered counts no more.
        self.request.session[NEXT] = ""
        self.remember_next()
        # Whoever has the code becomes who signed up here, whoever else signed up with the address.
        self.request.session[_NEWCOMER] = asdict(newcomer)
        return redirect("accounts:confirm")


class Confirm(AccountFormView):
    """Prove that the address is one's own, and go on as the person whose it is."""

    heading = gettext_lazy("Confirm your address")
    action = gettext_lazy("Confirm")
    form_class = forms.ConfirmForm
    template_name = "pages/account/confirm.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        remembered = self.request.session.get(_NEWCOMER)
        newcomer = services.Newcomer(**remembered | {"role": Role(remembered["role"])}) if remembered else None
        services.confirm_sign_up(**values, newcomer=newcomer, **self.who_and_when)
        self.request.session.pop(_NEWCOMER, None)
        self.request.session[EMAIL] = values["email"]
        try:
            outcome = services.sign_in(
                email=values["email"],
                password=values["password"],
                browser=browser_id(self.request, values["email"]),
                **self.who_and_when,
            )
        except DomainError:
            # The code is used up: what is left to do is on the page for signing in.
            messages.success(self.request, _("Your address is confirmed. Sign in now."))
            return redirect("accounts:sign-in")
        messages.success(self.request, _("Your address is confirmed."))
        return _signed_in(self.request, outcome, target=_target(self.request))


class ResendCode(AccountFormView):
    """Ask for another code."""

    heading = gettext_lazy("Another code")
    action = gettext_lazy("Send it")
    form_class = forms.ResendCodeForm
    template_name = "pages/account/resend_code.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        services.resend_confirmation_code(**values, **self.who_and_when)
        self.request.session[EMAIL] = values["email"]
        self.remember_next()
        messages.info(self.request, _("If this address waits to be confirmed, a new code is on its way."))
        return redirect("accounts:confirm")


class SignIn(AccountFormView):
    """Sign in with address and password."""

    heading = gettext_lazy("Sign in")
    action = gettext_lazy("Sign in")
    form_class = forms.SignInForm
    template_name = "pages/account/sign_in.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(_safe_target(request, request.GET.get(NEXT, "")))
        return super().get(request, *args, **kwargs)

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        browser = browser_id(self.request, values["email"])
        outcome = services.sign_in(**values, browser=browser, **self.who_and_when)
        if isinstance(outcome, services.Challenge):
            self.request.session[EMAIL] = values["email"]
        return _signed_in(self.request, outcome, target=_target(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, next=_target(self.request))


class SignInStep(AccountFormView):
    """The second step of signing in: a code of the authenticator app, or a new password in place of a temporary one."""

    heading = gettext_lazy("One more step")
    action = gettext_lazy("Continue")
    template_name = "pages/account/sign_in_step.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _CHALLENGE not in request.session:
            return redirect("accounts:sign-in")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[SiteForm]:
        return forms.AppCodeForm if self._challenge.name == CODE_OF_APP else forms.NewPasswordForm

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        try:
            outcome = services.answer_challenge(
                self._challenge,
                answer=next(iter(values.values())),
                browser=browser_id(self.request, self.request.session.get(EMAIL, "")),
                **self.who_and_when,
            )
        except services.SignInRefusedError:
            del self.request.session[_CHALLENGE]
            messages.error(self.request, _("That took too long. Please sign in again."))
            return redirect("accounts:sign-in")
        return _signed_in(self.request, outcome, target=self.request.session.get(NEXT, ""))

    @property
    def explanation(self) -> str:
        """What the step asks for."""
        if self._challenge.name == CODE_OF_APP:
            return _("Open your authenticator app and type the code that it shows for us.")
        return _("Your password was set by somebody else. Choose one of your own.")

    @property
    def _challenge(self) -> services.Challenge:
        return services.Challenge(**self.request.session[_CHALLENGE])


def _signed_in(request: HttpRequest, outcome: User | services.Challenge, *, target: str) -> HttpResponseRedirect:
    """Begin the person's session, or remember the challenge for the next page."""
    if isinstance(outcome, services.Challenge):
        request.session[_CHALLENGE] = asdict(outcome)
        request.session[NEXT] = target
        return redirect("accounts:sign-in-step")
    for name in (_CHALLENGE, NEXT, EMAIL):
        request.session.pop(name, None)
    auth.login(request, outcome)
    if was_of_another(request, outcome.email):
        note_another_before(request)
    address = safe_target(request, target, default=home_of(outcome.actor))
    forget_unsent(request, but_for=urlsplit(address).path)
    response = HttpResponseRedirect(address)
    remember_browser(request, response, outcome.email)
    return response


def _target(request: HttpRequest) -> str:
    """Where the person wanted to go: as the form or the address says, else as it was when they signed up."""
    session: str = request.session.get(NEXT, "")
    sent: str = request.POST.get(NEXT, "")
    return sent or as_changed(request, request.GET.get(NEXT, "")) or session


def _safe_target(request: HttpRequest, target: str) -> str:
    """The page that asked for signing in, if it is one of ours; else the person's own first page."""
    return safe_target(request, target, default=home_of(cast("User", request.user).actor))


@for_forms_alone
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    auth.logout(request)
    messages.info(request, _("You are signed out."))
    return redirect("accounts:sign-in")


@for_forms_alone
@needs_sign_in
def stop_seeing_as(request: HttpRequest) -> HttpResponse:
    """See as oneself again, and go back to the person in the admin."""
    user = cast("User", request.user)
    user_id = observing.end(request.session)
    # Pages of that person are still open in other tabs: their buttons are nobody's.
    rotate_token(request)
    if user_id is None or user.observer is None:
        return HttpResponseRedirect(home_of(user.actor))
    subject = subject_of("accounts.person", user_id)
    storage.write(AuditEntry(subject, user.observer.actor, "see-as ended", now()).put_write())
    return redirect("admin:accounts_person_change", user_id)


@for_forms_alone
@needs_sign_in
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End the person's sessions in all browsers."""
    services.sign_out_everywhere(user_id=cast("User", request.user).user_id)
    auth.logout(request)
    messages.info(request, _("You are signed out everywhere."))
    return redirect("accounts:sign-in")


class ForgotPassword(AccountFormView):
    """Ask for a code that allows a new password."""

    heading = gettext_lazy("Forgotten password")
    action = gettext_lazy("Send me a code")
    form_class = forms.ForgotPasswordForm
    template_name = "pages/account/forgot_password.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        browser = browser_id(self.request, values["email"])
        services.request_password_reset(**values, browser=browser, **self.who_and_when)
        self.request.session[EMAIL] = values["email"]
        self.remember_next()
        return redirect("accounts:reset-password")


class ResetPassword(AccountFormView):
    """Set a new password with the code."""

    heading = gettext_lazy("Set a new password")
    action = gettext_lazy("Set password")
    form_class = forms.ResetPasswordForm
    template_name = "pages/account/reset_password.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        services.reset_password(**values, **self.who_and_when)
        self.remember_next()
        messages.success(self.request, _("Your password is changed. Sign in with the new one."))
        return redirect("accounts:sign-in")
