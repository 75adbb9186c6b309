"""Who hears of what, by email and in the app, and whether it arrived.

Public modules: `domain` (the table of messages), `services`, `queries`. Consumes all events of bookings; emits none
that travel. `handlers` starts a message, `tasks` sends its email, `feedback` hears what became of it.
"""
