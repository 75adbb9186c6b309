"""The customers of the demo data, and the owners of its firms."""

import unicodedata
import uuid
from datetime import datetime, timedelta

from kernel.actors import Role
from kernel.values import dataclass
from marketplace.laptop.demo.chance import seeded
from marketplace.laptop.demo.content import CITIES, City

CUSTOMERS_PER_CITY = 36
# The people who can sign in.
ADMIN_EMAIL = "admin@example.com"
CUSTOMER_EMAIL = "customer@example.com"
PROVIDER_EMAIL = "provider@example.com"
ACCOUNT_EMAILS = (CUSTOMER_EMAIL, PROVIDER_EMAIL, ADMIN_EMAIL)

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "demo.example.com")
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the users table; only the demo accounts can sign in."""

    user_id: str
    email: str
    name: str
    role: Role
    city: City
    address: str
    created_at: datetime


def make_person(role: Role, city: City, number: int, now: datetime, *, email: str = "") -> Person:
    """The `number`-th person of that role in the city, registered one to two years before `now`.

    The `email` is made up unless it is given, the id in any case: whoever has an account has another one in truth.
    """
    rng = seeded("person", role, city.name, number)
    name = f"{city.given_names[number % len(city.given_names)]} {rng.choice(city.family_names)}"
    return Person(
        user_id=str(uuid.uuid5(_NAMESPACE, f"{role}/{city.name}/{number}")),
        email=email or f"{_mailbox(name)}.{role}{number}@{_mailbox(city.name)}.example.com",
        name=name,
        role=role,
        city=city,
        address=city.address.format(
            number=rng.randrange(1, 240), street=rng.choice(city.streets), district=rng.choice(city.districts).name
        ),
        created_at=now - timedelta(seconds=rng.randrange(365 * _DAY_SECONDS, 730 * _DAY_SECONDS)),
    )


def demo_customer(now: datetime) -> Person:
    """The person with the account customer@example.com."""
    return make_person(Role.CUSTOMER, CITIES[0], CUSTOMERS_PER_CITY, now, email=CUSTOMER_EMAIL)


def demo_owner(now: datetime) -> Person:
    """The person with the account provider@example.com."""
    return make_person(Role.PROVIDER, CITIES[0], 0, now, email=PROVIDER_EMAIL)


def demo_admin(now: datetime) -> Person:
    """The person with the account admin@example.com."""
    return make_person(Role.ADMIN, CITIES[0], 0, now, email=ADMIN_EMAIL)


def make_caller(city: City, number: int, now: datetime) -> Person:
    """Somebody of the city who calls its firms and has no account."""
    return make_person(Role.CUSTOMER, city, CUSTOMERS_PER_CITY + 1 + number, now)


def make_customers(now: datetime) -> list[Person]:
    """All customers but the one with an account, city by city."""
    return [make_person(Role.CUSTOMER, city, number, now) for city in CITIES for number in range(CUSTOMERS_PER_CITY)]


def _mailbox(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return ".".join("".join(letter if letter.isalnum() else " " for letter in ascii_text).split())
