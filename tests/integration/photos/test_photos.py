"""From an upload to a photo that is shown, and away again, on the embedded cloud."""

from datetime import timedelta

import pytest

import catalog.personal_data
import photos.personal_data
from catalog import services
from catalog.models import ServiceItem
from catalog.queries import get_provider, get_service
from catalog.services import claim_photo, order_photos, remove_photo
from kernel import clock, storage
from kernel.aws import client
from kernel.errors import ConflictError, InvalidInputError, NotFoundError, TooManyRequestsError
from photos import bucket
from photos import services as photo_services
from photos.domain import Owner, OwnerKind, PhotoState, Refusal, cover
from photos.models import PhotoItem
from photos.services import ask_for_upload, forget_photo, process_photo, sweep_files
from tests.factories.accounts import make_customer, make_provider
from tests.factories.catalog import Shop, open_shop
from tests.factories.photos import picture, post_upload, settle, upload


def keys(*prefixes: str) -> set[str]:
    """What the media bucket has under these."""
    return {key for prefix in prefixes for key, _ in bucket._objects(prefix)}


def files_of(photo_id: str) -> set[str]:
    return keys(f"public/{photo_id}/", f"private/{photo_id}/")


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def owner_of(shop: Shop) -> Owner:
    return Owner(OwnerKind.PROVIDER, shop.provider_id)


def claim(shop: Shop, upload_id: str, owner: Owner | None = None) -> str:
    claim_photo(actor=shop.actor, owner=owner or owner_of(shop), upload_id=upload_id, now=clock.now())
    return upload_id


# --- Uploading -------------------------------------------------------------------------------------------------------


def test_the_bucket_takes_what_was_agreed_and_nothing_else() -> None:
    person = make_customer()
    photo_id, taken = post_upload(person, picture())
    assert taken.status_code in (200, 204)
    assert keys(f"uploads/{person.user_id}/") == {f"uploads/{person.user_id}/{photo_id}"}

    for changes in (
        {"Content_Type": "text/html"},
        {"Content_Type": "image/png"},
        {"key": "public/00000000000000000000000000000000/x.webp"},
        {"key": f"uploads/{make_customer().user_id}/{photo_id}"},
        {"policy": None},
        {"x_amz_signature": None},
        {"success_action_redirect": "https://elsewhere.example/"},
    ):
        _, refused = post_upload(person, picture(), **changes)
        assert refused.status_code in (400, 403), changes
    _, empty = post_upload(person, b"")
    assert empty.status_code == 400
    _, large = post_upload(person, bytes(15 * 1024 * 1024 + 1))
    assert large.status_code == 400
    assert len(keys(f"uploads/{person.user_id}/")) == 1


def test_only_pictures_can_be_announced() -> None:
    for content_type in ("image/gif", "image/svg+xml", "text/html", ""):
        with pytest.raises(InvalidInputError):
            ask_for_upload(actor=make_customer(), content_type=content_type, now=clock.now())


def test_uploads_are_limited(settings: object) -> None:
    settings.RATE_LIMIT_SCALE = 1  # type: ignore[attr-defined]
    person = make_customer()
    for _ in range(100):
        ask_for_upload(actor=person, content_type="image/png", now=clock.now())
    with pytest.raises(TooManyRequestsError):
        ask_for_upload(actor=person, content_type="image/png", now=clock.now())


# --- Claiming --------------------------------------------------------------------------------------------------------


def test_an_upload_becomes_a_photo_of_its_provider(shop: Shop) -> None:
    service_id = shop.add()
    version = shop.provider.version
    photo_id = claim(shop, upload(shop.actor, picture(1200, 900)))
    assert [photo.state for photo in shop.provider.photos] == [PhotoState.PENDING]
    assert cover(shop.provider.photos) is None

    settle(photo_id)

    (photo,) = shop.provider.photos
    assert (photo.state, photo.width, photo.height) == (PhotoState.READY, 1200, 900)
    assert files_of(photo_id) == {f"public/{photo_id}/{file.name}" for file in photo.files}
    assert not keys(f"uploads/{shop.actor.user_id}/")
    # What is edited meanwhile can still be saved, and search has the copy.
    assert shop.provider.version == version
    row = storage.get_row(ServiceItem, service_id)
    assert row is not None
    assert row["photo"]["id"] == photo_id


def test_a_service_has_photos_of_its_own(shop: Shop) -> None:
    service_id = shop.add()
    photo_id = claim(shop, upload(shop.actor), Owner(OwnerKind.SERVICE, service_id))
    settle(photo_id)
    assert [photo.is_ready for photo in get_service(service_id).photos] == [True]
    assert shop.provider.photos == ()


