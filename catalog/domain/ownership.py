"""Who may manage which provider."""

from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError, NotFoundError
from kernel.sentences import sentence


def check_may_moderate(actor: Actor) -> None:
    """Raises `ForbiddenError` for anyone but an admin."""
    if not actor.is_admin:
        raise ForbiddenError(sentence("Only an admin may do this."))


def check_may_manage(actor: Actor, provider_id: str) -> None:
    """Providers manage what is theirs, admins everything.

    Raises `NotFoundError` for another provider, `ForbiddenError` for everyone else.
    """
    if actor.is_admin or actor.provider_id == provider_id:
        return
    if actor.role is Role.PROVIDER:
        raise NotFoundError(sentence("There is no such provider."))
    raise ForbiddenError(sentence("Only providers may do this."))
