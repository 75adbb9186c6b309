"""What messages to a provider about itself have in common."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from accounts.domain import Contact
from accounts.queries import get_contacts
from catalog.domain import Provider
from catalog.events import ProviderChanged
from catalog.queries import get_provider
from kernel.actors import Role
from kernel.errors import NotFoundError
from kernel.values import dataclass
from kernel.wording.text import lines, one_line
from notifications.domain import Channel, Delivery, Recipient
from notifications.links import site_url
from notifications.messages.base import Letter, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLetter(Letter):
    """An email to a provider's owner about the provider."""

    provider: Provider

    @property
    def conversation(self) -> str:
        return f"provider-{self.provider.provider_id}"

    def context(self) -> dict[str, Any]:
        return {
            "provider_name": one_line(self.provider.name),
            "reason": lines(self.provider.suspension_reason or ""),
            "provider_url": site_url("/provider"),
        }


def owner_of(provider: Provider) -> Contact | None:
    """How the provider's owner is written to; None once their account is gone."""
    return get_contacts([provider.owner_id]).get(provider.owner_id)


@dataclass(frozen=True, kw_only=True)
class ProviderMessage(Message):
    """An email to the provider's owner, true until the provider is suspended or reinstated again."""

    event_type: type[ProviderChanged]
    subject_kind: str = "provider"

    @property
    def roles(self) -> Set[Role]:
        return {Role.PROVIDER}

    def audience_of(self, event: ProviderChanged) -> Mapping[Recipient, Set[Channel]]:
        return {Recipient(event.provider_id, Role.PROVIDER): {Channel.EMAIL}}

    def read_facts(self, event: ProviderChanged) -> Provider | None:
        try:
            return get_provider(event.provider_id)
        except NotFoundError:
            return None

    def holds(self, event: ProviderChanged, facts: Provider, now: datetime) -> bool:
        return facts.suspension_version == event.version

    def write_letter(self, delivery: Delivery, facts: Provider, now: datetime) -> ProviderLetter | None:
        reader = owner_of(facts)
        return ProviderLetter(delivery=delivery, reader=reader, now=now, provider=facts) if reader else None
