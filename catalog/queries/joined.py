"""The catalog's part of reads that span apps, so that things of two apps are read with one BatchGetItem."""

from catalog.models import ProviderItem
from catalog.records import read_provider
from kernel import storage

__all__ = ["provider_key", "read_provider"]


def provider_key(provider_id: str) -> storage.Key:
    """The key of a provider for `storage.get_rows`; `read_provider` reads the row."""
    return ProviderItem, provider_id
