"""The API of the photos of providers and services, for those who keep them up."""

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from catalog import services
from catalog.api import ManagingView
from catalog.serializers import OwnerQuery
from kernel.lists import ListPage
from kernel.web.rest import documented
from photos.domain import Owner, OwnerKind, Photos
from photos.representation import represent_own_photo
from photos.serializers import OwnPhotoSchema, PhotoOrder, UploadClaim

_PHOTOS: dict[int, Any] = {200: OwnPhotoSchema(many=True)}


class _PhotosView(ManagingView):
    def _owner(self, request: Request, service_id: str | None) -> Owner:
        if service_id is not None:
            return Owner(OwnerKind.SERVICE, service_id)
        return Owner(OwnerKind.PROVIDER, self._provider_id(request, self.actor(request)))

    def _photos(self, request: Request, photos: Photos) -> HttpResponseBase:
        return self.list_response(request, ListPage(photos), represent_own_photo)

    def _list(self, request: Request, service_id: str | None = None) -> HttpResponseBase:
        owner = self._owner(request, service_id)
        return self._photos(request, services.list_photos(actor=self.actor(request), owner=owner))

    def _claim(self, request: Request, service_id: str | None = None) -> HttpResponseBase:
        upload_id = self.validated(UploadClaim, request.data)["upload"]
        photos = services.claim_photo(
            actor=self.actor(request), owner=self._owner(request, service_id), upload_id=upload_id, now=self.now()
        )
        return self.created(represent_own_photo(next(photo for photo in photos if photo.photo_id == upload_id)))

    def _arrange(self, request: Request, service_id: str | None = None) -> HttpResponseBase:
        order = self.validated(PhotoOrder, request.data)["order"]
        owner = self._owner(request, service_id)
        return self._photos(request, services.order_photos(actor=self.actor(request), owner=owner, photo_ids=order))

    def _remove(self, request: Request, photo_id: str, service_id: str | None = None) -> HttpResponseBase:
        owner = self._owner(request, service_id)
        photos = services.remove_photo(actor=self.actor(request), owner=owner, photo_id=photo_id, now=self.now())
        return self._photos(request, photos)


class OwnPhotoListView(_PhotosView):
    """The photos of a provider."""

    @documented(summary="List your photos", parameters=[OwnerQuery], responses=_PHOTOS, refusals=("not_found",))
    def get(self, request: Request) -> HttpResponseBase:
        """All photos, also those that are not ready, on one page, in their order."""
        return self._list(request)

    @documented(
        summary="Add a photo",
        parameters=[OwnerQuery],
        request=UploadClaim,
        responses={201: OwnPhotoSchema},
        refusals=("not_found", "conflict"),
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Make an upload of yours the last of at most 12 photos. It is ready or refused within seconds."""
        return self._claim(request)

    @documented(
        summary="Order your photos",
        parameters=[OwnerQuery],
        request=PhotoOrder,
        responses=_PHOTOS,
        refusals=("not_found",),
    )
    def put(self, request: Request) -> HttpResponseBase:
        """The first stands for you in lists."""
        return self._arrange(request)


class OwnPhotoView(_PhotosView):
    """One photo of a provider."""

    @documented(summary="Remove a photo", parameters=[OwnerQuery], responses=_PHOTOS, refusals=("not_found",))
    def delete(self, request: Request, photo_id: str) -> HttpResponseBase:
        """The photos that are left; the removed one's files are deleted."""
        return self._remove(request, photo_id)


class ServicePhotoListView(_PhotosView):
    """The photos of a service."""

    @documented(summary="List a service's photos", responses=_PHOTOS, refusals=("not_found",))
    def get(self, request: Request, service_id: str) -> HttpResponseBase:
        """All photos, also those that are not ready, on one page, in their order."""
        return self._list(request, service_id)

    @documented(
        summary="Add a photo to a service",
        request=UploadClaim,
        responses={201: OwnPhotoSchema},
        refusals=("not_found", "conflict"),
    )
    def post(self, request: Request, service_id: str) -> HttpResponseBase:
        """Make an upload of yours the last of at most 6 photos. It is ready or refused within seconds."""
        return self._claim(request, service_id)

    @documented(summary="Order a service's photos", request=PhotoOrder, responses=_PHOTOS, refusals=("not_found",))
    def put(self, request: Request, service_id: str) -> HttpResponseBase:
        """All photos in the new order."""
        return self._arrange(request, service_id)


class ServicePhotoView(_PhotosView):
    """One photo of a service."""

    @documented(summary="Remove a service's photo", responses=_PHOTOS, refusals=("not_found",))
    def delete(self, request: Request, service_id: str, photo_id: str) -> HttpResponseBase:
        """The photos that are left; the removed one's files are deleted."""
        return self._remove(request, photo_id, service_id)
