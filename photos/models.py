"""The photos table: of each upload that was claimed, whose it is and what became of it."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from kernel.outbox import OutboxItem
from kernel.storage import InstantAttribute, physical_name


class PhotoItem(OutboxItem):
    """A photo from its claim until its files are deleted. Its owner's item has the copy that is shown."""

    class Meta:
        table_name = physical_name("photos-table")

    photo_id = UnicodeAttribute(hash_key=True, attr_name="photoId")
    owner = UnicodeAttribute()
    # Who uploaded it, and so where the upload is.
    person_id = UnicodeAttribute(attr_name="personId")
    # What the upload says that it is.
    content_type = UnicodeAttribute(attr_name="contentType")
    state = UnicodeAttribute()
    width = NumberAttribute(null=True)
    height = NumberAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    refusal = UnicodeAttribute(null=True)
    changed_at = InstantAttribute(attr_name="changedAt")
