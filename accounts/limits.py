"""How often people and addresses may do what guessing and flooding live on.

Nobody can lock the owner of an account out by trying and asking: whoever has shown more than the address is counted
apart from strangers. In the order of what they show:

- strangers, per account and client, per client, and per account over all clients, so that many do not add up;
- browsers in which the account was signed in to before (`known_browsers`), each by itself;
- whoever has given the right password and is asked for a code of the app;
- people who are signed in, and type their password once more.

Codes that were emailed are counted per account and client, and per client, and not per account over all clients: that
would keep out the owner, who may read them on another device than they asked on, and no guesser, who can ask for one.
"""

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from kernel import storage
from kernel.clock import epoch
from kernel.errors import TooManyRequestsError
from kernel.rate_limits import CounterItem, RateLimit, charge

_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)

_GUESSES = RateLimit("sign-in-pair", allowed=10, window=_QUARTER)
_GUESSES_AT_ACCOUNT = RateLimit("sign-in-account", allowed=100, window=_HOUR)
_GUESSES_BY_CLIENT = RateLimit("sign-in-client", allowed=60, window=_QUARTER)
_GUESSES_IN_BROWSER = RateLimit("sign-in-browser", allowed=10, window=_QUARTER)
_APP_CODES = RateLimit("app-code-pair", allowed=10, window=_QUARTER)
_APP_CODES_AT_ACCOUNT = RateLimit("app-code-account", allowed=60, window=_HOUR)
_APP_CODES_IN_BROWSER = RateLimit("app-code-browser", allowed=10, window=_QUARTER)
_STEP_UPS = RateLimit("step-up", allowed=10, window=_QUARTER)
_EMAILED_CODES = RateLimit("emailed-code-pair", allowed=10, window=_QUARTER)
_CODES_TO_PAIR = RateLimit("code-pair", allowed=5, window=_HOUR)
_CODES_TO_ADDRESS = RateLimit("code-address", allowed=20, window=_HOUR)
_CODES_BY_CLIENT = RateLimit("code-client", allowed=30, window=_HOUR)

# Apps show a code for half a minute, and Cognito takes the one before and the one after, too.
_APP_CODE_SECONDS = 180


def charge_guess(account: str, client_address: str, *, browser: str | None = None, now: datetime) -> None:
    """Count one try at a password; `browser` is the known browser's id. Raises `TooManyRequestsError`."""
    if browser:
        charge((_GUESSES_IN_BROWSER, f"{account} {browser}"), now=now)
        return
    charge(
        (_GUESSES, f"{account} {client_address}"),
        (_GUESSES_AT_ACCOUNT, account),
        (_GUESSES_BY_CLIENT, client_address),
        now=now,
    )


def charge_app_code(account: str, client_address: str, *, browser: str | None = None, now: datetime) -> None:
    """Count one try at a code of the app, by who knows the password. Raises `TooManyRequestsError`."""
    if browser:
        charge((_APP_CODES_IN_BROWSER, f"{account} {browser}"), now=now)
        return
    charge((_APP_CODES, f"{account} {client_address}"), (_APP_CODES_AT_ACCOUNT, account), now=now)


def charge_step_up(user_id: str, *, now: datetime) -> None:
    """Count one try at the password by who is signed in. Raises `TooManyRequestsError`."""
    charge((_STEP_UPS, user_id), now=now)


def charge_emailed_code(account: str, client_address: str, *, now: datetime) -> None:
    """Count one try at a code that was emailed. Raises `TooManyRequestsError`."""
    charge((_EMAILED_CODES, f"{account} {client_address}"), (_GUESSES_BY_CLIENT, client_address), now=now)


def may_send_code(account: str, client_address: str, *, browser: str | None = None, now: datetime) -> bool:
    """Count one email with a code, which signing up sends, too; False when enough were sent to the address.

    To whoever asks, the answer must then be as if another had been sent: the last one is still good, and a refusal
    would keep the owner from typing it. Raises `TooManyRequestsError` when the client itself asks too often.
    """
    charge((_CODES_BY_CLIENT, client_address), now=now)
    to_address = (
        [(_CODES_TO_PAIR, f"{account} {browser}")]
        if browser
        else [(_CODES_TO_PAIR, f"{account} {client_address}"), (_CODES_TO_ADDRESS, account)]
    )
    try:
        charge(*to_address, now=now)
    except TooManyRequestsError:
        return False
    return True


def use_app_code(user_id: str, code: str, *, now: datetime) -> bool:
    """Mark a code of the app as used; False if it was used before. One call."""
    digest = salted_hmac("accounts.app-code", f"{user_id}:{code}", algorithm="sha256").hexdigest()[:32]
    item = CounterItem(counter_key=f"app-code-used#{digest}", total=1, expires_at=epoch(now) + _APP_CODE_SECONDS)
    unused = CounterItem.counter_key.does_not_exist() | (CounterItem.expires_at < epoch(now))
    try:
        storage.write(storage.put("code", item, condition=unused))
    except storage.ConditionFailedError:
        return False
    return True
