"""How often people and addresses may do what guessing and flooding live on.

Guesses are limited per pair of account and client, so that a stranger's guesses do not lock the owner out, and per
account over all clients, so that many clients do not add up.
"""

from datetime import datetime, timedelta

from kernel.rate_limits import RateLimit, charge

_GUESSES = RateLimit("sign-in-pair", allowed=10, window=timedelta(minutes=15))
_GUESSES_AT_ACCOUNT = RateLimit("sign-in-account", allowed=100, window=timedelta(hours=1))
_GUESSES_BY_CLIENT = RateLimit("sign-in-client", allowed=60, window=timedelta(minutes=15))
_CODES_TO_ADDRESS = RateLimit("code-address", allowed=5, window=timedelta(hours=1))
_CODES_BY_CLIENT = RateLimit("code-client", allowed=30, window=timedelta(hours=1))


def charge_guess(account: str, client_address: str, *, now: datetime) -> None:
    """Count one try at a password or a code. Raises `TooManyRequestsError`."""
    charge(
        (_GUESSES, f"{account} {client_address}"),
        (_GUESSES_AT_ACCOUNT, account),
        (_GUESSES_BY_CLIENT, client_address),
        now=now,
    )


def charge_code(account: str, client_address: str, *, now: datetime) -> None:
    """Count one email with a code, which signing up sends, too. Raises `TooManyRequestsError`."""
    charge((_CODES_TO_ADDRESS, account), (_CODES_BY_CLIENT, client_address), now=now)
