"""Somebody at a browser without scripts: keeps cookies, fills in forms, and goes where these lead."""

from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import urllib3

from marketplace.operations.deploy.site import Site


class VisitError(Exception):
    """A page is not what a visitor expects; the message says what was asked, and what came back."""


class Visitor:
    """One browser, at a deployed site."""

    def __init__(self, address: str) -> None:
        self._site, self._address = Site(address), address
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        """The page. Raises `VisitError` unless there is one."""
        answer = self._ask("GET", path)
        if answer.status != 200:
            raise VisitError(f"GET {path}: {answer.status} {answer.data[:300]!r}")
        return answer.data.decode()

    def submit(self, page: str, values: Mapping[str, str], *, action: str) -> str:
        """Fill in the page's form that goes to `action`, whatever its query, and send it; where it leads.

        Raises `VisitError`.
        """
        forms = _Forms()
        forms.feed(self.get(page))
        target = next((target for target in forms.found if target.partition("?")[0] == action), None)
        if target is None:
            raise VisitError(f"GET {page}: has no form to {action}, but to {sorted(forms.found)}")
        answer = self._ask("POST", target or page, urlencode({**forms.found[target], **values}).encode())
        if answer.status not in (302, 303):
            raise VisitError(f"POST {target or page}: {answer.status} {answer.data[:2000]!r}")
        return answer.headers["Location"]

    def _ask(self, method: str, path: str, body: bytes | None = None) -> urllib3.BaseHTTPResponse:
        headers = {
            "Accept": "text/html",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            # As browsers say it of a page over HTTPS. No Origin: the embedded cloud takes it for a page of its own.
            "Referer": f"{self._address}{path}",
            "User-Agent": "Mozilla/5.0 (rehearsal)",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self._site.request(method, path, body=body, headers=headers)
        for line in answer.headers.getlist("Set-Cookie"):
            self._cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        return answer


class _Forms(HTMLParser):
    """By where it goes, the fields of each form that changes something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None
        self._named = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            is_post = given.get("method", "get").lower() == "post"
            self._fields = self.found.setdefault(given.get("action", ""), {}) if is_post else None
        if self._fields is None:
            return
        if tag == "input" and given.get("name"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self._fields[given["name"]] = given.get("value", "")
        elif tag in ("select", "textarea"):
            self._named = given.get("name", "")
            self._fields.setdefault(self._named, "")
        elif tag == "option" and "selected" in given:
            self._fields[self._named] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
