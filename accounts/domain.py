"""Who acts: the identity and role that every use case is told."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from marketplace.kernel.ids import provider_id_for


class Role(StrEnum):
    """What a person is on the marketplace; exactly one each. `SYSTEM` is the marketplace's own scheduled work."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ADMIN = "admin"
    SYSTEM = "system"


# Cognito group of each role, the strongest first: a person in several groups has the first role found.
ROLE_BY_GROUP = {"admins": Role.ADMIN, "providers": Role.PROVIDER, "customers": Role.CUSTOMER}
GROUP_BY_ROLE = {role: group for group, role in ROLE_BY_GROUP.items()}

# What people may sign up as; admins are made by admins.
SIGN_UP_ROLES = (Role.CUSTOMER, Role.PROVIDER)


def role_of_groups(groups: Container[str]) -> Role | None:
    """The role that these Cognito groups give; None if they give none."""
    return next((role for group, role in ROLE_BY_GROUP.items() if group in groups), None)


@dataclass(frozen=True)
class Actor:
    """The person (or the system) on whose behalf a use case runs."""

    user_id: str
    role: Role

    @cached_property
    def provider_id(self) -> str | None:
        """The id of the provider that this person is; None for anyone but a provider."""
        return provider_id_for(self.user_id) if self.role is Role.PROVIDER else None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN


@dataclass(frozen=True, slots=True)
class Contact:
    """Where and how a person is written to; language (ISO 639-1) and time zone (IANA) are None until chosen."""

    user_id: str
    email: str
    name: str
    language: str | None
    time_zone: str | None


SYSTEM = Actor(user_id="system", role=Role.SYSTEM)
