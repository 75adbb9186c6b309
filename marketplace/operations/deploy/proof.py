"""Whether a deployed site works, found out by asking it."""

import re
import time
from collections.abc import Callable, Sequence
from functools import partial

import orjson
import urllib3

from marketplace.operations.deploy.names import Report
from marketplace.operations.deploy.site import Site

# A new name of CloudFront's is known everywhere, and a function's first answer there, within minutes.
_PATIENCE_SECONDS = 300
_PAUSE_SECONDS = 5
_LOADED = re.compile(r'(?:href|src)="(/static/[^"#]+)')


class ProofError(Exception):
    """The site does not answer as it should; the message says what was asked, and what came back."""


def prove(
    address: str, *, files: Sequence[str] = (), report: Report, patience_seconds: float = _PATIENCE_SECONDS
) -> None:
    """Ask for a page and all files that it loads, for `files`, the API, and the health of what the site stands on.

    Raises `ProofError` if one of them is not as it should be, after some minutes of trying.
    """
    site = Site(address)
    questions: dict[str, Callable[[Site], str]] = {"page": partial(_page, also=files), "API": _api, "health": _health}
    for what, question in questions.items():
        report(f"proof: {what}: {_persistently(question, site, patience_seconds)}")


def _persistently(question: Callable[[Site], str], site: Site, patience_seconds: float) -> str:
    give_up_at = time.monotonic() + patience_seconds
    while True:
        try:
            return question(site)
        except (ProofError, urllib3.exceptions.HTTPError) as error:
            if time.monotonic() > give_up_at:
                raise ProofError(str(error)) from error
        time.sleep(min(_PAUSE_SECONDS, patience_seconds))


def _page(site: Site, *, also: Sequence[str]) -> str:
    """The first page, each style sheet, script, font and icon that it names, and the other files; all of these are kept
    by browsers for ever.
    """
    page = _found(site, "/")
    if page.headers.get("Cache-Control") != "no-store":
        raise ProofError(f"GET /: may be kept: Cache-Control: {page.headers.get('Cache-Control')}")
    paths = sorted(set(_LOADED.findall(page.data.decode())))
    if not paths:
        raise ProofError("GET /: loads no style sheet")
    for path in [*paths, *also]:
        file = _found(site, path)
        if "immutable" not in file.headers.get("Cache-Control", ""):
            raise ProofError(f"GET {path}: browsers would ask for it again and again")
    return f"the first page and the {len(paths)} files that it loads are there, and {len(also)} others"


def _api(site: Site) -> str:
    answer = _found(site, "/api/v1/services")
    return f"{len(orjson.loads(answer.data)['results'])} services listed"


def _health(site: Site) -> str:
    answer = _found(site, "/api/v1/health?deep=1")
    return ", ".join(f"{part['name']} {part['status']}" for part in orjson.loads(answer.data)["parts"])


def _found(site: Site, path: str) -> urllib3.BaseHTTPResponse:
    answer = site.request("GET", path)
    if answer.status != 200 or not answer.data:
        raise ProofError(f"GET {path}: {answer.status}, {len(answer.data)} bytes: {answer.data[:300]!r}")
    return answer
