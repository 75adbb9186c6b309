"""The tests' own admin site, and who opens it."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User, UserItem
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now
from tests.factories import orchards
from tests.factories.accounts import make_admin, make_customer


@pytest.fixture(scope="session", autouse=True)
def _tables(_cloud: None) -> None:
    orchards.make_tables()


@pytest.fixture(autouse=True)
def _own_site(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.factories.orchards"


def signed_in(actor: Actor) -> Client:
    """A browser in which this person is signed in."""
    item = UserItem(
        user_id=actor.user_id,
        email=f"{actor.user_id}@example.com",
        name="Ada Park",
        user_type=actor.role.value,
        created_at=now(),
    )
    storage.write(storage.put("user", item))
    row = storage.get_row(UserItem, actor.user_id)
    assert row is not None
    client = Client()
    client.force_login(User.from_row(row), backend="accounts.backends.CognitoBackend")
    return client


@pytest.fixture
def admin() -> Actor:
    return make_admin()


@pytest.fixture
def browser(admin: Actor) -> Client:
    """An admin's."""
    return signed_in(admin)


@pytest.fixture
def customer() -> Client:
    return signed_in(make_customer())
