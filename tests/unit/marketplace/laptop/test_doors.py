"""The embedded cloud's doors: shut to pages in browsers, but for a signed upload from the site itself."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from marketplace.laptop.embedded_cloud.doors import Uploads, guarded
from marketplace.laptop.embedded_cloud.iam import ROOT

SITE = "http://localhost:8000"


async def cloud(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"access-control-allow-origin", b"*"), (b"Access-Control-Allow-Methods", b"*"), (b"etag", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def ask(
    headers: dict[str, str], *, method: str = "GET", path: str = "/", query: bytes = b"", body: bytes = b""
) -> tuple[int, Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": raw}
    guard = guarded(cloud, hosts=["cloud.example"], uploads=Uploads("media", SITE))
    run: Any = guard(scope, receive, send)
    # In a thread of its own: a browser that other tests opened keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run).result()
    return sent[0]["status"], {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:4566",
        "localhost:4566",
        "[::1]:4566",
        "media.s3.localhost:4566",
        "a1.execute-api.localhost",
        "media.s3.us-east-1.amazonaws.com",
        "cloud.example:4566",
    ],
)
def test_programs_reach_it_by_its_names_and_get_no_cors_headers(host: str) -> None:
    assert ask({"Host": host}) == (200, {"etag": "1"})


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evilamazonaws.com", "", "[::1", "0"]
)
def test_a_name_that_somebody_else_had_lead_here_is_refused(host: str) -> None:
    assert ask({"Host": host})[0] == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", SITE, "http://127.0.0.1:4566"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_every_page_is_refused_without_cors_headers(origin: str, method: str) -> None:
    status, headers = ask({"Host": "127.0.0.1:4566", "Origin": origin}, method=method, path="/media")
    assert status == 403
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "query", [b"Action=CreateStack&StackName=a", b"a=b&Action=SendMessage", b"%41ction=CreateUser"]
)
def test_what_a_page_only_loads_gives_no_orders(query: bytes) -> None:
    host = {"Host": "127.0.0.1:4566"}
    assert ask(host, query=query)[0] == ask(host, query=query, method="HEAD")[0] == 403
    assert ask(host, query=query, method="POST")[0] == 200
    assert ask(host, path="/media/photo", query=b"response-content-type=Action")[0] == 200


def form(*, bucket: str = "media", secret: str = ROOT.secret, seconds: int = 60) -> bytes:
    session = botocore.session.get_session()
    session.set_credentials(ROOT.access_key_id, secret)
    s3: Any = session.create_client("s3", region_name="us-east-1", config=Config(signature_version="s3v4"))
    fields = s3.generate_presigned_post(bucket, "photo.png", ExpiresIn=seconds)["fields"]
    parts = [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n\x89PNG\r\n--b--\r\n'
    return ("".join(parts) + file).encode("latin-1")


def upload(body: bytes, *, origin: str = SITE, path: str = "/media") -> tuple[int, Any]:
    headers = {"Host": "127.0.0.1:4566", "Origin": origin, "Content-Type": "multipart/form-data; boundary=b"}
    return ask(headers, method="POST", path=path, body=body)


def test_a_signed_upload_from_the_site_is_let_in_and_read_by_the_site_alone() -> None:
    status, headers = upload(form())
    assert status == 200
    assert headers == {"etag": "1", "access-control-allow-origin": SITE, "vary": "Origin"}


def test_a_form_of_the_site_s_without_a_script_is_let_in_and_nobody_reads_the_answer() -> None:
    status, headers = upload(form(), origin="null")
    assert status == 200
    assert "access-control-allow-origin" not in headers
    assert upload(form(secret="another"), origin="null")[0] == 403


def test_a_script_of_the_site_s_may_ask_whether_it_may_upload_and_nobody_else_may() -> None:
    def asked(origin: str, path: str = "/media", method: str = "POST") -> int:
        headers = {"Host": "127.0.0.1:4566", "Origin": origin, "Access-Control-Request-Method": method}
        return ask(headers, method="OPTIONS", path=path)[0]

    assert asked(SITE) == 204
    assert asked("https://evil.example") == asked("null") == asked(SITE, path="/documents") == 403
    assert asked(SITE, method="PUT") == 403


def test_no_other_upload_is() -> None:
    assert upload(form(), origin="https://evil.example")[0] == 403
    assert upload(form(), path="/documents")[0] == 403
    assert upload(form(bucket="documents"))[0] == 403
    assert upload(form(secret="guessed"))[0] == 403
    assert upload(form(seconds=-60))[0] == 403
    assert upload(b"--b--\r\n")[0] == 403
