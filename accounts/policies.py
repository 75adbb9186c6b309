"""Who may see and change a person. The rules for what belongs to other apps are in theirs."""

from kernel.actors import Actor, Role


def may_see_person(actor: Actor, user_id: str) -> bool:
    """People see themselves, and who runs the marketplace sees everyone; to others a person does not exist."""
    return actor.is_staff or actor.user_id == user_id


def may_change_person(actor: Actor, user_id: str) -> bool:
    """People change themselves, and admins everyone."""
    return actor.is_admin or actor.user_id == user_id


def may_in_admin(actor: Actor, app_label: str, action: str) -> bool:
    """Whether the role may take the action ("view", "change", "act", "export" …) on the app's objects in the admin.

    Admins may everything; support sees everything, acts on bookings and sees as others; auditors see everything and
    take lists away.
    """
    if actor.role is Role.SUPPORT:
        return action == "view" or (action, app_label) in (("act", "bookings"), ("see", "accounts"))
    if actor.role is Role.AUDITOR:
        return action in ("view", "export")
    return actor.is_admin
