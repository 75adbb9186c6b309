"""The API of people."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import queries, services
from accounts.representation import represent_person
from accounts.serializers import PersonChanges, PersonSchema
from kernel.web.permissions import SignedIn
from kernel.web.rest import ApiView, documented


class PersonView(ApiView):
    """One person."""

    permission_classes = (SignedIn,)

    @documented(summary="Show a person", responses={200: PersonSchema}, refusals=("not_found",))
    def get(self, request: Request, user_id: str) -> HttpResponseBase:
        """Yourself; admins see everyone."""
        return self.detail(represent_person(queries.get_person(actor=self.actor(request), user_id=user_id)))

    @documented(
        summary="Change a person", request=PersonChanges, responses={200: PersonSchema}, refusals=("not_found",)
    )
    def patch(self, request: Request, user_id: str) -> HttpResponseBase:
        """Change your name, phone, time zone or language; admins change everyone's."""
        changes = self.validated(PersonChanges, request.data, partial=True)
        user = services.update_profile(actor=self.actor(request), user_id=user_id, changes=changes)
        return self.detail(represent_person(user))
