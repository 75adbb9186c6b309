"""Who gets into the admin, and what is registered there."""

from collections.abc import Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

import accounts.admin
import bookings.admin
import catalog.admin
import notifications.admin
import reviews.admin
from accounts.queries import get_contacts
from kernel.clock import now
from kernel.dynamo_admin.sites import ItemAdminSite
from kernel.errors import ForbiddenError
from kernel.sentences import sentence
from marketplace.admin import audit_log
from marketplace.admin.dead_letters import dead_letters_view
from marketplace.admin.overview import overview
from pages.base import tell_signed_out

# In the order in which they read: the index lists apps by name.
MODULES: tuple[Any, ...] = (
    accounts.admin,
    catalog.admin,
    bookings.admin,
    reviews.admin,
    notifications.admin,
    audit_log,
)

_TAKE_POST = frozenset(
    {"add_view", "dead_letters", "change_view", "changelist_view", "delete_view", "logout", "use_view"}
)


class MarketplaceAdmin(ItemAdminSite):
    """Open to who runs the marketplace, signed in with a second factor; the role is looked at with every request."""

    site_url = "/"
    empty_value_display = "–"

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        if not user.is_authenticated or not user.is_staff:
            return False
        return bool(user.second_factor) or not settings.ADMIN_NEEDS_SECOND_FACTOR

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to what is missing: the site's own sign-in, or a second factor; the admin has no form for either.

        Raises `ForbiddenError` for those who have no business here.
        """
        return require_safe(never_cache(self._lead_in))(request)

    def _lead_in(self, request: HttpRequest) -> HttpResponse:
        target = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
            target = reverse("admin:index")
        user: Any = request.user
        if not user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('accounts:sign-in')}?{urlencode({'next': target})}")
        if not user.is_staff:
            raise ForbiddenError(sentence("This page is for others: your account has another role."))
        if not self.has_permission(request):
            messages.warning(request, _("The admin asks for a second factor. Set up an authenticator app first."))
            return HttpResponseRedirect(reverse("accounts:second-factor"))
        return HttpResponseRedirect(target)

    def get_urls(self) -> list[Any]:
        """Django's, and the pages that no app owns."""
        own = [path("dead-letters/", self.admin_view(self.dead_letters), name="dead-letters")]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The overview, before the list of what is registered."""
        return super().index(request, {**overview(now()), **(extra_context or {})})

    def dead_letters(self, request: HttpRequest) -> HttpResponse:
        """Messages that could not be processed."""
        request.current_app = self.name
        user: Any = request.user
        may_manage = user.has_perm("marketplace.manage_deadletters")
        return dead_letters_view(request, context=self.each_context(request), may_manage=may_manage)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        """As Django's; a page that only shows something takes no other method than GET.

        Whoever is signed out by the time they send something is told to try again.
        """
        methods = ("GET", "HEAD", "POST") if view.__name__ in _TAKE_POST else ("GET", "HEAD")
        answer = super().admin_view(view, cacheable)

        @wraps(answer)
        def told(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method == "POST" and not request.user.is_authenticated:
                tell_signed_out(request)
            return answer(request, *args, **kwargs)

        return require_http_methods(methods)(told)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        name = settings.SITE_NAME
        return {
            **context,
            "site_title": name,
            "site_header": name,
            "is_without_second_factor": not settings.ADMIN_NEEDS_SECOND_FACTOR,
        }

    def names_of(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        ids = [user_id for user_id in dict.fromkeys(user_ids) if user_id != "system"]
        return {user_id: contact.name for user_id, contact in get_contacts(ids).items()}


# What the parts of the site are called where the admin lists them.
_NAMES = {
    "accounts": gettext_lazy("Accounts"),
    "bookings": gettext_lazy("Bookings"),
    "catalog": gettext_lazy("Catalog"),
    "marketplace": gettext_lazy("Marketplace"),
    "notifications": gettext_lazy("Notifications"),
    "reviews": gettext_lazy("Reviews"),
}
for label, name in _NAMES.items():
    apps.get_app_config(label).verbose_name = name

site = MarketplaceAdmin("admin")
site.index_template = "marketplace_admin/index.html"
for module in MODULES:
    for model, admin_class in module.ADMIN_CLASSES:
        site.register(model, admin_class)
