"""What a browser keeps of the site for when there is no network: one page, the same for everybody."""

import hashlib
from base64 import b64encode
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from kernel.web.security_headers import csp_header

_STYLE = """\
:root { color-scheme: light dark; --paper: #fbf8f3; --ink: #211d17; --action: #14573a; }
@media (prefers-color-scheme: dark) { :root { --paper: #161410; --ink: #efece6; --action: #6fcf9d; } }
body { margin: 0; font: 100%/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 36rem; margin: 0 auto; padding: 10vh 1rem; }
h1 { font-size: 1rem; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.5rem; line-height: 1.2; }
a { display: inline-block; padding: .75rem 0; color: var(--action); }
"""


@lru_cache(maxsize=1)
def _page() -> str:
    context = {"site_name": settings.SITE_NAME, "style": mark_safe(_STYLE)}  # noqa: S308
    return render_to_string("pages/about/offline.html", context)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page, in all languages: nothing in it depends on who asks."""
    response = HttpResponse(_page(), headers={"Cache-Control": "public, max-age=300"})
    # Its own style and nothing else: what it would load is not there.
    style_hash = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = {name: ["'none'"] for name in ("default-src", "form-action", "base-uri", "frame-ancestors")}
    response.headers["Content-Security-Policy"] = csp_header(policy | {"style-src": [f"'sha256-{style_hash}'"]})
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the page; it changes with the page, so that browsers fetch the page anew."""
    context = {"version": hashlib.sha256(_page().encode()).hexdigest()[:12], "page": reverse("offline")}
    script = render_to_string("pages/about/service-worker.js", context)
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
