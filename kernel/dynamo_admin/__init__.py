"""Django's admin over items of DynamoDB: the stock admin, with what assumes SQL answered otherwise. Knows no app.

- `models`: a real, unmanaged Django model of an item class.
- `querysets`, `lookups`, `access`, `plans`, `paging`: Django's query, answered by keys and by Queries of indexes; never
  by a Scan.
- `sites`: the admin site without SQL.
- `admin`: `ItemAdmin`, the admin of an item class, made of `base`, `running` (use cases), `exports` and `history`; its
  lists, filters and forms are in `changelists`, `filters`, `forms`, and what can be done to an object in `uses`.
- `audit`: the audit log, written in the transaction of each change.
"""
