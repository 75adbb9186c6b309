"""DynamoDB through PynamoDB models: what the apps need of it, and what PynamoDB leaves open.

- All tables share one transport (PynamoDB makes a client per model: 12 models cost 1.3 s and 108 MB).
- Reads answer plain rows (`dict` of attribute name → value), one round trip each, or a `Page` with its next key.
- Writes are `Write` values that one app can hand to another; `transact` sends them as one TransactWriteItems and
  says by name which conditions failed.
- Contention and throttling are retried briefly with jitter; then, or when DynamoDB does not answer, `BusyError`.
"""

from kernel.storage.reads import (
    MAX_BATCH_KEYS,
    Key,
    Page,
    all_rows,
    current_rows,
    get_row,
    get_rows,
    key_names,
    query_rows,
)
from kernel.storage.tables import InstantAttribute, Row, Table, physical_name
from kernel.storage.transport import shared_transport
from kernel.storage.writes import (
    MAX_TRANSACTION_ITEMS,
    ConditionFailedError,
    Write,
    check,
    delete,
    put,
    transact,
    update,
    write,
)

__all__ = [
    "MAX_BATCH_KEYS",
    "MAX_TRANSACTION_ITEMS",
    "ConditionFailedError",
    "InstantAttribute",
    "Key",
    "Page",
    "Row",
    "Table",
    "Write",
    "all_rows",
    "check",
    "current_rows",
    "delete",
    "get_row",
    "get_rows",
    "key_names",
    "physical_name",
    "put",
    "query_rows",
    "shared_transport",
    "transact",
    "update",
    "write",
]
