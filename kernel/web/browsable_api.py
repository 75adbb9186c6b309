"""The API as pages, for people who explore it in a browser."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer as RestBrowsableAPIRenderer

from kernel.web.security_headers import allow_api_page


class BrowsableAPIRenderer(RestBrowsableAPIRenderer):
    """DRF's, with a policy of contents that its pages can live with."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> str:
        page: str = super().render(data, accepted_media_type, renderer_context)
        if renderer_context is not None:
            allow_api_page(renderer_context["response"])
        return page
