"""A deployed site, asked as its visitors ask it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import urllib3
from django.conf import settings


class Site:
    """The site at an address as `manage.py deploy` says it; what DNS and TLS do, the embedded cloud is told instead."""

    def __init__(self, address: str) -> None:
        self._http = urllib3.PoolManager(timeout=30, retries=False)
        if settings.AWS_ENDPOINT_URL:
            # Names of CloudFront lead to AWS.
            self._address = settings.AWS_ENDPOINT_URL
            self._headers = {"Host": str(urlsplit(address).hostname), "X-Forwarded-Proto": "https"}
        else:
            self._address, self._headers = address, {}

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """What the site answers; what it redirects to is not followed. Raises urllib3's `HTTPError` if it does not."""
        sent = {"Accept": "*/*", **self._headers, **(headers or {})}
        return self._http.request(method, f"{self._address}{path}", body=body, headers=sent, redirect=False)
