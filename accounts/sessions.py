"""Django's session engine on DynamoDB.

The cookie's value is `<user id>.<256 random bits>`, with an empty user id before signing in. The table knows only its
SHA-256. As the value names the person, one BatchGetItem reads session and person together, and a session costs nothing
before the first look at it. A session lives for a fixed time from its beginning; it ends at once when it is deleted
(sign-out), or when the person's `session_epoch` or role changes or the account is disabled: see `middleware`.
"""

import hashlib
import re
import secrets
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.http import HttpRequest

from accounts.models import SessionItem, UserItem
from kernel import storage
from kernel.clock import epoch, now

_SECRET_BYTES = 32
# What a stranger's session holds is of use between two steps of signing up or in.
_STRANGER_SECONDS = 3600
_COOKIE_VALUE = re.compile(r"([0-9A-Za-z-]{0,64})\.([0-9A-Za-z_-]{43})")


class SessionStore(SessionBase):
    """One browser's session."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        # The person's row of the users table, once `load` has read it with the session.
        self.user_row: storage.Row | None = None
        # When the session began, in seconds since 1970; 0 until `load` has read it.
        self.begun_at = 0
        # Whether this request ended it: at a sign-out, or because it was ended from elsewhere.
        self.was_ended = False
        self._replaced_key: str | None = None

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key) and _COOKIE_VALUE.fullmatch(str(key)) is not None

    @property
    def _key(self) -> str:
        """The cookie's value, once there is one."""
        return str(self._session_key)

    def load(self) -> dict[str, Any]:
        """Session and person in one call; an unknown or ended session is an empty one without a key."""
        keys: list[storage.Key] = [(SessionItem, _storage_key(self._key))]
        user_id = _user_id(self._key)
        if user_id:
            keys.append((UserItem, user_id))
        session, *people = storage.get_rows(keys)
        if session is None or session["expires_at"] <= epoch(now()):
            self._session_key = None
            return {}
        self.user_row = people[0] if people else None
        self.begun_at = session["expires_at"] - self.get_session_cookie_age()
        content: dict[str, Any] = orjson.loads(session["content"])
        return content

    def exists(self, session_key: str) -> bool:
        """Whether a session is stored under the key."""
        return storage.get_row(SessionItem, _storage_key(session_key)) is not None

    def create(self) -> None:
        """Store the session under a fresh key, in place of the one that `cycle_key` retired."""
        user_id = self._get_session(no_load=True).get(SESSION_KEY, "")  # type: ignore[attr-defined]
        self._session_key = f"{user_id}.{secrets.token_urlsafe(_SECRET_BYTES)}"
        self.save(must_create=True)
        self.modified = True

    def cycle_key(self) -> None:
        """Give the session another key, and forget the old one, when it is next saved."""
        self._get_session()  # type: ignore[attr-defined]
        self._replaced_key = self._replaced_key or self._session_key
        self._session_key = None
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  (Django's signature)
        """Write the session: a new one only if the key is free, a stored one only if it has not ended meanwhile.

        Raises `CreateError` or `UpdateError`, as Django's middleware expects.
        """
        content = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if self._session_key is not None and not must_create and _user_id(self._key) != _owner(content):
            # A key belongs to one person: whoever signs in or changes over gets another.
            self.cycle_key()
        if self._session_key is None:
            self.create()
            return
        text = orjson.dumps(content).decode()
        try:
            if must_create:
                self._put(text)
            else:
                storage.write(self._update_write(text))
        except storage.ConditionFailedError as failure:
            raise (CreateError if must_create else UpdateError) from failure

    def _put(self, text: str) -> None:
        item = SessionItem(
            session_key=_storage_key(self._key),
            content=text,
            expires_at=epoch(now()) + self.get_expiry_age(),
        )
        new = storage.put("session", item, condition=SessionItem.session_key.does_not_exist())
        if self._replaced_key is None:
            storage.write(new)
        else:
            storage.transact([new, storage.delete("replaced", SessionItem, _storage_key(self._replaced_key))])
            self._replaced_key = None

    def _update_write(self, text: str) -> storage.Write:
        return storage.update(
            "session",
            SessionItem,
            _storage_key(self._key),
            actions=[SessionItem.content.set(text)],
            condition=SessionItem.expires_at > epoch(now()),
        )

    def flush(self) -> None:
        """End the session, and forget what it held."""
        super().flush()
        self.was_ended = True

    def get_expiry_age(self, **kwargs: Any) -> int:
        """For how many seconds a session lives, and the browser keeps its cookie, from the beginning on."""
        return int(super().get_expiry_age(**kwargs)) if self.get(SESSION_KEY) else _STRANGER_SECONDS

    def delete(self, session_key: str | None = None) -> None:
        """End the session with that key, or this one."""
        key = session_key or self._session_key
        if key is not None:
            storage.write(storage.delete("session", SessionItem, _storage_key(key)))

    @classmethod
    def clear_expired(cls) -> None:
        """Nothing to do: DynamoDB's TTL removes ended sessions."""


def _storage_key(cookie_value: str) -> str:
    return hashlib.sha256(cookie_value.encode()).hexdigest()


def owner_of_cookie(request: HttpRequest) -> str:
    """The id of the person whose session the browser has, or had until it ended; empty for a stranger's browser."""
    value = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return _user_id(value) if _COOKIE_VALUE.fullmatch(value) else ""


def _user_id(cookie_value: str) -> str:
    return cookie_value.partition(".")[0]


def _owner(content: dict[str, Any]) -> str:
    return str(content.get(SESSION_KEY, ""))
