"""Who may speak to the embedded cloud: programs of this machine, and no page that is open in a browser.

It asks nobody for credentials. A page of any site could otherwise read the tables, or have the cloud run its code.
A browser says where a page is from (`Origin`), and which name it believes to talk to (`Host`): a page that has its
own name lead to the loopback is known by that. It says nothing of where a page is from that only loads something, a
picture for example: such a request must not do anything here, whatever AWS would take by it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from marketplace.laptop.embedded_cloud.iam import ROOT, ASGIApplication

# Names of AWS's services, of which some are served here. Nobody else can have one lead to this machine.
_EMULATED = (".localhost", ".amazonaws.com", ".cloudfront.net")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# What a browser says for a form of a page that lets no other site know where it is, as ours do.
_UNTOLD = "null"
_MAX_UPLOAD_BYTES = 32 * 1024 * 1024


class Uploads(NamedTuple):
    """What a page of the site may send: a form with a signed policy, to this bucket."""

    bucket: str
    origin: str


def guarded(
    application: ASGIApplication, *, hosts: Collection[str] = (), uploads: Uploads | None = None
) -> ASGIApplication:
    """The application, for requests without `Origin` and for a `Host` that is the loopback, a name of AWS's or listed.

    No answer carries CORS headers, but the one to an upload that `uploads` allows.
    """

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin, allowed = headers.get("origin"), None
        is_welcome = _is_ours(headers.get("host", ""), hosts) and not _is_order_to_load(scope)
        if is_welcome and uploads is not None and _is_question(scope, headers, uploads):
            await _consent(uploads.origin, send)
            return
        if is_welcome and origin is not None:
            is_welcome = False
            if uploads is not None and _is_upload(scope, headers, uploads):
                body = await _body(receive)
                receive = _again(body)
                if _is_signed(headers["content-type"], body, uploads.bucket):
                    # What the answer says, only the site's own scripts may read.
                    is_welcome, allowed = True, uploads.origin if origin == uploads.origin else None
        if is_welcome:
            await application(scope, receive, _without_cors(send, allowed))
        else:
            await _refuse(scope, send)

    return guard


def _is_ours(host: str, hosts: Collection[str]) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return name in _LOOPBACK or name in hosts or name.endswith(_EMULATED)


def _is_order_to_load(scope: Any) -> bool:
    """Whether the address itself says what to do: older services of AWS take orders so, but nobody here gives any.

    The address of an image in a page could have the cloud make a queue, a user or a whole stack.
    """
    return scope.get("method") in ("GET", "HEAD") and "Action" in parse_qs(
        scope.get("query_string", b"").decode("latin-1")
    )


def _is_question(scope: Any, headers: dict[str, str], uploads: Uploads) -> bool:
    """Whether a browser asks, before a script's upload, if the site may send it: one that shows how far it is."""
    is_asked = scope.get("method") == "OPTIONS" and headers.get("access-control-request-method") == "POST"
    return is_asked and headers.get("origin") == uploads.origin and _is_to_bucket(scope, headers, uploads)


def _is_to_bucket(scope: Any, headers: dict[str, str], uploads: Uploads) -> bool:
    in_path = scope.get("path", "").strip("/") == uploads.bucket
    return in_path or (headers["host"].startswith(f"{uploads.bucket}.") and scope.get("path") == "/")


def _is_upload(scope: Any, headers: dict[str, str], uploads: Uploads) -> bool:
    is_form = headers.get("content-type", "").startswith("multipart/form-data")
    is_from_site = headers["origin"] in (uploads.origin, _UNTOLD)
    return scope.get("method") == "POST" and is_form and is_from_site and _is_to_bucket(scope, headers, uploads)


def _is_signed(content_type: str, body: bytes, bucket: str) -> bool:
    """Whether the form carries a policy for the bucket that has not ended, signed with this cloud's key."""
    form = message_from_bytes(f"content-type: {content_type}\r\n\r\n".encode("latin-1") + body)
    fields = {
        str(part.get_param("name", header="content-disposition")).lower(): part.get_payload(decode=True)
        for part in (form.get_payload() if form.is_multipart() else ())
        if not isinstance(part, str)
    }
    policy, credential, signature = (
        bytes(fields.get(name) or b"") for name in ("policy", "x-amz-credential", "x-amz-signature")
    )
    try:
        _, day, region, service, _ = credential.decode().split("/")
        document = json.loads(base64.b64decode(policy))
        ends_at = datetime.fromisoformat(document["expiration"])
        is_for_bucket = {"bucket": bucket} in document["conditions"] or ["eq", "$bucket", bucket] in document[
            "conditions"
        ]
    except (ValueError, KeyError, TypeError):
        return False
    key = f"AWS4{ROOT.secret}".encode()
    for scope in (day, region, service, "aws4_request"):
        key = hmac.digest(key, scope.encode(), "sha256")
    expected = hmac.new(key, policy, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(signature, expected) and is_for_bucket and ends_at > datetime.now(UTC)


async def _body(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body") or len(body) > _MAX_UPLOAD_BYTES:
            return bytes(body)


def _again(body: bytes) -> Any:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _without_cors(send: Any, allowed: str | None) -> Any:
    async def send_on(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, value)
                for name, value in message.get("headers", ())
                if not name.lower().startswith(b"access-control-")
            ]
            if allowed is not None:
                headers += [(b"access-control-allow-origin", allowed.encode()), (b"vary", b"Origin")]
            message = {**message, "headers": headers}
        await send(message)

    return send_on


async def _consent(origin: str, send: Any) -> None:
    headers = [
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-allow-methods", b"POST"),
        (b"vary", b"Origin"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    text = b"The embedded cloud answers programs of this machine only; CLOUD_HOSTS names other hosts of it.\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": text})