def test_claiming_twice_is_claiming_once(shop: Shop) -> None:
    photo_id = upload(shop.actor)
    claim(shop, photo_id)
    claim(shop, photo_id)
    settle(photo_id)
    claim(shop, photo_id)
    assert [photo.is_ready for photo in shop.provider.photos] == [True]


def test_nobody_claims_what_is_not_theirs(shop: Shop) -> None:
    others = upload(make_provider())
    for upload_id in (others, "0" * 32, "../../public/x", ""):
        with pytest.raises(InvalidInputError):
            claim(shop, upload_id)
    mine = claim(shop, upload(shop.actor))
    # Nor twice, for two owners.
    with pytest.raises(InvalidInputError):
        claim(shop, mine, Owner(OwnerKind.SERVICE, shop.add()))
    # Nor for somebody else.
    with pytest.raises(NotFoundError):
        claim(shop, upload(shop.actor), owner_of(open_shop()))
    with pytest.raises(NotFoundError):
        claim(shop, upload(shop.actor), Owner(OwnerKind.BOOKING, shop.add()))
    assert [photo.photo_id for photo in shop.provider.photos] == [mine]


def test_there_is_an_end_to_it(shop: Shop) -> None:
    owner = Owner(OwnerKind.SERVICE, shop.add())
    for _ in range(6):
        claim(shop, upload(shop.actor), owner)
    with pytest.raises(ConflictError):
        claim(shop, upload(shop.actor), owner)


# --- Looking at it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said", "refusal"),
    [
        (b"<svg onload=alert(1)>", "image/png", Refusal.NOT_A_PICTURE),
        (picture(format_="PNG"), "image/jpeg", Refusal.WRONG_TYPE),
        (picture(format_="GIF"), "image/webp", Refusal.NOT_A_PICTURE),
    ],
)
def test_what_is_no_such_picture_is_refused_with_a_reason(
    shop: Shop, content: bytes, said: str, refusal: Refusal
) -> None:
    photo_id = claim(shop, upload(shop.actor, content, said))
    settle(photo_id)
    (photo,) = shop.provider.photos
    assert (photo.state, photo.refusal) == (PhotoState.REFUSED, refusal)
    assert photo.reason is not None
    assert not files_of(photo_id)
    assert not keys(f"uploads/{shop.actor.user_id}/")


def test_an_upload_that_is_gone_is_refused(shop: Shop) -> None:
    photo_id = claim(shop, upload(shop.actor))
    bucket.delete_upload(shop.actor.user_id, photo_id)
    settle(photo_id)
    assert shop.provider.photos[0].refusal is Refusal.GONE


def test_what_came_past_the_form_and_is_too_large_is_refused(shop: Shop) -> None:
    photo_id = claim(shop, upload(shop.actor))
    key = f"uploads/{shop.actor.user_id}/{photo_id}"
    client("s3").put_object(Bucket="test-media-000000000000-us-east-1", Key=key, Body=bytes(15 * 1024 * 1024 + 1))
    settle(photo_id)
    assert shop.provider.photos[0].refusal is Refusal.TOO_LARGE


class CrashError(Exception):
    """The process ended here."""


_STEPS = (
    "photos.bucket.read_upload",
    "photos.bucket.write_file",
    "photos.services._note",
    "photos.bucket.delete_upload",
)


@pytest.mark.parametrize("step", _STEPS)
@pytest.mark.parametrize("is_done", [False, True])
def test_a_crash_at_any_step_is_made_good_by_the_next_delivery(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str, *, is_done: bool
) -> None:
    photo_id = claim(shop, upload(shop.actor))
    module, _, name = step.rpartition(".")
    whole = getattr(bucket if module.endswith("bucket") else photo_services, name)

    def crash(*args: object, **kwargs: object) -> None:
        if is_done:
            whole(*args, **kwargs)
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(step, crash)
        with pytest.raises(CrashError):
            process_photo(photo_id=photo_id, now=clock.now())
    settle(photo_id)

    (photo,) = shop.provider.photos
    assert photo.is_ready
    assert len(files_of(photo_id)) == len(photo.files)


