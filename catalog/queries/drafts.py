"""What providers have said before there was a profile."""

from catalog.models import DraftItem
from kernel import storage


def draft_key(provider_id: str) -> str:
    """The key of a provider's draft among the counters."""
    return f"draft profile#{provider_id}"


def get_drafted_trades(provider_id: str) -> tuple[str, ...]:
    """The trades that were chosen before there was a profile (one GetItem); none if nothing was."""
    row = storage.get_row(DraftItem, draft_key(provider_id))
    return tuple(row["trades"]) if row else ()
