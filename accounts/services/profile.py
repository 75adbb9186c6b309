"""What people say about themselves."""

from typing import Any

from accounts.models import User, UserItem
from accounts.policies import may_see_person
from accounts.domain import Actor
from marketplace.kernel import storage
from marketplace.kernel.errors import NotFoundError

_EDITABLE = {"name": UserItem.name, "time_zone": UserItem.time_zone, "language": UserItem.language}


def update_profile(*, actor: Actor, user_id: str, changes: dict[str, Any]) -> User:
    """Change name, time zone or language, whichever are given and checked; the person afterwards. One call.

    Raises `NotFoundError` if the actor has no business with that person.
    """
    absent = NotFoundError("There is no such person.")
    if not may_see_person(actor, user_id):
        raise absent
    update = storage.update(
        "user",
        UserItem,
        user_id,
        actions=[_EDITABLE[name].set(value) for name, value in changes.items()],
        condition=UserItem.user_id.exists(),
    )
    try:
        row = storage.write(update)
    except storage.ConditionFailedError as failure:
        raise absent from failure
    assert row is not None
    return User.from_row(row)
