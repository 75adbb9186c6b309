"""DynamoDB through PynamoDB models: what the apps need of it, and what PynamoDB leaves open.

- All tables share one transport (PynamoDB makes a client per model: 12 models cost 1.3 s and 108 MB).
- `Read` values say which items are read and what is made of their rows; one app can hand them to another, and
  `read_all` fetches several with one BatchGetItem. A Query answers a `Page` of rows with its next key.
- A `RowMapping` declares how an item class stores a domain object.
- Writes are `Write` values that one app can hand to another; `transact` sends them as one TransactWriteItems and
  says by name which conditions failed.
- Contention, throttling and failures of DynamoDB's own are retried briefly with jitter; then, or when DynamoDB does not
  answer, `BusyError`. `limited_patience` bounds what several requests wait together.
"""

from kernel.storage.concurrency import at_once
from kernel.storage.items import (
    CompactJSONAttribute,
    InstantAttribute,
    Item,
    Row,
    item_classes,
    logical_name,
    physical_name,
)
from kernel.storage.mapping import RowMapping, Stored, changes, stored_as
from kernel.storage.patience import limited_patience
from kernel.storage.prepared import Prepared, number_parameter, set_parameter, text_parameter
from kernel.storage.reads import (
    MAX_BATCH_KEYS,
    Key,
    Page,
    Read,
    all_rows,
    can_be_key,
    current_rows,
    every_row,
    get_row,
    get_rows,
    item_read,
    joined,
    key_names,
    query_rows,
    read,
    read_all,
)
from kernel.storage.retries import retrying
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
    "CompactJSONAttribute",
    "ConditionFailedError",
    "InstantAttribute",
    "Item",
    "Key",
    "Page",
    "Prepared",
    "Read",
    "Row",
    "RowMapping",
    "Stored",
    "Write",
    "all_rows",
    "at_once",
    "can_be_key",
    "changes",
    "check",
    "current_rows",
    "delete",
    "every_row",
    "get_row",
    "get_rows",
    "item_classes",
    "item_read",
    "joined",
    "key_names",
    "limited_patience",
    "logical_name",
    "number_parameter",
    "physical_name",
    "put",
    "query_rows",
    "read",
    "read_all",
    "retrying",
    "set_parameter",
    "shared_transport",
    "stored_as",
    "text_parameter",
    "transact",
    "update",
    "write",
]
