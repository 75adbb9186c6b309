"""Uploads, what becomes of them, and how an owner's list of photos changes.

Owners' apps put the writes that this hands out into their transactions.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from kernel import storage
from kernel.actors import Actor
from kernel.errors import FieldError, InvalidInputError
from kernel.outbox import outbox_actions, outboxed
from kernel.rate_limits import RateLimit, charge
from kernel.sentences import sentence
from photos import bucket
from photos.bucket import Upload
from photos.domain import (
    CONTENT_TYPES,
    MAX_UPLOAD_BYTES,
    UNKNOWN_TYPE,
    Owner,
    Photo,
    Photos,
    PhotoState,
    Refusal,
    check_photo_id,
    photo_values,
    with_claimed,
    without,
)
from photos.models import PhotoItem

logger = logging.getLogger(__name__)

# How long a form can be sent to the bucket.
UPLOAD_LIFETIME = bucket.UPLOAD_LIFETIME
UPLOADS_PER_PERSON = RateLimit("uploads", allowed=100, window=timedelta(hours=1))
# What a try that broke off left behind is younger for as long as the try could still go on.
_ORPHANED_AFTER = timedelta(days=1)


class UploadGoneError(InvalidInputError):
    """The person uploaded nothing under this id within a day, or the upload is a photo already."""

    def __init__(self, field: str = "upload") -> None:
        message = sentence("There is no such upload any more. Upload the picture again.")
        super().__init__([FieldError(field, "invalid", message)])


# --- Uploading and claiming ------------------------------------------------------------------------------------------


def ask_for_upload(
    *, actor: Actor, content_type: str | None, redirect: Callable[[str], str] | None = None, now: datetime
) -> Upload:
    """Where and how the actor can upload one picture of this type, for an hour; of any type if it is not known.

    With `redirect`, which makes an address of this site of the upload's id, the bucket sends the browser there
    afterwards. Raises `InvalidInputError` for other types, and `TooManyRequestsError` for the 101st of an hour.
    """
    if content_type is not None and content_type not in CONTENT_TYPES:
        raise InvalidInputError.of(
            "content_type", sentence("The types of pictures are %(types)s.", types=tuple(CONTENT_TYPES))
        )
    charge((UPLOADS_PER_PERSON, actor.user_id), now=now)
    photo_id = secrets.token_hex(16)
    afterwards = redirect(photo_id) if redirect else None
    return bucket.sign_upload(actor.user_id, photo_id, content_type or UNKNOWN_TYPE, redirect=afterwards, now=now)


def claim_writes(
    *, actor: Actor, photo_ids: Sequence[str], owner: Owner, now: datetime, field: str = "upload"
) -> list[storage.Write]:
    """The writes, named `photo:<id>`, that make the actor's uploads photos of the owner.

    For the transaction that adds them to the owner's list. They fail for an upload that was claimed before. One HEAD
    request each; raises `UploadGoneError`, and `InvalidInputError` for what is no id, both naming `field`.
    """
    return [_claim_write(actor, check_photo_id(each, field), owner, now, field) for each in dict.fromkeys(photo_ids)]


def _claim_write(actor: Actor, photo_id: str, owner: Owner, now: datetime, field: str) -> storage.Write:
    uploaded = bucket.find_upload(actor.user_id, photo_id)
    if uploaded is None:
        raise UploadGoneError(field)
    item = PhotoItem(
        photo_id=photo_id,
        owner=str(owner),
        person_id=actor.user_id,
        content_type=uploaded.content_type,
        state=PhotoState.PENDING.value,
        version=1,
        changed_at=now,
    )
    return storage.put(
        f"photo:{photo_id}", outboxed(item, photo_id, now), condition=PhotoItem.photo_id.does_not_exist()
    )


def refuse_claimed(failure: storage.ConditionFailedError, field: str = "upload") -> None:
    """Raise `UploadGoneError` naming `field` if the transaction failed because an upload was claimed before."""
    if any(name.startswith("photo:") for name in failure.failed):
        raise UploadGoneError(field) from failure


# --- An owner's list -------------------------------------------------------------------------------------------------

# Of a list as it was read: the list then, and the writes that go with it in its transaction.
ListChange = Callable[[Photos], tuple[Photos, Sequence[storage.Write]]]


def claiming(*, actor: Actor, upload_id: str, owner: Owner, most: int, now: datetime) -> ListChange:
    """The change that puts the actor's upload at the end of the owner's list, unless it is in it already.

    It raises as `claim_writes` does, and `ConflictError` (`too_many_photos`) for more than `most`.
    """

    def claim(photos: Photos) -> tuple[Photos, Sequence[storage.Write]]:
        if any(photo.photo_id == upload_id for photo in photos):
            return photos, ()
        after = with_claimed(photos, [upload_id], most=most)
        return after, claim_writes(actor=actor, photo_ids=[upload_id], owner=owner, now=now)

    return claim


def removing(photo_id: str, *, now: datetime) -> ListChange:
    """The change that takes a photo off a list and has its files deleted. It raises `NotFoundError`."""
    return lambda photos: (without(photos, photo_id), removal_writes([photo_id], now=now))


def photos_unchanged(item: type[storage.Item], photos: Photos) -> Condition:
    """The item has these photos in its attribute `photos`, in this state and order."""
    values, attribute = photo_values(photos), item.get_attributes()["photos"]
    condition: Condition = attribute.does_not_exist() if values is None else attribute == values
    return condition


def list_write(
    item: type[storage.Item], owner_id: str, before: Photos, after: Photos, condition: Condition | None = None
) -> storage.Write:
    """The write, named `owner`, of an item's list that is still as before; `condition` must hold, too."""
    actions = storage.changes(item, {"photos": photo_values(before)}, {"photos": photo_values(after)})
    unchanged = photos_unchanged(item, before)
    return storage.update(
        "owner", item, owner_id, actions=actions, condition=unchanged if condition is None else unchanged & condition
    )


