"""The API of the photos of a job."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from bookings import services
from bookings.queries import get_booking
from kernel.lists import ListPage
from kernel.web.permissions import SignedIn
from kernel.web.rest import ApiView, documented
from photos.domain import Photos
from photos.representation import represent_job_photo
from photos.serializers import OwnPhotoSchema, UploadClaim


class _JobPhotosView(ApiView):
    permission_classes = (SignedIn,)

    def _photos(self, request: Request, booking_id: str, photos: Photos) -> HttpResponseBase:
        return self.list_response(request, ListPage(photos), lambda photo: represent_job_photo(photo, booking_id))


class JobPhotoListView(_JobPhotosView):
    """The photos of a job."""

    @documented(summary="List a job's photos", responses={200: OwnPhotoSchema(many=True)}, refusals=("not_found",))
    def get(self, request: Request, booking_id: str) -> HttpResponseBase:
        """All photos on one page; none for the provider before they have confirmed the booking."""
        actor = self.actor(request)
        booking, details = get_booking(actor=actor, booking_id=booking_id)
        shown = details.photos if details and booking.shows_details_to(actor, self.now()) else ()
        return self._photos(request, booking_id, shown)

    @documented(
        summary="Add a photo to a job",
        request=UploadClaim,
        responses={201: OwnPhotoSchema},
        refusals=("forbidden", "not_found", "conflict"),
    )
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Make an upload of the customer's one of at most 5 photos of the job, while the booking is open."""
        upload_id = self.validated(UploadClaim, request.data)["upload"]
        photos = services.claim_job_photo(
            actor=self.actor(request), booking_id=booking_id, upload_id=upload_id, now=self.now()
        )
        claimed = next(photo for photo in photos if photo.photo_id == upload_id)
        return self.created(represent_job_photo(claimed, booking_id))


class JobPhotoView(_JobPhotosView):
    """One photo of a job."""

    @documented(
        summary="Remove a job's photo",
        responses={200: OwnPhotoSchema(many=True)},
        refusals=("forbidden", "not_found", "conflict"),
    )
    def delete(self, request: Request, booking_id: str, photo_id: str) -> HttpResponseBase:
        """The photos that are left; the removed one's files are deleted."""
        photos = services.remove_job_photo(
            actor=self.actor(request), booking_id=booking_id, photo_id=photo_id, now=self.now()
        )
        return self._photos(request, booking_id, photos)
