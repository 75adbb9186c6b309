"""Demo data: a small marketplace in ten cities, the same on every machine but for its dates.

`content` has the words. `people`, `firms`, `visits`, `appointments` and `reviewing` make a market of them, without any
storage; `dataset` puts it together as items and `loading` stores it. All instants are counted from the moment of
loading, so that there is an agenda for today and a history behind it.
"""
