"""The API of notifications: the list, the bell, what a provider's dashboard shows, and preferences."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.request import Request

from accounts.domain import Role
from accounts.permissions import HasRole, SignedIn
from marketplace.rest import ApiView, PageQuery, documented
from notifications import queries, services
from notifications.domain import recipient_of
from notifications.representations import (
    represent_bell,
    represent_dashboard,
    represent_note,
    represent_preferences,
)
from notifications.serializers import (
    BellAnswer,
    DashboardAnswer,
    NotificationListAnswer,
    Preferences,
    ReadMark,
)


class _PolledView(ApiView):
    """Base of the views that are asked every few seconds: an unchanged answer costs one GetItem and no body."""

    def _unless_known(self, request: Request, tag: str, represent: Callable[[], dict[str, Any]]) -> HttpResponseBase:
        """304 if the caller has the answer with this ETag, else 200 with what `represent` makes."""
        response: HttpResponseBase | None = get_conditional_response(request, etag=f'"{tag}"')
        if response is None:
            response = self.detail(represent())
        response.headers["ETag"] = f'"{tag}"'
        patch_vary_headers(response, ["Authorization", "Cookie"])
        # A browser may keep it for its user, but asks each time.
        self.headers["Cache-Control"] = "private, no-cache"
        return response


class NotificationListView(ApiView):
    """What happened to one's bookings."""

    permission_classes = (SignedIn,)

    @documented(summary="List your notifications", parameters=[PageQuery], responses={200: NotificationListAnswer})
    def get(self, request: Request) -> HttpResponseBase:
        """Newest first, of the last 90 days, in the language of Accept-Language; none of what you did yourself."""
        page = queries.list_notes(actor=self.actor(request), **self.query(PageQuery, request))
        language = translation.get_language_from_request(request._request)
        with translation.override(language):
            notes = [represent_note(row, page.seen) for row in page.notes]
        response = self.list_response(request, notes, page.cursor)
        response.headers["Content-Language"] = language
        return response


class BellView(_PolledView):
    """The number beside the bell."""

    permission_classes = (SignedIn,)

    @documented(summary="Count your unread notifications", responses={200: BellAnswer, 304: None})
    def get(self, request: Request) -> HttpResponseBase:
        """Made to be asked every few seconds with the ETag of the last answer in If-None-Match."""
        bell = queries.get_bell(actor=self.actor(request))
        return self._unless_known(request, f"{bell.sequence}-{bell.seen}", lambda: represent_bell(bell))


class ReadMarkView(ApiView):
    """Up to where one's notifications were read."""

    permission_classes = (SignedIn,)

    @documented(summary="Mark your notifications as read", request=ReadMark, responses={200: BellAnswer})
    def put(self, request: Request) -> HttpResponseBase:
        """All up to and including the one named; those that came later stay unread. The mark never goes back."""
        bell = services.mark_read(actor=self.actor(request), **self.validated(ReadMark, request.data))
        return self.detail(represent_bell(bell))


class PreferencesView(ApiView):
    """Which optional emails one gets."""

    permission_classes = (SignedIn,)

    @documented(summary="Show which optional emails you get", responses={200: Preferences})
    def get(self, request: Request) -> HttpResponseBase:
        """Emails about what happens to your bookings are no option: both sides must be able to rely on them."""
        return self.detail(represent_preferences(queries.list_muted(recipient_of(self.actor(request)).id)))

    @documented(summary="Choose which optional emails you get", request=Preferences, responses={200: Preferences})
    def put(self, request: Request) -> HttpResponseBase:
        """Those that you name are switched off, the others on."""
        recipient, types = recipient_of(self.actor(request)), set(self.validated(Preferences, request.data)["muted"])
        services.replace_muted(recipient_id=recipient.id, types=types)
        return self.detail(represent_preferences(types))


class DashboardView(_PolledView):
    """What a provider looks at through the day."""

    permission_classes: Sequence[Any] = (HasRole(Role.PROVIDER),)

    @documented(summary="Show your dashboard", responses={200: DashboardAnswer, 304: None})
    def get(self, request: Request) -> HttpResponseBase:
        """Requests to answer and today's appointments. Made to be polled as the bell is."""
        actor, now = self.actor(request), self.now()
        # Read before the lists: what changes meanwhile has a tag of its own.
        bell = queries.get_bell(actor=actor)
        # Requests lapse and days begin without an event, and the indexes of the lists lag: a minute bounds both.
        tag = f"{bell.activity}-{bell.sequence}-{bell.seen}-{now:%Y%m%d%H%M}"
        return self._unless_known(
            request,
            tag,
            lambda: represent_dashboard(queries.get_dashboard(actor=actor, now=now), bell, actor, now),
        )