def transact_list(writes: Sequence[storage.Write]) -> None:
    """Write a list, and all that goes with it, in one transaction.

    Raises `UploadGoneError` where only that an upload was claimed before is to blame, and `ConditionFailedError` where
    the list is another by now: read it again.
    """
    try:
        storage.transact(writes)
    except storage.ConditionFailedError as failure:
        if "owner" not in failure.failed:
            refuse_claimed(failure)
        raise


# --- What becomes of it ----------------------------------------------------------------------------------------------


def process_photo(*, photo_id: str, now: datetime) -> None:
    """Make of a claimed upload what is shown, or note why it is not. May be repeated, late, and at the same time.

    The files come first, then the note that they are there: a try that breaks off leaves only files, which the next
    writes again under the same names. Needs Pillow.
    """
    row = storage.get_row(PhotoItem, photo_id)
    if row is None or row["state"] != PhotoState.PENDING:
        return
    outcome = _look_at(row)
    if not _note(row, outcome, now):
        logger.info("photo %s was settled meanwhile", photo_id)
        current = storage.get_row(PhotoItem, photo_id)
        if current is None or current["state"] == PhotoState.REMOVED:
            # Whoever deleted its files did so before these were written.
            bucket.delete_files(Owner.parse(row["owner"]), photo_id)
    bucket.delete_upload(row["person_id"], photo_id)


