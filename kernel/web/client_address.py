"""The network address that a request came from, as far as it can be believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare


def client_address(request: HttpRequest) -> str:
    """The address of the client as rate limits know it: an IPv4 address, or the /64 network of an IPv6 one.

    Each proxy appends the address it was called from to X-Forwarded-For, so only the last `TRUSTED_PROXY_HOPS` entries
    were written by our own proxies; whatever stands before them, the caller may have made up. A request with fewer
    entries did not come through them, and counts for the address that the connection came from.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXY_HOPS
    if hops > 1 and not came_through_front(request):
        # Whoever calls the inner proxy itself is one hop nearer, and wrote what would be the outer one's entry.
        hops -= 1
    if hops:
        forwarded = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= hops:
            address = forwarded[-hops]
    return _subject(address)


def came_through_front(request: HttpRequest) -> bool:
    """Whether the outermost proxy sent the request: it alone knows the secret that it sends with each."""
    secret, shown = settings.FRONT_SECRET, request.META.get("HTTP_X_FRONT_SECRET", "")
    return bool(secret) and constant_time_compare(secret, shown)


def _subject(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A Unix socket has no address, and a proxy may write "unknown": all of these share one allowance.
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        # One customer of a provider has a whole /64 to choose addresses from.
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
