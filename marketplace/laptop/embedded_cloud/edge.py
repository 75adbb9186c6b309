"""CloudFront before API Gateway and buckets: MiniStack's calls nothing that has a name of AWS's, its own included."""

import re
from typing import Any

_API = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$")


def enforce(port: int) -> None:
    """Let MiniStack's CloudFront ask MiniStack's API Gateway on this port, as AWS's does; before it starts."""
    # MiniStack takes its settings at import.
    from ministack.services import cloudfront

    forward = cloudfront._forward_to_origin

    def forward_here(
        origin: dict[str, Any],
        method: str,
        uri: str,
        query_string: str,
        headers: dict[str, str],
        body: bytes,
        viewer_is_https: bool,  # noqa: FBT001  (MiniStack's signature)
        client_ip: str = "127.0.0.1",
        viewer_x_forwarded_for: str = "",
    ) -> Any:
        api = _API.match(origin["domain_name"])
        if api:
            # By path: names of the loopback are not known everywhere.
            uri = f"/_aws/execute-api/{api[1]}{uri}"
            origin = {
                **origin,
                "domain_name": "127.0.0.1",
                "http_port": port,
                "protocol_policy": "http-only",
                # As API Gateway says of whoever it is called by; only HTTPS reaches it.
                "custom_headers": [*origin["custom_headers"], ("X-Forwarded-Proto", "https")],
            }
            # CloudFront writes whom it was called by, and API Gateway that CloudFront called it.
            seen = [*filter(None, [viewer_x_forwarded_for]), client_ip]
            viewer_x_forwarded_for, client_ip = ", ".join(seen), "127.0.0.1"
        return forward(
            origin, method, uri, query_string, headers, body, viewer_is_https, client_ip, viewer_x_forwarded_for
        )

    cloudfront._forward_to_origin = forward_here
    _encrypt_way_to_buckets()


def _encrypt_way_to_buckets() -> None:
    """CloudFront asks buckets by HTTPS; MiniStack's asks without a request, which counts as one in the clear."""
    from ministack.core.iam_evaluator import _request_origin
    from ministack.services import cloudfront

    serve = cloudfront._serve_s3_origin

    def serve_as_encrypted(*arguments: Any) -> Any:
        address, _ = _request_origin.get()
        before = _request_origin.set((address, True))
        try:
            return serve(*arguments)
        finally:
            _request_origin.reset(before)

    cloudfront._serve_s3_origin = serve_as_encrypted
