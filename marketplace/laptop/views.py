"""Addresses of a laptop alone: all email that the embedded cloud took, the business metrics, and static files."""

from django.conf import settings
from django.contrib.staticfiles.views import serve
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from kernel import clock
from kernel.web.security_headers import csp_header
from marketplace.laptop import inbox_files, metric_files
from pages.parts import chart_bars


@require_safe
def inbox_list(request: HttpRequest) -> HttpResponse:
    """All email that the embedded cloud took, newest first."""
    return render(request, "laptop/inbox/list.html", {"emails": inbox_files.list_emails(_inbox_dir())})


@require_safe
def inbox_email(request: HttpRequest, email_id: str) -> HttpResponse:
    """One email: its headers and its parts."""
    email = inbox_files.read_email(_inbox_dir(), email_id)
    if email is None:
        raise Http404
    response = render(request, "laptop/inbox/email.html", {"email": email})
    # Its HTML parts are documents of their own.
    response.headers["Content-Security-Policy"] = csp_header(settings.SECURE_CSP | {"frame-src": ["'self'"]})
    return response


@require_safe
def inbox_part(request: HttpRequest, email_id: str, number: int) -> HttpResponse:
    """One part as its own document, for the frame that shows it and for downloads."""
    email = inbox_files.read_email(_inbox_dir(), email_id)
    if email is None or number >= len(email.parts):
        raise Http404
    part = email.parts[number]
    response = HttpResponse(part.content, content_type=part.content_type)
    # Somebody else's HTML on our origin: no script, no form, no cookie.
    response.headers["Content-Security-Policy"] = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    if part.filename:
        response.headers["Content-Disposition"] = f'attachment; filename="{part.filename}"'
    return response


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What happened in each of the last hours, as the dashboard of a deployed stage shows it."""
    if not settings.METRICS_DIR:
        raise Http404
    found = metric_files.read_series(settings.METRICS_DIR, clock.now())
    charts = [
        {
            "name": series.name,
            "total": series.text(sum(count for _, count in series.hours)),
            "bars": chart_bars([(f"{localtime(hour):%H}", count, series.text(count)) for hour, count in series.hours]),
        }
        for series in found.charted
    ]
    context = {"charts": charts, "others": found.others, "hours": metric_files.HOURS}
    return render(request, "laptop/metrics.html", context)


@require_safe
def static_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """A style sheet, a script, a font or a picture; a deployed stage has them in S3, or in front of the site."""
    # Django's word for: without DEBUG, too.
    response: HttpResponseBase = serve(request, path, insecure=True)
    # Kept, but asked for again each time: whoever writes it sees it at once.
    response.headers["Cache-Control"] = "no-cache"
    return response


def _inbox_dir() -> str:
    if not settings.INBOX_DIR:
        raise Http404
    return str(settings.INBOX_DIR)
