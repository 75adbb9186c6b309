import pytest
from django.test import RequestFactory
from pytest_django import Settings

from kernel.web.client_address import client_address

PEER = "203.0.113.9"


def address_of(forwarded: str | None, *, peer: str = PEER, shown: str | None = None) -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=peer)
    if shown is not None:
        request.META["HTTP_X_FRONT_SECRET"] = shown
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


@pytest.mark.parametrize("forwarded", [None, "198.51.100.1", "198.51.100.1, 198.51.100.2"])
def test_without_proxies_only_the_connection_counts(settings: Settings, forwarded: str | None) -> None:
    settings.TRUSTED_PROXY_HOPS = 0
    assert address_of(forwarded) == PEER


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.1.1.1, 2.2.2.2, 198.51.100.1", "198.51.100.1"),
        (2, "198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (2, None, PEER),
        (2, "", PEER),
    ],
)
def test_what_stands_before_our_own_proxies_is_made_up(
    settings: Settings, hops: int, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXY_HOPS = hops
    settings.FRONT_SECRET = "known to the front"
    assert address_of(forwarded, shown="known to the front") == expected


@pytest.mark.parametrize("secret", ["known to the front", ""])
@pytest.mark.parametrize("shown", ["", "guessed", None])
@pytest.mark.parametrize("forwarded", ["6.6.6.6, 198.51.100.1", "6.6.6.6, 7.7.7.7, 198.51.100.1", "198.51.100.1"])
def test_who_passes_the_front_by_cannot_choose_an_address(
    settings: Settings, forwarded: str, shown: str | None, secret: str
) -> None:
    settings.TRUSTED_PROXY_HOPS = 2
    settings.FRONT_SECRET = secret
    assert address_of(forwarded, shown=shown) == "198.51.100.1"


def test_ten_thousand_spoofed_addresses_are_one(settings: Settings) -> None:
    settings.TRUSTED_PROXY_HOPS = 1
    made_up = (f"10.{number // 250 % 250}.{number % 250}.1, 198.51.100.1" for number in range(10_000))
    assert {address_of(forwarded) for forwarded in made_up} == {"198.51.100.1"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("", "unknown"),
        ("unknown", "unknown"),
        ("198.51.100.1:443", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_forms_of_addresses(settings: Settings, address: str, expected: str) -> None:
    settings.TRUSTED_PROXY_HOPS = 0
    assert address_of(None, peer=address) == expected
