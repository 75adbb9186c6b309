"""docs/access-patterns.md says what the code does."""

from catalog.domain import CATEGORIES, MAX_SERVICES
from catalog.models import ProviderItem, ServiceItem
from catalog.queries.availability import MAX_DAYS
from catalog.queries.offers import KEPT_SECONDS
from catalog.queries.search import GLANCE
from catalog.queries.search.partitions import MAX_FURTHER_QUERIES
from catalog.queries.search.services import MAX_PARTITIONS
from catalog.records import ACCEPTING_KEYS
from kernel.listing import ListIndex
from kernel.outbox import OutboxIndex
from marketplace.settings.env import BASE_DIR


def read(name: str) -> str:
    return (BASE_DIR / "docs" / name).read_text()


def test_every_index_is_listed() -> None:
    text = read("access-patterns.md")
    indexes = {index.Meta.index_name for table in (ServiceItem, ProviderItem) for index in table._indexes.values()}
    # Asked by the reconciler and by the admin, for no search.
    indexes -= {OutboxIndex.Meta.index_name, ListIndex.Meta.index_name}
    assert len(indexes) == 7
    assert [name for name in indexes if f"| {name} |" not in text] == []


def test_limits_are_the_code_s() -> None:
    text = read("access-patterns.md")
    for promise in (
        f"in the last {KEPT_SECONDS} s",
        f"up to {MAX_DAYS} days",
        f"More than {MAX_PARTITIONS} partitions",
        f"at most {MAX_FURTHER_QUERIES} more",
        f"{GLANCE.further_queries} further Queries\nin place of {MAX_FURTHER_QUERIES}",
        f"none of more than {GLANCE.partitions} partitions",
        f"| category-index | {len(CATEGORIES)} | merged |",
        f"| availability-index | {len(ACCEPTING_KEYS)} | {len(ACCEPTING_KEYS)}, at most {MAX_FURTHER_QUERIES} more |",
    ):
        assert promise in text
    assert f"can have {MAX_SERVICES} services" in read("decisions/0011-the-provider-is-the-root-of-its-services.md")
