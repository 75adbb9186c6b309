"""How the environment says that AWS is reached: through which proxy, and with which certificates it is believed.

The names are those of botocore, whose clients serve the other services.
"""

from base64 import b64encode
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from botocore.httpsession import get_cert_path
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Proxy(NamedTuple):
    """An HTTP proxy that opens tunnels (CONNECT)."""

    host: str
    port: int
    # The value of Proxy-Authorization, if the proxy wants a name and a password.
    authorization: str | None


def proxy_for(url: str) -> Proxy | None:
    """The proxy between here and an address: that of HTTPS_PROXY unless NO_PROXY lists the host.

    An address without TLS is always reached directly. Raises `ImproperlyConfigured` for a proxy of another kind.
    """
    target = urlsplit(url)
    address = named_proxy(target)
    if address is None or target.scheme != "https":
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    try:
        host, port = proxy.hostname, proxy.port or 80
    except ValueError:
        host, port = None, 0
    if proxy.scheme != "http" or not host:
        # The address is not repeated: it may hold a password.
        raise ImproperlyConfigured(
            "HTTPS_PROXY must be http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT; requests to DynamoDB go through "
            "no other kind of proxy"
        )
    authorization = None
    if proxy.username is not None:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        authorization = f"Basic {b64encode(pair.encode()).decode()}"
    return Proxy(host, port, authorization)


def named_proxy(target: SplitResult) -> str | None:
    """What HTTPS_PROXY or HTTP_PROXY says for an address, unless NO_PROXY lists its host."""
    if proxy_bypass(target.netloc):
        return None
    return getproxies().get(target.scheme)


def certificates() -> str:
    """The file of the authorities to believe: the setting AWS_CA_BUNDLE, or botocore's own."""
    return settings.AWS_CA_BUNDLE or str(get_cert_path(verify=True))
