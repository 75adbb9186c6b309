"""Who keeps favourites, and how many."""

from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError
from kernel.sentences import sentence

# So many are one item, and one page.
MAX_FAVOURITES = 100


def check_may_keep(actor: Actor) -> None:
    """Raises `ForbiddenError` for anyone but a customer."""
    if actor.role is not Role.CUSTOMER:
        raise ForbiddenError(sentence("Only customers have favourites."))
