"""What people say about themselves."""

from typing import Any

from accounts.models import User, UserItem
from accounts.policies import may_change_person, may_see_person
from accounts.queries import get_person
from accounts.services.records import change_person
from kernel.actors import Actor
from kernel.errors import ForbiddenError, NotFoundError
from kernel.phones import canonical_phone
from kernel.sentences import sentence

_EDITABLE = {
    "name": UserItem.name,
    "phone": UserItem.phone,
    "time_zone": UserItem.time_zone,
    "language": UserItem.language,
}


def update_profile(*, actor: Actor, user_id: str, changes: dict[str, Any]) -> User:
    """Change name, phone, time zone or language, whichever are given; the person afterwards. One call.

    All but the phone are checked. All but the name are None where nothing is chosen any more. Raises `NotFoundError` if
    the actor has no business with that person, `ForbiddenError` if they may only look, and `InvalidInputError` naming
    `phone`.
    """
    if not may_see_person(actor, user_id):
        raise NotFoundError(sentence("There is no such person."))
    if not may_change_person(actor, user_id):
        raise ForbiddenError(sentence("Only an admin may do this."))
    if changes.get("phone"):
        changes = changes | {"phone": canonical_phone(changes["phone"])}
    if not changes:
        return get_person(actor=actor, user_id=user_id)
    actions = (
        _EDITABLE[name].remove() if value is None else _EDITABLE[name].set(value) for name, value in changes.items()
    )
    return change_person(user_id, *actions)
