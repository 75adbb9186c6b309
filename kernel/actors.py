"""Who acts: the person, or the system, on whose behalf a use case runs."""

from dataclasses import replace
from enum import StrEnum
from functools import cached_property

from kernel.ids import provider_id_for
from kernel.values import dataclass


class Role(StrEnum):
    """What a person is on the marketplace; exactly one each. `SYSTEM` is the marketplace's own scheduled work.

    Three run the marketplace: `ADMIN` may do everything, `SUPPORT` sees everything and acts on bookings, `AUDITOR` sees
    everything.
    """

    CUSTOMER = "customer"
    PROVIDER = "provider"
    AUDITOR = "auditor"
    SUPPORT = "support"
    ADMIN = "admin"
    SYSTEM = "system"


# Who runs the marketplace, and so sees what is everybody's.
STAFF = frozenset({Role.AUDITOR, Role.SUPPORT, Role.ADMIN})


@dataclass(frozen=True)
class Actor:
    """The person (or the system) on whose behalf a use case runs."""

    user_id: str
    role: Role
    # Somebody who runs the marketplace looks on as this person: shown is nothing personal, and nothing is changed.
    is_observed: bool = False

    @cached_property
    def provider_id(self) -> str | None:
        """The id of the provider that this person is; None for anyone but a provider."""
        return provider_id_for(self.user_id) if self.role is Role.PROVIDER else None

    @property
    def as_customer(self) -> "Actor":
        """The same person as the customer who they are, or were before they became a provider."""
        return replace(self, role=Role.CUSTOMER)

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def is_staff(self) -> bool:
        """Whether the person sees what is everybody's."""
        return self.role in STAFF


SYSTEM = Actor(user_id="system", role=Role.SYSTEM)
