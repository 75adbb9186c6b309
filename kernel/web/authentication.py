"""Who makes a request to the API: its authentication, of either kind, leaves a user with an `actor`."""

from typing import Any

from rest_framework.request import Request

from kernel.actors import Actor


def actor_on(request: Request) -> Actor | None:
    """Who makes the request; None for a stranger."""
    user: Any = request.user
    actor: Actor | None = None if user is None else user.actor
    return actor
