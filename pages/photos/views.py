"""Adding, ordering and removing photos, with and without JavaScript, and the files that are shown.

Files go from the browser straight to their bucket. With JavaScript a script asks for one form after the other, and
claims what it has sent; without, the page has one form, after which the bucket leads back here.
"""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.queries import get_booking
from bookings.services import claim_job_photo, may_change_job_photos, remove_job_photo
from catalog.services import claim_photo, list_photos, order_photos, remove_photo
from kernel.actors import Actor
from kernel.clock import now
from kernel.errors import DomainError, InvalidInputError
from kernel.web.problems import problem_type_of
from kernel.wording.sentences import in_words
from pages.base import Page, is_from_htmx, safe_next
from pages.pictures import gallery
from photos.domain import Owner, OwnerKind, Photos, photo_not_found
from photos.queries import get_private_file, get_public_file
from photos.services import UPLOAD_LIFETIME, ask_for_upload

_SALT = "photos.claim"
# Another picture has another name. Whoever removes one has it gone from caches between within a day.
_PUBLIC = "public, max-age=31536000, s-maxage=86400, immutable"
# A browser may keep it, and asks each time: whoever signs out, or may not see it any more, does not see it there.
_PRIVATE = "private, no-cache"


class _OfOwner(Page):
    """A page about the photos of the owner in the address, for whoever may change them."""

    needs_sign_in = True
    takes_uploads = True

    @cached_property
    def owner(self) -> Owner:
        try:
            return Owner(OwnerKind(self.kwargs["kind"]), self.kwargs["owner_id"])
        except ValueError:
            raise Http404 from None

    @cached_property
    def photos(self) -> Photos:
        """The owner's photos, read once. Raises `NotFoundError` and `ForbiddenError`."""
        return _photos_of(self.actor, self.owner)

    @property
    def home(self) -> str:
        """The page of the owner itself."""
        if self.owner.kind is OwnerKind.BOOKING:
            return reverse("booking", args=[self.owner.id])
        if self.owner.kind is OwnerKind.SERVICE:
            return reverse("provider-edit-service", args=[self.owner.id])
        return reverse("provider-profile")

    def context(self) -> dict[str, Any]:
        goes_on_at = safe_next(self.request, "")
        return {
            "gallery": gallery(self.owner, self.photos, back=self.request.get_full_path()),
            "goes_on_at": goes_on_at,
            "home": goes_on_at or self.home,
        }


class ManagePhotos(_OfOwner):
    """An owner's photos, and what can be done with each."""

    template_name = "pages/photos/photos.html"
    partials: ClassVar[frozenset[str]] = frozenset({"photos"})
    partials_template = "components/photos.html"
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Whoever may not change these is told so by an error page.
        before = self.photos
        try:
            self.photos = self._changed(before)
        except DomainError as error:
            if is_from_htmx(request):
                status = problem_type_of(type(error)).status
                return self.render(self.context() | {"refusal": _words_of(error)}, status=status)
            messages.error(request, _words_of(error))
        if is_from_htmx(request):
            return self.render(self.context())
        return HttpResponseRedirect(safe_next(request, request.path))

    def _changed(self, before: Photos) -> Photos:
        """The photos after what was asked for: `do` and the photo, or the upload."""
        do, photo_id = self.request.POST.get("do", ""), self.request.POST.get("photo", "")
        if do == "claim":
            return _claim(self.actor, self.owner, self.request.POST.get("upload", ""))
        if do == "remove":
            if photo_id not in {photo.photo_id for photo in before}:
                # Pressed twice, or in two windows: it is gone all the same.
                return before
            return _remove(self.actor, self.owner, photo_id)
        if do == "earlier" and self.owner.kind is not OwnerKind.BOOKING:
            ids = [photo.photo_id for photo in before]
            if photo_id not in ids:
                raise photo_not_found()
            position = ids.index(photo_id)
            ids.insert(max(position - 1, 0), ids.pop(position))
            return order_photos(actor=self.actor, owner=self.owner, photo_ids=ids)
        raise Http404


class AddPhoto(_OfOwner):
    """One form that the bucket takes, for browsers without JavaScript."""

    template_name = "pages/photos/add.html"

    def context(self) -> dict[str, Any]:
        context = super().context()
        if context["gallery"].has_room:
            context["upload"] = ask_for_upload(
                actor=self.actor, content_type=None, redirect=self._address_afterwards, now=now()
            )
        return context

    def _address_afterwards(self, upload_id: str) -> str:
        """Where the bucket leads once it has the file: only whoever was given this form claims by it."""
        back = safe_next(self.request, "")
        token = signing.dumps([self.actor.user_id, str(self.owner), upload_id, back], salt=_SALT)
        return self.request.build_absolute_uri(reverse("photo-claim", args=[token]))


