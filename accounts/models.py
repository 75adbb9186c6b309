"""The users table: what the marketplace stores about a person beside Cognito."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from marketplace.kernel.storage import InstantAttribute, Table, physical_name


class EmailIndex(GlobalSecondaryIndex["UserItem"]):
    """People by address. It lags: Cognito alone decides whether an address is taken."""

    class Meta:
        index_name = "email-index"
        projection = AllProjection()

    email = UnicodeAttribute(hash_key=True)


class UserTypeIndex(GlobalSecondaryIndex["UserItem"]):
    """People of one role, newest first."""

    class Meta:
        index_name = "userType-index"
        projection = AllProjection()

    user_type = UnicodeAttribute(hash_key=True, attr_name="userType")
    created_at = InstantAttribute(range_key=True, attr_name="createdAt")


class UserItem(Table):
    """A person; `user_id` is the subject of their Cognito account."""

    class Meta:
        table_name = physical_name("users-table")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    user_type = UnicodeAttribute(attr_name="userType")
    created_at = InstantAttribute(attr_name="createdAt")
    # Chosen in the profile: ISO 639-1 and IANA names.
    language = UnicodeAttribute(null=True)
    time_zone = UnicodeAttribute(attr_name="timeZone", null=True)

    email_index = EmailIndex()
    user_type_index = UserTypeIndex()
