"""The tables of people and of their sessions, and the person as Django knows one."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.crypto import salted_hmac
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from accounts.domain import SavedAddress
from accounts.policies import may_in_admin
from accounts.words import ROLE_NAMES
from kernel.actors import Actor, Role
from kernel.storage import InstantAttribute, Item, Row, physical_name


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


class UserItem(Item):
    """A person; `user_id` is the subject of their Cognito account.

    Cognito decides on address, password and role; what it says of them is copied here at each sign-in.
    """

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
    # As E.164 writes it.
    phone = UnicodeAttribute(null=True)
    # Where jobs are done for the person: `{id, label, address}` each, and how often the list was changed.
    addresses = JSONAttribute(null=True)
    addresses_version = NumberAttribute(attr_name="addressesVersion", null=True)
    # Raised to end all of the person's sessions at once; their access tokens end with them: see `revocations`.
    session_epoch = NumberAttribute(attr_name="sessionEpoch", null=True)
    # Whether signing in asks for a code of an authenticator app.
    second_factor = BooleanAttribute(attr_name="secondFactor", null=True)
    # Since when the person may not sign in any more, nor use a session.
    disabled_at = InstantAttribute(attr_name="disabledAt", null=True)

    email_index = EmailIndex()
    user_type_index = UserTypeIndex()


class SessionItem(Item):
    """A browser's session. The key is a hash of the cookie's value: whoever reads the table can take over nobody's.

    Beside the sessions lie, under keys that are no hash, the access tokens that were revoked and the people who were
    erased or sent away: `revocations`, or `erasures` and `departures`, instead of `content`. See the modules
    `revocations` and `sweeps`.
    """

    class Meta:
        table_name = physical_name("sessions-table")

    session_key = UnicodeAttribute(hash_key=True, attr_name="sessionKey")
    content = UnicodeAttribute()
    # Of each person a user id and, after a space, the first second (since 1970) of which tokens are believed again.
    revocations = UnicodeSetAttribute(null=True)
    # The ids of people who were erased in one hour.
    erasures = UnicodeSetAttribute(null=True)
    # The same of those who offer nothing any more: their account was closed, or they got another role.
    departures = UnicodeSetAttribute(null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


def read_addresses(row: Row) -> list[SavedAddress]:
    """The saved addresses of a person's row."""
    return [SavedAddress(each["id"], each["label"], each["address"]) for each in row.get("addresses") or ()]


class User(AbstractBaseUser):
    """A person for Django's authentication, templates and admin: a view of a `UserItem`, never saved itself."""

    user_id = models.CharField(primary_key=True, max_length=64)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=20, choices=ROLE_NAMES)
    # None until chosen.
    time_zone = models.CharField(max_length=64, null=True)  # noqa: DJ001
    language = models.CharField(max_length=10, null=True)  # noqa: DJ001
    phone = models.CharField(max_length=16, null=True)  # noqa: DJ001
    second_factor = models.BooleanField()
    is_active = models.BooleanField()
    session_epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    # Where jobs are done for the person; the first is what a booking suggests.
    addresses: Sequence[SavedAddress] = ()

    # Cognito keeps the password, and nobody's last sign-in is stored.
    password = None  # type: ignore[assignment]
    last_login = None

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        managed = False
        app_label = "accounts"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The person of a row of the users table."""
        user = cls(
            user_id=row["user_id"],
            email=row["email"],
            name=row["name"],
            role=row["user_type"],
            time_zone=row.get("time_zone"),
            language=row.get("language"),
            phone=row.get("phone"),
            second_factor=row.get("second_factor", False),
            is_active=row.get("disabled_at") is None,
            session_epoch=row.get("session_epoch", 0),
            created_at=row["created_at"],
        )
        user.addresses = read_addresses(row)
        return user

    # Whoever looks on as this person: see `accounts.observing`.
    observer: "User | None" = None
    # Whether they looked on as somebody else, and this request found that it is over.
    has_stopped_observing = False

    @property
    def actor(self) -> Actor:
        """The person as use cases know one."""
        return Actor(self.user_id, Role(self.role), is_observed=self.observer is not None)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]

    def has_usable_password(self) -> bool:
        """False: the password is not Django's to check or to change."""
        return False

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session remembers of the person: it ends when this changes."""
        facts = f"{self.user_id}:{self.session_epoch}:{self.role}"
        return salted_hmac("accounts.session", facts, secret=secret, algorithm="sha256").hexdigest()

    # --- What Django's admin asks ----------------------------------------------------------------------------------

    @property
    def is_staff(self) -> bool:
        return self.is_active and self.actor.is_staff

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.actor.is_admin

    def has_perm(self, permission: str, subject: Any = None) -> bool:
        """Whether the role may do this in the admin: `permission` is "<app>.<action>_<model>"."""
        app_label, _, name = permission.partition(".")
        return self.is_active and may_in_admin(self.actor, app_label, name.partition("_")[0])

    def has_perms(self, permissions: list[str], subject: Any = None) -> bool:
        return all(self.has_perm(permission) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
