"""One spelling of each address, and what other systems write around it."""

import pytest

from kernel.addresses import canonical_email, parse_mailbox
from kernel.errors import InvalidInputError


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("a@b\u00fccher.example", "a@xn--bcher-kva.example"),
        ("a@bu\u0308cher.example", "a@xn--bcher-kva.example"),
        ("A@B\u00dcCHER.Example", "a@xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
        (" ann.DOE+x@Example.COM\n", "ann.doe+x@example.com"),
        # Two letters of two domains: the older rule made one of them.
        ("a@stra\u00dfe.example", "a@xn--strae-oqa.example"),
        # Full-width letters, and the full stop of Japanese.
        ("a@\uff45xample\u3002com", "a@example.com"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),
        ("a@foo_bar.example", "a@foo_bar.example"),
        ('"Ann.Doe"@example.com', "ann.doe@example.com"),
        ('"a\\+x"@example.com', "a+x@example.com"),
        # These need their quotes.
        ('"a b"@example.com', '"a b"@example.com'),
        ('"a@b"@example.com', '"a@b"@example.com'),
        ('"a..b"@example.com', '"a..b"@example.com'),
        ('""@example.com', '""@example.com'),
        ("a@example.com.", "a@example.com"),
        ("a@b\u00fccher.example.", "a@xn--bcher-kva.example"),
    ],
)
def test_every_spelling_of_an_address_becomes_one(address: str, canonical: str) -> None:
    assert canonical_email(address) == canonical
    assert canonical_email(canonical) == canonical


@pytest.mark.parametrize("text", ["", "a", "@example.com", "a@", "a@\u2603.example", "a@\u00e9..example"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        canonical_email(text)
    assert [error.field for error in refused.value.errors] == ["email"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ann Doe <Ann@Example.com>", "ann@example.com"),
        ('"Doe, Ann" <ann@example.com>', "ann@example.com"),
        ("<ann@example.com>", "ann@example.com"),
        ("ann@example.com (at home)", "ann@example.com"),
        ("=?utf-8?q?J=C3=BCrgen?= <j@example.com>", "j@example.com"),
        ("J\u00fcrgen <j@b\u00fccher.example>", "j@xn--bcher-kva.example"),
        ("ann@example.com", "ann@example.com"),
    ],
)
def test_the_address_is_taken_from_what_is_around_it(text: str, address: str) -> None:
    assert parse_mailbox(text) == address


@pytest.mark.parametrize("text", ["", "Ann", "Ann Doe", "a@example.com, b@example.com", "a@example.com\nb@example.com"])
def test_what_is_not_one_mailbox_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_mailbox(text)
