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
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])+"')
# A host that mail is sent to across the network: it has a name of its own below one of the root's.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--{_LABEL})")
# RFC 5321, without the angle brackets that it counts.
_MAX_LOCAL_LENGTH, _MAX_LENGTH = 64, 254


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


def reachable_email(address: str) -> str:
    """The canonical spelling of an address that email from here can reach; for those that people give.

    Such as `ann@localhost`, `ann@[127.0.0.1]` and `josé@example.com` are none, and several are not one. Raises
    `InvalidInputError` naming `email`.
    """
    email = canonical_email(address)
    local, _, domain = email.rpartition("@")
    is_written_so = local.isascii() and (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local))
    if not is_written_so or not _HOST.fullmatch(domain) or len(local) > _MAX_LOCAL_LENGTH or len(email) > _MAX_LENGTH:
        raise _not_an_address()
    return email


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
    header_text = text if text.isprintable() else ""
    try:
        header: Any = _headers()("To", header_text)
        found = header.addresses
    except Exception as error:
        # Python's parser has no word for what it cannot read: it stumbles.
        raise _not_an_address() from error
    if len(found) != 1:
        raise _not_an_address()
    return canonical_email(found[0].addr_spec)


@cache
def _headers() -> HeaderRegistry:
    return HeaderRegistry()


def _not_an_address() -> InvalidInputError:
    return InvalidInputError.of("email", sentence("Enter a valid email address."))
