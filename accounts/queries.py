"""Reads about people."""

from collections.abc import Sequence

from accounts import cognito
from accounts.domain import Contact
from accounts.models import User, UserItem
from accounts.policies import may_see_person
from kernel import storage
from kernel.actors import Actor
from kernel.errors import NotFoundError


def find_user_id(email: str) -> str | None:
    """The id of the Cognito account with that address, or None. One AdminGetUser."""
    try:
        address = canonical_email(email)
    except InvalidInputError:
        return None
    return cognito.attributes_of(address).get("sub")


def find_user(user_id: str) -> User | None:
    """The person with that id, or None, also before their first sign-in. One GetItem."""
    row = storage.get_row(UserItem, user_id)
    return None if row is None else User.from_row(row)


def get_person(*, actor: Actor, user_id: str) -> User:
    """The person, for themselves and for admins. Raises `NotFoundError` for everyone else."""
    user = find_user(user_id) if may_see_person(actor, user_id) else None
    if user is None:
        raise NotFoundError("There is no such person.")
    return user


def get_contacts(user_ids: Sequence[str]) -> dict[str, Contact]:
    """How to reach these people, by user id; whoever is not there is left out. One BatchGetItem."""
    rows = storage.get_rows([(UserItem, user_id) for user_id in user_ids])
    return {
        row["user_id"]: Contact(
            user_id=row["user_id"],
            email=row["email"],
            name=row["name"],
            language=row.get("language"),
            time_zone=row.get("time_zone"),
        )
        for row in rows
        if row is not None
    }
