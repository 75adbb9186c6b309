"""What a ping sets going."""

from notifications.handlers import notify
from tests.ping.events import PingSent

HANDLERS = {PingSent.type: (notify,)}
