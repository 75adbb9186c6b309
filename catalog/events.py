"""What happens to a provider, for everyone who wants to know. Names and fields are a public contract."""

from kernel.events import Event


class ProviderChanged(Event):
    """A provider came, or its profile, hours or services changed. What it is like now is looked up."""

    type = "provider.changed"

    @property
    def provider_id(self) -> str:
        return self.subject_id


class ProviderSuspended(ProviderChanged):
    """An admin keeps the provider from being found and booked."""

    type = "provider.suspended"


class ProviderReinstated(ProviderChanged):
    """The provider may be found and booked again."""

    type = "provider.reinstated"


EVENT_TYPES: dict[str, type[Event]] = {
    event.type: event for event in (ProviderChanged, ProviderSuspended, ProviderReinstated)
}
