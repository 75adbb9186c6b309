"""Who hears of what, by email and in the app, and whether it arrived.

An event goes this way: `handlers` → `services.announce`, which opens its deliveries in the ledger (`deliveries/`) and
writes its notes (`notes/`) → `tasks` → `services.emails`, which composes and sends (`emails/`). What each kind says to
whom is in `messages/`, one module for each. Consumes the events of bookings and of providers' suspensions; emits none
that travel.
"""
