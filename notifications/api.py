"""The API of notifications: the list, the bell, and preferences."""

from django.http.response import HttpResponseBase
from django.utils import translation
from rest_framework.request import Request

from kernel.web.permissions import SignedIn
from kernel.web.polling import PolledView
from kernel.web.rest import ApiView, PageQuery, documented
from notifications import queries, services
from notifications.domain import recipient_of
from notifications.representation import (
    represent_bell,
    represent_note,
    represent_preferences,
)
from notifications.serializers import (
    BellSchema,
    NotificationSchema,
    Preferences,
    ReadMark,
)


class NotificationListView(ApiView):
    """What happened to one's bookings."""

    permission_classes = (SignedIn,)

    @documented(
        summary="List your notifications", parameters=[PageQuery], responses={200: NotificationSchema(many=True)}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Newest first, of the last 90 days, in the language of Accept-Language; none of what you did yourself."""
        query = self.query(PageQuery, request)
        page = queries.list_notes(actor=self.actor(request), limit=query["limit"], cursor=query["cursor"])
        language = translation.get_language_from_request(request._request)
        with translation.override(language):
            response = self.list_response(request, page, represent_note)
        response.headers["Content-Language"] = language
        return response


class BellView(PolledView):
    """The number beside the bell."""

    permission_classes = (SignedIn,)

    @documented(summary="Count your unread notifications", responses={200: BellSchema, 304: None})
    def get(self, request: Request) -> HttpResponseBase:
        """Made to be asked every few seconds with the ETag of the last answer in If-None-Match."""
        bell = queries.get_bell(actor=self.actor(request))
        return self.unless_known(request, f"{bell.sequence}-{bell.seen}", lambda: represent_bell(bell))


class ReadMarkView(ApiView):
    """Up to where one's notifications were read."""

    permission_classes = (SignedIn,)

    @documented(summary="Mark your notifications as read", request=ReadMark, responses={200: BellSchema})
    def put(self, request: Request) -> HttpResponseBase:
        """All up to and including the one named; those that came later stay unread. The mark never goes back."""
        bell = services.mark_read(actor=self.actor(request), up_to=self.validated(ReadMark, request.data)["up_to"])
        return self.detail(represent_bell(bell))


class PreferencesView(ApiView):
    """The optional emails that a person gets."""

    permission_classes = (SignedIn,)

    @documented(summary="Show which optional emails you get", responses={200: Preferences})
    def get(self, request: Request) -> HttpResponseBase:
        """Emails about what happens to your bookings are no option: both sides must be able to rely on them."""
        return self.detail(represent_preferences(queries.list_muted(recipient_of(self.actor(request)).id)))

    @documented(summary="Choose which optional emails you get", request=Preferences, responses={200: Preferences})
    def put(self, request: Request) -> HttpResponseBase:
        """The emails that you name are switched off, the others on."""
        recipient, types = recipient_of(self.actor(request)), set(self.validated(Preferences, request.data)["muted"])
        services.replace_muted(recipient_id=recipient.id, types=types)
        return self.detail(represent_preferences(types))
