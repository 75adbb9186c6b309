"""Which reads answer a query: keys, or Queries of one index. Never a Scan."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import NotSupportedError
from pynamodb.expressions.condition import Condition

from kernel import storage
from kernel.dynamo_admin.access import Access, accesses
from kernel.dynamo_admin.lookups import names_used, predicate, required_terms

if TYPE_CHECKING:
    from kernel.dynamo_admin.models import DynamoModel
    from kernel.dynamo_admin.querysets import DynamoQuerySet

# The names of the attributes that decide, and the hash values that together hold every match: `("status",), function`.
PartitionRule = tuple[tuple[str, ...], Callable[..., Sequence[str]]]

# As many partitions an address may name; each is a Query.
_MOST_PARTITIONS = 10

# What an iteration that is not a page of a list may read before it is refused.
MAX_ITERATED_ITEMS = 50_000


class NoIndexError(NotSupportedError):
    """No key and no index answers this query: a filter has to be chosen first, or another order."""


class Plan:
    """How a query set is read. The predicate decides what is a result; keys and ranges only narrow what is read."""

    def __init__(self, queryset: "DynamoQuerySet") -> None:
        self.model: type[DynamoModel] = queryset.model
        self.item_class = self.model.item
        where: Any = queryset.query.where
        self.matches = predicate(where, self.model)
        self.terms = required_terms(where, self.model)
        self._names_used = names_used(where, self.model)
        asked: Any = queryset.query.order_by
        order = [str(name) for name in asked if str(name).lstrip("-") != "pk"]
        self._order = order[0].lstrip("-") if order else None
        # Newest and largest first, unless told otherwise.
        self.forward = bool(order) and not order[0].startswith("-")
        self.keys = self._keys()
        self.access, self.partitions = self._choose() if self.keys is None else (None, [])
        is_nowhere = self.access is not None and not self.partitions
        self.is_empty: bool = self.keys == [] or is_nowhere or queryset.query.is_empty()

    @property
    def is_readable(self) -> bool:
        """Whether keys or an index lead to every result."""
        return self.keys is not None or self.access is not None

    @property
    def ordered_by(self) -> str | None:
        """The attribute in whose order results come; None where there is no order."""
        return self.access.range_name if self.access else None

    @property
    def is_selective(self) -> bool:
        """Whether rows that are read may turn out to be no results."""
        return self.access is not None and bool(self._residual(self.access) or self._has_more_than_terms)

    def orders(self) -> set[str]:
        """The attributes by which an index can order these results."""
        return {access.range_name for access, _ in self._candidates() if access.range_name}

    def scope(self) -> tuple[Any, ...]:
        """What a cursor of this list is bound to."""
        terms = [[name, lookup, str(value)] for name, found in self.terms.items() for lookup, value in found.items()]
        index = self.access.index if self.access else None
        return ("admin", self.model._meta.label_lower, index, list(self.partitions), self.forward, sorted(terms))

    # --- Choosing -------------------------------------------------------------------------------------------------

    def _keys(self) -> list[tuple[str, ...]] | None:
        """The keys of the only items that can match; None unless the query names keys."""
        table = accesses(self.item_class)[0]
        of_pk = self.terms.get(self.model._meta.pk.attname, {})
        values = [of_pk["exact"]] if "exact" in of_pk else of_pk.get("in")
        if values is not None:
            keys = [self.model.split_key(str(value)) for value in values if value is not None]
            return [key for key in keys if key is not None]
        of_hash, of_range = (self.terms.get(name or "", {}) for name in (table.hash_name, table.range_name))
        if "exact" in of_hash and "exact" in of_range:
            key = (str(of_hash["exact"]), str(of_range["exact"]))
            return [key] if storage.can_be_key(*key) else []
        return None

    def _candidates(self) -> Iterator[tuple[Access, Sequence[str]]]:
        """Every access whose partitions with results are all known, with these partitions."""
        for access in accesses(self.item_class):
            if access.carried is not None and not self._names_used <= access.carried:
                continue
            partitions = self._partitions(access.hash_name)
            if partitions is not None:
                yield access, [partition for partition in partitions if storage.can_be_key(str(partition))]

    def _choose(self) -> tuple[Access | None, Sequence[str]]:
        """The access that leaves the least to the predicate, then the one with the fewest partitions; and these."""
        candidates = list(self._candidates())
        if self._order is not None:
            candidates = [found for found in candidates if found[0].range_name == self._order]
        if not candidates:
            return None, []
        return min(candidates, key=lambda found: (len(self._residual(found[0])), len(found[1])))

    def _partitions(self, hash_name: str) -> Sequence[str] | None:
        of_hash = self.terms.get(hash_name, {})
        if "exact" in of_hash:
            return [of_hash["exact"]]
        if "in" in of_hash:
            named = [value for value in dict.fromkeys(of_hash["in"]) if value is not None]
            if len(named) > _MOST_PARTITIONS:
                raise NoIndexError(f"{len(named)} partitions are more than one page asks")
            return named
        sources, rule = self.model.partitions.get(hash_name, ((), None))
        values = [self.terms.get(source, {}).get("exact") for source in sources]
        return None if rule is None or None in values else rule(*values)

    def _residual(self, access: Access) -> set[str]:
        """The names of the terms that the access leaves to the predicate."""
        answered = {access.hash_name, access.range_name}
        if "exact" not in self.terms.get(access.hash_name, {}):
            answered |= set(self.model.partitions.get(access.hash_name, ((), None))[0])
        return self.terms.keys() - answered

    @property
    def _has_more_than_terms(self) -> bool:
        return bool(self._names_used - self.terms.keys())

    def _range_condition(self) -> Condition | None:
        """The bounds of the range key: a superset, since DynamoDB takes one condition on it."""
        if self.access is None or self.access.range_name is None:
            return None
        terms = self.terms.get(self.access.range_name, {})
        attribute = self.item_class.get_attributes()[self.access.range_name]
        low, high = terms.get("range", (terms.get("gte", terms.get("gt")), terms.get("lte", terms.get("lt"))))
        condition: Any = None
        if "exact" in terms:
            condition = attribute == terms["exact"]
        elif "startswith" in terms:
            condition = attribute.startswith(terms["startswith"])
        elif low is not None and high is not None:
            # DynamoDB refuses a range whose end lies before its beginning.
            condition = attribute.between(low, max(low, high))
        elif low is not None:
            condition = attribute >= low
        elif high is not None:
            condition = attribute <= high
        found: Condition | None = condition
        return found

    # --- Reading --------------------------------------------------------------------------------------------------

    def fetch(
        self, partition: str, *, start_key: dict[str, Any] | None, forward: bool, limit: int
    ) -> tuple[list["DynamoModel"], dict[str, Any] | None]:
        """One Query of one partition: all that was read, and where to go on."""
        access = self._chosen()
        page = storage.query_rows(
            self.item_class,
            partition,
            index=access.index,
            range_condition=self._range_condition(),
            limit=limit,
            start_key=start_key,
            forward=forward,
            consistent=access.index is None,
        )
        return [self.model.from_row(row) for row in page.rows], page.next_key

    def complete(self, instances: Sequence["DynamoModel"]) -> list["DynamoModel"]:
        """The objects with all their attributes, without those that are gone meanwhile."""
        if self.access is None or self.access.carried is None or not instances:
            return list(instances)
        return self.by_keys([instance.item_key for instance in instances])

    def by_keys(self, keys: Sequence[tuple[str, ...]]) -> list["DynamoModel"]:
        """The objects with these keys: one GetItem, or one BatchGetItem for each hundred."""
        if len(keys) == 1:
            rows = [storage.get_row(self.item_class, *keys[0])]
        else:
            rows = []
            for start in range(0, len(keys), storage.MAX_BATCH_KEYS):
                chunk = keys[start : start + storage.MAX_BATCH_KEYS]
                rows += storage.get_rows([(self.item_class, *key) for key in chunk])
        return [self.model.from_row(row) for row in rows if row is not None]

    def _chosen(self) -> Access:
        if self.access is None:
            raise NoIndexError(f"no index of {self.model._meta.label} answers this query; choose a filter first")
        return self.access
