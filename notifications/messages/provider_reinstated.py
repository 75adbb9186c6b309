"""The provider may be found and booked again."""

from catalog.events import ProviderReinstated
from notifications.messages.providers import ProviderMessage

MESSAGE = ProviderMessage(event_type=ProviderReinstated)
