"""Who may see and change a person. The rules for what belongs to other apps are in theirs."""

from kernel.actors import Actor


def may_see_person(actor: Actor, user_id: str) -> bool:
    """People see and change themselves, and admins everyone; to others a person does not exist."""
    return actor.is_admin or actor.user_id == user_id