def _look_at(row: storage.Row) -> Photo:
    """What becomes of the upload, its files written."""
    # Pillow is not in the web function's package.
    from photos.pictures import RefusedPictureError, make_pictures

    photo_id, owner = row["photo_id"], Owner.parse(row["owner"])
    uploaded = bucket.find_upload(row["person_id"], photo_id)
    if uploaded is not None and uploaded.size > MAX_UPLOAD_BYTES:
        return Photo(photo_id, PhotoState.REFUSED, refusal=Refusal.TOO_LARGE)
    content = bucket.read_upload(row["person_id"], photo_id)
    if content is None:
        return Photo(photo_id, PhotoState.REFUSED, refusal=Refusal.GONE)
    try:
        pictures = make_pictures(content, row["content_type"])
    except RefusedPictureError as error:
        logger.info("photo %s is refused: %s", photo_id, error.refusal)
        return Photo(photo_id, PhotoState.REFUSED, refusal=error.refusal)
    for name, file in pictures.files.items():
        bucket.write_file(owner, photo_id, name, file)
    return Photo(photo_id, PhotoState.READY, pictures.width, pictures.height, pictures.digest)


def _note(row: storage.Row, outcome: Photo, now: datetime) -> bool:
    """Record what became of the photo; False if somebody else was faster."""
    actions = [PhotoItem.state.set(outcome.state.value), *_next_version(row["photo_id"], row["version"], now)]
    if outcome.refusal:
        actions.append(PhotoItem.refusal.set(outcome.refusal.value))
    else:
        actions += [
            PhotoItem.width.set(outcome.width),
            PhotoItem.height.set(outcome.height),
            PhotoItem.digest.set(outcome.digest),
        ]
    unchanged = (PhotoItem.version == row["version"]) & (PhotoItem.state == PhotoState.PENDING.value)
    try:
        storage.write(storage.update("photo", PhotoItem, row["photo_id"], actions=actions, condition=unchanged))
    except storage.ConditionFailedError:
        return False
    return True


def _next_version(photo_id: str, version: int, now: datetime) -> list[Action]:
    return [
        PhotoItem.version.set(version + 1),
        PhotoItem.changed_at.set(now),
        *outbox_actions(PhotoItem, photo_id, now),
    ]


# --- Removing --------------------------------------------------------------------------------------------------------


def removal_writes(photo_ids: Sequence[str], *, now: datetime) -> list[storage.Write]:
    """The writes, named `photo:<id>`, after which the photos' files are deleted.

    For the transaction that takes the photos off their owner's list. One BatchGetItem.
    """
    rows = storage.get_rows([(PhotoItem, photo_id) for photo_id in photo_ids])
    return [_removal_write(row, now) for row in rows if row is not None and row["state"] != PhotoState.REMOVED]


def _removal_write(row: storage.Row, now: datetime) -> storage.Write:
    return storage.update(
        f"photo:{row['photo_id']}",
        PhotoItem,
        row["photo_id"],
        actions=[
            PhotoItem.state.set(PhotoState.REMOVED.value),
            *_next_version(row["photo_id"], row["version"], now),
        ],
        condition=PhotoItem.version == row["version"],
    )


def forget_photo(*, photo_id: str) -> None:
    """Delete the files of a removed photo, then what is known of it. May be repeated; does nothing to others."""
    row = storage.get_row(PhotoItem, photo_id)
    if row is None or row["state"] != PhotoState.REMOVED:
        return
    bucket.delete_files(Owner.parse(row["owner"]), photo_id)
    bucket.delete_upload(row["person_id"], photo_id)
    storage.write(storage.delete("photo", PhotoItem, photo_id))


def sweep_files(now: datetime) -> Iterator[Callable[[], None]]:
    """For each photo whose files, or some of them, are nobody's, what deletes these.

    A try that broke off leaves such files, and so does one that was late for its own removal.
    """
    kept = bucket.kept_photos(before=now - _ORPHANED_AFTER)
    while batch := list(islice(kept, storage.MAX_BATCH_KEYS)):
        rows = storage.get_rows([(PhotoItem, photo_id) for _, photo_id, _ in batch])
        for (folder, photo_id, names), row in zip(batch, rows, strict=True):
            digest = row.get("digest") if row else None
            is_settled = row is None or row["state"] != PhotoState.PENDING
            orphans = [name for name in names if digest is None or not name.startswith(f"{digest}-")]
            if is_settled and orphans:
                yield partial(bucket.delete_named, folder, photo_id, orphans)
