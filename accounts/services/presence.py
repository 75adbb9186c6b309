"""Accounts that were deleted or closed at Cognito itself, past the site, and what follows here."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from accounts import cognito
from accounts.domain import ROLE_BY_GROUP
from accounts.models import UserItem, UserTypeIndex
from accounts.services.access import end_sessions, send_away
from accounts.services.personal_data import erase_person
from kernel import storage

# An account is made before its first sign-in writes the row, and a list of the pool may be a little old.
_NEW_FOR = timedelta(hours=1)


def follow_account(user_id: str, *, now: datetime) -> bool:
    """Whether Cognito still has the account and lets it sign in; if not, its sessions and tokens end here, too, and
    what the person offers is withdrawn, with its appointments to come.

    A deleted account's person is erased by `follow_accounts`. May be repeated. Raises `BusyError`.
    """
    state = cognito.state_of(user_id)
    if state is cognito.AccountState.OPEN:
        return True
    # The row shows that the account is closed once all else is done: until then this is tried again.
    send_away(user_id, now=now)
    end_sessions(user_id, UserItem.disabled_at.set(UserItem.disabled_at | now))
    return False


def follow_accounts(now: datetime) -> Iterator[Callable[[], object]]:
    """For each account that was closed or deleted at Cognito, what closes it here or erases its person; each may fail
    by itself.
    """
    may_sign_in = dict(cognito.iterate_accounts())
    for role in ROLE_BY_GROUP.values():
        for row in storage.all_rows(UserItem, role.value, index=UserTypeIndex.Meta.index_name):
            user_id = row["user_id"]
            is_gone = user_id not in may_sign_in and row["created_at"] < now - _NEW_FOR
            # The list was read page by page, while accounts came and went.
            if is_gone and cognito.state_of(user_id) is cognito.AccountState.DELETED:
                yield partial(erase_person, user_id, now=now)
            elif not may_sign_in.get(user_id, True) and row.get("disabled_at") is None:
                yield partial(follow_account, user_id, now=now)
