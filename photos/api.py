"""The API of uploads. What they become photos of is in the API of providers, services and bookings."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from kernel.web.permissions import SignedIn
from kernel.web.rest import ApiView, documented
from photos import services
from photos.representation import represent_upload
from photos.serializers import UploadRequest, UploadSchema


class UploadListView(ApiView):
    """Uploads of pictures."""

    permission_classes = (SignedIn,)

    @documented(summary="Ask for an upload", request=UploadRequest, responses={201: UploadSchema})
    def post(self, request: Request) -> HttpResponseBase:
        """Where one picture can be uploaded within an hour. Claim it within a day: then it is gone."""
        body = self.validated(UploadRequest, request.data)
        return self.created(
            represent_upload(services.ask_for_upload(actor=self.actor(request), now=self.now(), **body))
        )
