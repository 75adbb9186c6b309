"""Email addresses: one spelling for each mailbox, and what other systems write around it."""

import re
import unicodedata
from email.headerregistry import HeaderRegistry
from functools import cache
from typing import Any

from kernel.errors import InvalidInputError
from kernel.sentences import sentence

# What stands before an `@` without quotes (RFC 5322), with the letters of all scripts.
_DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")


def canonical_email(address: str) -> str:
    """The one spelling by which the address is known everywhere: in the user pool, in limits, in lists, in emails.

    Letters are composed and in lower case, the domain is in its ASCII form and without the full stop of the root,
    quotes that nothing needs are left out: `"Jo"@Bücher.example.` is `jo@xn--bcher-kva.example`, and the canonical
    spelling of a canonical spelling is itself. Raises
    `InvalidInputError` naming `email` for what is no address or has a domain that cannot exist.
    """
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain):
        raise _not_an_address()
    # Lower case may take letters apart again.
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", _unquoted(local)).lower())
    domain = domain.lower() if domain.isascii() else _ascii_domain(domain)
    return f"{local}@{domain.removesuffix('.')}"


def _unquoted(local: str) -> str:
    """The part before the `@` without quotes, where it is the same mailbox without them."""
    if not (len(local) > 2 and local[0] == local[-1] == '"'):
        return local
    content = re.sub(r"\\(.)", r"\1", local[1:-1])
    return content if _DOT_ATOM.fullmatch(content) else local


def _ascii_domain(domain: str) -> str:
    # Imported here: its tables would lengthen every cold start, and few domains need them.
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise _not_an_address() from error


def parse_mailbox(text: str) -> str:
    """The canonical address in `Ann Doe <ann@example.com>`, as servers report it, or in a bare address.

    Raises `InvalidInputError` naming `email` unless there is exactly one.
    """
    # A header cannot have line breaks; what has some is no mailbox.
    header: Any = _headers()("To", text if text.isprintable() else "")
    found = header.addresses
    if len(found) != 1:
        raise _not_an_address()
    return canonical_email(found[0].addr_spec)


@cache
def _headers() -> HeaderRegistry:
    return HeaderRegistry()


def _not_an_address() -> InvalidInputError:
    return InvalidInputError.of("email", sentence("Enter a valid email address."))
