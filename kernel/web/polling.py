"""Answers that are asked for every few seconds."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.request import Request

from kernel.web.rest import ApiView


class PolledView(ApiView):
    """Base of the views that are asked every few seconds: an unchanged answer costs one GetItem and no body."""

    def unless_known(self, request: Request, tag: str, represent: Callable[[], dict[str, Any]]) -> HttpResponseBase:
        """304 if the caller has the answer with this ETag, else 200 with what `represent` makes."""
        response: HttpResponseBase | None = get_conditional_response(request, etag=f'"{tag}"')
        if response is None:
            response = self.detail(represent())
        response.headers["ETag"] = f'"{tag}"'
        patch_vary_headers(response, ["Authorization", "Cookie"])
        # A browser may keep it for its user, but asks each time.
        self.headers["Cache-Control"] = "private, no-cache"
        return response
