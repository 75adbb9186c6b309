"""Who may call an API view at all. Whose things they may touch is for the services to decide.

The API is closed by default: a view that names no permission class refuses everyone.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kernel.actors import Role
from kernel.web.authentication import actor_on


class DenyAll(BasePermission):
    """The default: nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class AnyOne(BasePermission):
    """Strangers, too."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return True


class SignedIn(BasePermission):
    """Whoever sends a valid access token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return actor_on(request) is not None


class HasRole(BasePermission):
    """People of these roles: `permission_classes = [HasRole(Role.PROVIDER, Role.ADMIN)]`."""

    message = "Your account's role does not allow this."

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    def __call__(self) -> "HasRole":
        """DRF makes an instance of each entry of `permission_classes` per request; this one serves all."""
        return self

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = actor_on(request)
        return actor is not None and actor.role in self.roles
