"""One spelling of each address, and what other systems write around it."""

import pytest

from kernel.addresses import canonical_email, parse_mailbox, reachable_email
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
    "address",
    [
        "ann@localhost",
        "ann@[127.0.0.1]",
        "ann@[IPv6:::1]",
        "ann@127.0.0.1",
        "ann@example.c",
        "ann@example.123",
        "ann@foo_bar.example",
        "ann@-a.example",
        "ann@a-.example",
        "ann@a..example",
        f"ann@{'a' * 64}.example",
        f"ann@{'a.' * 130}example",
        f"{'a' * 65}@example.com",
        "jos\u00e9@example.com",
        "b\u0131ll@example.com",
        "ann..doe@example.com",
        ".ann@example.com",
        "ann doe@example.com",
        "ann@example.com, bob@example.com",
        "ann@example.com;bob@example.com",
        "<ann@example.com>",
        "Ann <ann@example.com",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann\u2028@example.com",
        '"ann\r\nBcc: bob"@example.com',
        '"ann\x01"@example.com',
        '""@example.com',
        '"ann"bob"@example.com',
    ],
)
def test_what_no_email_reaches_is_no_address_to_give(address: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        reachable_email(address)
    assert [error.field for error in refused.value.errors] == ["email"]


@pytest.mark.parametrize(
    ("address", "email"),
    [
        ("Ann.O'Neil+x@Example.COM", "ann.o'neil+x@example.com"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@\u4f8b\u3048.\u30c6\u30b9\u30c8", "ann@xn--r8jz45g.xn--zckzah"),
        ('"ann, doe"@example.com', '"ann, doe"@example.com'),
        ("ann@mail.2go.example.museum", "ann@mail.2go.example.museum"),
    ],
)
def test_what_emails_reach_is_an_address_to_give(address: str, email: str) -> None:
    assert reachable_email(address) == email


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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ann",
        "Ann Doe",
        "a@example.com, b@example.com",
        "a@example.com\nb@example.com",
        # Over these Python's own parser stumbles.
        ", :",
        '.=?\u00e9:=?."',
        "(:<a).,?=",
        "ab@[ ",
        "(" * 2000,
    ],
)
def test_what_is_not_one_mailbox_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_mailbox(text)
