"""Who opens the admin."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User, UserItem
from kernel import storage
from kernel.actors import Role
from kernel.clock import now
from tests.factories.accounts import make_admin

SignedIn = Callable[..., Client]


@pytest.fixture
def signed_in() -> SignedIn:
    """Makes a browser in which somebody of a role is signed in: `signed_in(Role.SUPPORT, second_factor=False)`."""

    def sign_in(role: Role, *, second_factor: bool = True, language: str = "en") -> Client:
        item = UserItem(
            user_id=make_admin().user_id,
            email=f"{make_admin().user_id}@example.com",
            name="Ada Park",
            user_type=role.value,
            created_at=now(),
            second_factor=second_factor,
            language=language,
        )
        storage.write(storage.put("user", item))
        row = storage.get_row(UserItem, item.user_id)
        assert row is not None
        client = Client()
        client.force_login(User.from_row(row))
        return client

    return sign_in
