"""An admin suspended the provider."""

from catalog.events import ProviderSuspended
from notifications.messages.providers import ProviderMessage

MESSAGE = ProviderMessage(event_type=ProviderSuspended)
