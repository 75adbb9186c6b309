"""System checks: whether what the environment says about reaching AWS holds for DynamoDB, too.

botocore's clients, which serve all other services, obey more of these variables than the transport does. None of them
is to be disregarded without a word.
"""

import ssl
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.core.exceptions import ImproperlyConfigured

from kernel.storage.proxies import certificates, named_proxy, proxy_for
from kernel.storage.transport import endpoint_url

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_DISREGARDED = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")


def check_way_to_dynamodb(**_: Any) -> list[CheckMessage]:
    """What is wrong with the proxy, the certificates and the endpoint that the environment names."""
    return [*_proxy_faults(), *_certificate_faults(), *_disregarded_variables()]


def _proxy_faults() -> list[CheckMessage]:
    target = urlsplit(endpoint_url())
    try:
        proxy_for(endpoint_url())
    except ImproperlyConfigured as error:
        return [Error(str(error), id="storage.E001")]
    if target.scheme == "http" and target.hostname not in _LOOPBACK and named_proxy(target):
        return [
            Warning(
                f"HTTP_PROXY is not used for DynamoDB: {target.netloc} is reached directly.",
                hint=f"Add {target.hostname} to NO_PROXY, or name an https:// address.",
                id="storage.W001",
            )
        ]
    return []


def _certificate_faults() -> list[CheckMessage]:
    bundle = certificates()
    try:
        ssl.create_default_context(cafile=bundle)
    except OSError as error:
        reason = f"{bundle} cannot be read as certificates ({error.strerror or error})."
        return [Error(reason, hint="Correct AWS_CA_BUNDLE or REQUESTS_CA_BUNDLE.", id="storage.E002")]
    return []


def _disregarded_variables() -> list[CheckMessage]:
    return [
        Warning(
            f"{name} is not obeyed for DynamoDB.",
            hint="Name the endpoint in AWS_ENDPOINT_URL_DYNAMODB, and unset the variable.",
            id="storage.W002",
        )
        for name in _DISREGARDED
        if getattr(settings, name)
    ]
