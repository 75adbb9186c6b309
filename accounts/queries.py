"""Reads about people."""

from collections.abc import Sequence

from accounts import cognito
from accounts.domain import Contact
from accounts.models import User, UserItem, UserTypeIndex
from accounts.policies import may_see_person
from kernel import storage
from kernel.actors import Actor, Role
from kernel.addresses import canonical_email
from kernel.errors import NotFoundError
from kernel.sentences import sentence


def find_user_id(email: str) -> str | None:
    """The id of the Cognito account with that address, or None. One AdminGetUser.

    Raises `InvalidInputError` naming `email` for what is no address.
    """
    return cognito.attributes_of(canonical_email(email)).get("sub")


def find_user(user_id: str) -> User | None:
    """The person with that id, or None, also before their first sign-in. One GetItem."""
    row = storage.get_row(UserItem, user_id)
    return None if row is None else User.from_row(row)


def get_person(*, actor: Actor, user_id: str) -> User:
    """The person, for themselves and for admins. Raises `NotFoundError` for everyone else."""
    user = find_user(user_id) if may_see_person(actor, user_id) else None
    if user is None:
        raise NotFoundError(sentence("There is no such person."))
    return user


def get_contacts(user_ids: Sequence[str]) -> dict[str, Contact]:
    """How to reach these people, by user id; whoever is not there is left out. One BatchGetItem."""
    found = storage.read_all(*map(contact_read, user_ids)) if user_ids else ()
    return {contact.user_id: contact for contact in found if contact is not None}


def contact_read(user_id: str) -> storage.Read[Contact | None]:
    """The read of how to reach a person (one item), to be read beside others'."""
    return storage.item_read((UserItem, user_id), _read_contact)


def _read_contact(row: storage.Row) -> Contact:
    return Contact(
        user_id=row["user_id"],
        email=row["email"],
        name=row["name"],
        language=row.get("language"),
        time_zone=row.get("time_zone"),
        phone=row.get("phone"),
    )


def list_newest(role: Role, *, limit: int) -> list[User]:
    """The newest people of that role. One Query."""
    page = storage.query_rows(UserItem, role.value, index=UserTypeIndex.Meta.index_name, limit=limit, forward=False)
    return [User.from_row(row) for row in page.rows]
