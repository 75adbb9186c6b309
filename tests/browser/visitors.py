"""People with a browser: what they do on the site, and what their browser complains of."""

import os
import re
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response
from playwright.sync_api import Request as PageRequest

from tests.browser.screens import Screen

DEMO_PASSWORD = "Demo-Password-1"
WIDTHS = (375, 768, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_HEIGHT = 800
_MAIL_WITHIN_SECONDS = 60
# How long a page may take for anything, on a busy machine.
PATIENCE_MS = 20_000

_SIDEWAYS = "document.documentElement.scrollWidth > innerWidth + 1"


@dataclass
class Site:
    """A running site, and the environment that its processes have.

    `cookies` keeps who is signed in by role, so that not every test signs in; `later` the addresses at which the same
    site is some time ahead.
    """

    url: str
    environment: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)

    def is_own(self, address: str) -> bool:
        """Whether the address is the site's, now or later, or that of a file in one of its buckets."""
        parts, cloud_port = (
            urlsplit(address),
            self.environment.get("CLOUD_PORT") or os.environ.get("CLOUD_PORT", "4566"),
        )
        if parts.netloc == f"127.0.0.1:{cloud_port}":
            return parts.path.startswith(("/local-documents-", "/local-media-"))
        return any(parts.netloc == urlsplit(own).netloc for own in (self.url, *self.later))

    def mails_to(self, address: str) -> list[str]:
        """The texts of the emails to that address, newest first, as the laptop's inbox shows them."""
        listed = self._read("/inbox")
        rows = re.findall(r'href="(/inbox/\d+)">.*?</a>.*?<p>\s*(.*?)\s*</p>', listed, re.DOTALL)
        return [self._read(path) for path, to in rows if to == address]

    def code_for(self, address: str) -> str:
        """The six digits that were mailed to the address last."""
        return self._await_mail(address, r"\b(\d{6})\b")

    def expect_mail(self, address: str, text: str) -> None:
        """An email with that text, in whatever case, reaches the address: at once or soon."""
        self._await_mail(address, f"(?i)({re.escape(text)})")

    def _await_mail(self, address: str, pattern: str) -> str:
        """What the pattern's group is in the newest email to the address that has it."""
        deadline = time.monotonic() + _MAIL_WITHIN_SECONDS
        while time.monotonic() < deadline:
            for mail in self.mails_to(address):
                found = re.search(pattern, re.sub(r"<[^>]+>", " ", mail.partition("<article")[2]))
                if found:
                    return found[1]
            time.sleep(0.3)
        raise AssertionError(f"no email with {pattern} reached {address}")

    def _read(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path) as answer:  # noqa: S310
            text: str = answer.read().decode()
        return text


class Visitor:
    """Somebody at the site, with a browser of their own. `page` is Playwright's, `email` where they signed up."""

    def __init__(
        self,
        site: Site,
        browser: Browser,
        *,
        role: str | None = None,
        theme: Literal["light", "dark"] = "light",
        language: str = "en",
        width: int = 1280,
        has_javascript: bool = True,
    ) -> None:
        self.site = site
        self.email = ""
        self.problems: list[str] = []
        self._expected: set[int] = set()
        self._is_offline = False
        self._context = browser.new_context(
            base_url=site.url,
            color_scheme=theme,
            locale=language,
            viewport={"width": width, "height": _HEIGHT},
            java_script_enabled=has_javascript,
            storage_state=site.cookies.get(role) if role else None,
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self._listen()
        if role and role not in site.cookies:
            self.sign_in(f"{role}@example.com", DEMO_PASSWORD)
            site.cookies[role] = self._context.storage_state()

    def go(self, address: str, *, status: int = 200) -> Response:
        """Open a page, which must have that status."""
        self.expect_status(status)
        response = self.page.goto(address)
        assert response is not None
        assert response.status == status, f"{address}: {response.status}"
        return response

    def see(self, screen: Screen) -> None:
        """Open a screen, by the links that lead to it."""
        self.go(screen.address, status=screen.status)
        for link in screen.links:
            href = self.page.locator(link).first.get_attribute("href")
            assert href is not None
            self.go(href)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, from the page for it."""
        self.page.goto("/account/sign-in")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", password)
        self.page.click("main [type=submit]")
        self.page.wait_for_url(lambda url: "/account/sign-in" not in url)

    def expect_status(self, *statuses: int) -> None:
        """Answers with such a status are part of the test, no problem."""
        self._expected.update(statuses)

    def assert_accessible(self, *, rules: Sequence[str] = (), preload: bool = True) -> None:
        """The page has no fault that axe knows, or that those of its rules find, and does not scroll sideways.

        Without `preload` axe does not fetch the styles once more, which fails for those that another one imports.
        """
        faults = self.faults(rules=rules, preload=preload)
        assert not faults, faults

    def faults(self, *, rules: Sequence[str] = (), preload: bool = True) -> list[str]:
        """What axe finds wrong with the page, or those of its rules, and whether it scrolls sideways."""
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": preload}
        if rules:
            options["runOnly"] = list(rules)
        found = [
            f"{self.page.url}: {fault['id']}: {node['html'][:160]}"
            for fault in Axe().run(self.page, options=options).response["violations"]
            for node in fault["nodes"]
        ]
        return [*found, *([f"{self.page.url} scrolls sideways"] if self.scrolls_sideways() else [])]

    def scrolls_sideways(self) -> bool:
        """Whether something on the page is wider than the window."""
        return bool(self.page.evaluate(_SIDEWAYS))

    def lose_network(self) -> None:
        """Nothing can be fetched any more; that requests fail is part of the test."""
        self._is_offline = True
        self._context.set_offline(True)

    def find_network(self) -> None:
        """Everything can be fetched again."""
        self._context.set_offline(False)
        self._is_offline = False

    def leave(self) -> None:
        """Close the browser's window."""
        self._context.close()

    def _listen(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("request", self._note_foreign)

    def _note(self, kind: str, text: str) -> None:
        expected = any(f"status of {status}" in text for status in self._expected)
        if kind in ("error", "warning") and not expected and not self._is_offline:
            self.problems.append(f"{self.page.url}: {text}")

    def _note_failure(self, request: PageRequest) -> None:
        # Leaving a page ends what it still asks for.
        if request.failure != "net::ERR_ABORTED" and not self._is_offline:
            self.problems.append(f"{request.url}: {request.failure}")

    def _note_foreign(self, request: PageRequest) -> None:
        if not self.site.is_own(request.url):
            self.problems.append(f"a request to elsewhere: {request.url}")


# What the fixture `visit` gives: opens the site as somebody.
Visit = Callable[..., Visitor]
