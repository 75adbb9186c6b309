"""The one way in which services change a person's row."""

from typing import cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from accounts.models import User, UserItem
from kernel import storage
from kernel.errors import NotFoundError
from kernel.sentences import sentence


def change_person(user_id: str, *actions: Action) -> User:
    """Change the row of a person who is there; the person afterwards. One call. Raises `NotFoundError`."""
    try:
        return write_person(user_id, *actions, condition=UserItem.user_id.exists())
    except storage.ConditionFailedError as failure:
        raise NotFoundError(sentence("There is no such person.")) from failure


def write_person(user_id: str, *actions: Action, condition: Condition) -> User:
    """Change or make the person's row, if the condition holds; the person afterwards. One call.

    Raises `ConditionFailedError`.
    """
    row = storage.write(storage.update("user", UserItem, user_id, actions=actions, condition=condition))
    return User.from_row(cast("storage.Row", row))