def test_it_may_be_delivered_twice_and_late(shop: Shop) -> None:
    photo_id = claim(shop, upload(shop.actor))
    settle(photo_id)
    before = shop.provider.photos
    process_photo(photo_id=photo_id, now=clock.now())
    settle(photo_id)
    assert shop.provider.photos == before
    remove_photo(actor=shop.actor, owner=owner_of(shop), photo_id=photo_id, now=clock.now())
    settle(photo_id)
    process_photo(photo_id=photo_id, now=clock.now())
    forget_photo(photo_id=photo_id)
    services.keep_outcome(owner=owner_of(shop), outcome=before[0])
    assert shop.provider.photos == ()
    assert not files_of(photo_id)


def test_a_photo_that_is_removed_while_it_is_made_leaves_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    photo_id = claim(shop, upload(shop.actor))
    note = photo_services._note

    def remove_first(*args: object) -> bool:
        remove_photo(actor=shop.actor, owner=owner_of(shop), photo_id=photo_id, now=clock.now())
        forget_photo(photo_id=photo_id)
        return note(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("photos.services._note", remove_first)
    process_photo(photo_id=photo_id, now=clock.now())
    assert not files_of(photo_id)
    assert storage.get_row(PhotoItem, photo_id) is None


# --- Ordering and removing -------------------------------------------------------------------------------------------


def test_the_first_stands_for_the_provider(shop: Shop) -> None:
    service_id = shop.add()
    first, second = (claim(shop, upload(shop.actor, picture(300 + number, 200))) for number in range(2))
    settle(first, second)

    order_photos(actor=shop.actor, owner=owner_of(shop), photo_ids=[second, first])

    assert [photo.photo_id for photo in shop.provider.photos] == [second, first]
    row = storage.get_row(ServiceItem, service_id)
    assert row is not None
    assert row["photo"]["id"] == second
    for wrong in ([first], [first, first], [first, second, "0" * 32], []):
        with pytest.raises(InvalidInputError):
            order_photos(actor=shop.actor, owner=owner_of(shop), photo_ids=wrong)


def test_a_removed_photo_is_gone_with_its_files(shop: Shop) -> None:
    service_id = shop.add()
    photo_id = claim(shop, upload(shop.actor))
    settle(photo_id)
    assert remove_photo(actor=shop.actor, owner=owner_of(shop), photo_id=photo_id, now=clock.now()) == ()
    settle(photo_id)
    assert not files_of(photo_id)
    assert storage.get_row(PhotoItem, photo_id) is None
    row = storage.get_row(ServiceItem, service_id)
    assert row is not None
    assert "photo" not in row
    with pytest.raises(NotFoundError):
        remove_photo(actor=shop.actor, owner=owner_of(shop), photo_id=photo_id, now=clock.now())


def test_a_service_that_comes_meanwhile_has_the_first_photo_too(shop: Shop) -> None:
    settle(claim(shop, upload(shop.actor)))
    row = storage.get_row(ServiceItem, shop.add())
    assert row is not None
    assert row["photo"]["id"] == shop.provider.photos[0].photo_id


def test_files_that_are_nobodys_are_swept_after_a_day(shop: Shop) -> None:
    photo_id = claim(shop, upload(shop.actor))
    settle(photo_id)
    kept = files_of(photo_id)
    orphan = "ab" * 16
    bucket.write_file(owner_of(shop), orphan, "0123456789abcdef-320.webp", b"x")
    bucket.write_file(owner_of(shop), photo_id, "0123456789abcdef-320.webp", b"x")

    for sweep in sweep_files(clock.now()):
        sweep()
    assert files_of(orphan)
    for sweep in sweep_files(clock.now() + timedelta(days=1, minutes=1)):
        sweep()

    assert not files_of(orphan)
    assert files_of(photo_id) == kept


def test_erasure_takes_photos_and_uploads_along_and_the_export_has_them() -> None:
    shop = open_shop()
    service_id = shop.add()
    mine = claim(shop, upload(shop.actor))
    its = claim(shop, upload(shop.actor), Owner(OwnerKind.SERVICE, service_id))
    settle(mine, its)
    upload(shop.actor)
    exported = catalog.personal_data.export(shop.actor.user_id, now=clock.now())
    assert [photo["id"] for photo in exported["provider"]["photos"]] == [mine]
    assert [photo["id"] for photo in exported["services"][0]["photos"]] == [its]

    for app in (catalog, photos):
        app.personal_data.erase(shop.actor.user_id, now=clock.now())
    settle(mine, its)

    assert get_provider(shop.provider_id).photos == get_service(service_id).photos == ()
    assert not files_of(mine) | files_of(its) | keys(f"uploads/{shop.actor.user_id}/")
