"""What people change of their own account while they are signed in."""

from dataclasses import asdict
from typing import Any, cast

from django.contrib import auth, messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.domain import MAX_SAVED_ADDRESSES
from accounts.models import User
from accounts.sessions import owner_of_cookie
from bookings.services import has_requested
from kernel.actors import Role
from kernel.clock import now
from kernel.encoding import to_json
from kernel.web.forms import SiteForm
from kernel.web.unsent import keep_unsent, take_unsent
from pages.account import forms
from pages.account.base import AccountFormView
from pages.base import for_forms_alone, needs_sign_in, tell_signed_out

# Where a session remembers the app that is being set up, between its two steps.
_APP = "pending_app"


class Profile(LoginRequiredMixin, AccountFormView):
    """Name, phone, addresses, time zone and language, and the way to everything else about the account."""

    heading = gettext_lazy("Your profile")
    action = gettext_lazy("Save")
    form_class = forms.ProfileForm
    template_name = "pages/account/profile.html"
    keeps_unsent = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = take_unsent(request, person=self.person.user_id)
        if kept is None:
            return super().get(request, *args, **kwargs)
        form = self.form_class(**self.get_form_kwargs() | {"data": kept})
        return self.render_to_response(self.get_context_data(form=form))

    def handle_no_permission(self) -> HttpResponseRedirect:
        if self.request.method == "POST":
            keep_unsent(self.request, owner=owner_of_cookie(self.request))
        return super().handle_no_permission()

    def get_initial(self) -> dict[str, Any]:
        person = self.person
        return {
            "name": person.name,
            "phone": person.phone,
            "time_zone": person.time_zone,
            "language": person.language,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            keeps_addresses=self.person.role == Role.CUSTOMER,
            # Their menu leads to the bookings of their business alone.
            has_booked=self.person.role == Role.PROVIDER and has_requested(self.person.user_id),
            may_add_address=len(self.person.addresses) < MAX_SAVED_ADDRESSES,
            most_addresses=MAX_SAVED_ADDRESSES,
        )

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        # What was changed elsewhere since the form was shown stays.
        shown = {name for name in values if form[name].html_initial_name in form.data}
        # A page from before an upgrade does not say what it showed: all of it counts.
        changes = {name: value for name, value in values.items() if name in form.changed_data or name not in shown}
        services.update_profile(actor=self.person.actor, user_id=self.person.user_id, changes=changes)
        messages.success(self.request, _("Your profile is saved."))
        return redirect("accounts:profile")


class ReauthenticatedView(LoginRequiredMixin, AccountFormView):
    """A page that asks for the password once more."""

    form_class = forms.ReauthenticationForm

    def handle_no_permission(self) -> HttpResponseRedirect:
        if self.request.method == "POST":
            # No password waits.
            tell_signed_out(self.request)
        return super().handle_no_permission()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "has_second_factor": self.person.second_factor}

    def go_on_as(self, user: User, message: str) -> HttpResponse:
        """Keep this session, under a new key, while all others of the person end."""
        auth.update_session_auth_hash(self.request, user)
        messages.success(self.request, message)
        return redirect("accounts:profile")


class ChangePassword(ReauthenticatedView):
    """Choose another password."""

    heading = gettext_lazy("Change your password")
    action = gettext_lazy("Change password")
    form_class = forms.ChangePasswordForm
    template_name = "pages/account/change_password.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        proof = cast("forms.ChangePasswordForm", form).proof
        user = services.change_password(user=self.person, new_password=values["new_password"], **proof, now=now())
        return self.go_on_as(user, _("Your password is changed, and all other browsers are signed out."))


class PrepareSecondFactor(ReauthenticatedView):
    """Begin to set up an authenticator app, or see that there is one."""

    heading = gettext_lazy("Authenticator app")
    action = gettext_lazy("Continue")
    template_name = "pages/account/second_factor.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        app = services.prepare_second_factor(user=self.person, password=values["password"], now=now())
        self.request.session[_APP] = asdict(app)
        return redirect("accounts:add-second-factor")


class AddSecondFactor(ReauthenticatedView):
    """Show the QR code, and take a code of the app as the proof that it was read."""

    heading = gettext_lazy("Connect your app")
    action = gettext_lazy("Turn on")
    template_name = "pages/account/add_second_factor.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and _APP not in request.session:
            return redirect("accounts:second-factor")
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> SiteForm:
        return forms.AppCodeForm(self.request.POST or None)

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        try:
            user = services.add_second_factor(user=self.person, app=self._app, **values, now=now())
        except services.SignInRefusedError:
            del self.request.session[_APP]
            messages.error(self.request, _("That took too long. Please begin again."))
            return redirect("accounts:second-factor")
        del self.request.session[_APP]
        return self.go_on_as(user, _("From now on, signing in asks for a code of your app."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Half of what a cold start may cost, for a page that hardly anyone opens.
        import segno

        app = self._app
        code = segno.make(app.uri(self.person.email), error="m")
        drawing = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)
        return super().get_context_data(**kwargs, drawing=drawing, secret=app.secret)

    @property
    def _app(self) -> services.PendingApp:
        return services.PendingApp(**self.request.session[_APP])


class RemoveSecondFactor(ReauthenticatedView):
    """Do without the authenticator app."""

    heading = gettext_lazy("Remove the app")
    action = gettext_lazy("Remove")
    template_name = "pages/account/remove_second_factor.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        proof = cast("forms.ReauthenticationForm", form).proof
        user = services.remove_second_factor(user=self.person, **proof, now=now())
        return self.go_on_as(user, _("Signing in asks for no code any more."))


@for_forms_alone
@needs_sign_in
def export(request: HttpRequest) -> HttpResponse:
    """Everything that is stored about the person, as a file to keep."""
    exported = services.export_person(cast("User", request.user).user_id, now=now())
    body = to_json(exported, indent=True)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


class Erase(ReauthenticatedView):
    """Close the account for good."""

    heading = gettext_lazy("Close your account")
    action = gettext_lazy("Erase my data")
    template_name = "pages/account/erase.html"

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        proof = cast("forms.ReauthenticationForm", form).proof
        services.reauthenticate(user=self.person, **proof, now=now())
        services.erase_person(self.person.user_id, now=now())
        auth.logout(self.request)
        messages.info(self.request, _("Your account is closed and your data is erased."))
        return redirect("accounts:sign-in")