class AskForUpload(Page):
    """The next form that a script sends to the bucket, as JSON."""

    needs_sign_in = True
    http_method_names: ClassVar[list[str]] = ["post", "options"]  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        content_type = request.POST.get("content_type", "")
        try:
            upload = ask_for_upload(actor=self.actor, content_type=content_type, now=now())
        except DomainError as error:
            is_other_type = isinstance(error, InvalidInputError)
            message = _("Photos are JPEG, PNG or WebP files.") if is_other_type else in_words(error.message)
            return JsonResponse({"message": message}, status=problem_type_of(type(error)).status)
        return JsonResponse({"id": upload.photo_id, "url": upload.url, "fields": upload.fields})


class ClaimUploaded(Page):
    """Where the bucket leads a browser without JavaScript: what it has just uploaded becomes a photo."""

    needs_sign_in = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            # One that was signed before an upgrade may not say where to go back to.
            person_id, owner_text, upload_id, *back = signing.loads(
                self.kwargs["token"], salt=_SALT, max_age=2 * UPLOAD_LIFETIME
            )
        except signing.BadSignature:
            raise Http404 from None
        if person_id != self.actor.user_id:
            raise photo_not_found()
        owner = Owner.parse(owner_text)
        try:
            _claim(self.actor, owner, upload_id)
            messages.success(request, _("Your photo is being prepared."))
        except DomainError as error:
            messages.error(request, _words_of(error))
        return HttpResponseRedirect("".join(back) or reverse("photos", args=[owner.kind.value, owner.id]))


class JobPhoto(Page):
    """A file of a photo of a job, for those who may see where the job is: one BatchGetItem, one read of the bucket.

    A browser that has it already reads nothing but that it may still be shown.
    """

    needs_sign_in = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        booking, details = get_booking(actor=self.actor, booking_id=self.kwargs["booking_id"])
        photo_id = self.kwargs["photo_id"]
        is_shown = details is not None and booking.shows_details_to(self.actor, now())
        if not is_shown or not any(photo.photo_id == photo_id for photo in (details.photos if details else ())):
            raise photo_not_found()
        # Another picture has another name.
        name, tag = self.kwargs["name"], f'"{self.kwargs["name"]}"'
        response = get_conditional_response(request, etag=tag)
        if response is None:
            response = _file_response(get_private_file(photo_id, name), _PRIVATE)
        response.headers["ETag"] = tag
        return response


@require_safe
def show_public_photo(request: HttpRequest, photo_id: str, name: str) -> HttpResponse:
    """A file of a provider's or service's photo, for everyone, and for caches between."""
    return _file_response(get_public_file(photo_id, name), _PUBLIC)


def _file_response(content: bytes, cache_control: str) -> HttpResponse:
    return HttpResponse(content, content_type="image/webp", headers={"Cache-Control": cache_control})


def _words_of(error: DomainError) -> str:
    """Why something was refused, where there is no form with a field to say it beside."""
    return in_words(error.errors[0].message if isinstance(error, InvalidInputError) else error.message)


def _photos_of(actor: Actor, owner: Owner) -> Photos:
    """The photos, for whoever may change them. Raises `NotFoundError` and `ForbiddenError`."""
    if owner.kind is not OwnerKind.BOOKING:
        return list_photos(actor=actor, owner=owner)
    booking, details = get_booking(actor=actor, booking_id=owner.id)
    if details is None or not may_change_job_photos(booking, details, actor, now()):
        raise photo_not_found()
    return details.photos


def _claim(actor: Actor, owner: Owner, upload_id: str) -> Photos:
    if owner.kind is OwnerKind.BOOKING:
        return claim_job_photo(actor=actor, booking_id=owner.id, upload_id=upload_id, now=now())
    return claim_photo(actor=actor, owner=owner, upload_id=upload_id, now=now())


def _remove(actor: Actor, owner: Owner, photo_id: str) -> Photos:
    if owner.kind is OwnerKind.BOOKING:
        return remove_job_photo(actor=actor, booking_id=owner.id, photo_id=photo_id, now=now())
    return remove_photo(actor=actor, owner=owner, photo_id=photo_id, now=now())
