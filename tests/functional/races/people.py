"""The customers of a race."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from benchmarks.shop import Shop
from kernel.actors import Actor, Role
from kernel.clock import to_rfc3339
from tests.factories.accounts import TokenIssuer
from tests.functional.races.clients import Attempt


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone who is signed in."""

    user_id: str
    token: str = field(repr=False)

    def wants(self, shop: Shop, starts_at: datetime, *, key: str | None = None) -> Attempt:
        """Their attempt to book; under a new idempotency key unless one is given."""
        return Attempt(
            self.user_id, self.token, key or str(uuid4()), shop.service_id, shop.offer_version, to_rfc3339(starts_at)
        )


@dataclass(frozen=True, slots=True)
class People:
    """Customers whose ids have a beginning in common that nobody else's have."""

    prefix: str
    customers: Sequence[Customer]


def sign_in(issuer: TokenIssuer, number: int) -> People:
    """So many new customers."""
    prefix = f"{uuid4()}-"
    user_ids = [f"{prefix}{position}" for position in range(number)]
    customers = [Customer(user_id, issuer.token(Actor(user_id, Role.CUSTOMER))) for user_id in user_ids]
    return People(prefix, customers)
