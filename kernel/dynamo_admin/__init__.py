"""Django's admin over items of DynamoDB: the stock admin, with what assumes SQL answered otherwise. Knows no app.

- `models`: a real, unmanaged Django model of an item class.
- `querysets`, `lookups`, `access`, `plans`, `paging`: Django's query, answered by keys and by Queries of indexes; never
  by a Scan.
- `admin`, `changelists`, `filters`, `forms`, `uses`, `exports`: `ItemAdmin` and what it is made of.
- `audit`: the audit log, written in the transaction of each change.
"""
