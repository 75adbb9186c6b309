"""Static files where no bucket has them: those that `manage.py collect_files` collected, under their hashed names."""

import mimetypes
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

# Each content has a name of its own.
FOR_EVER = "public, max-age=31536000, immutable"
# Not known everywhere.
_TYPES = {".woff2": "font/woff2", ".js": "text/javascript", ".map": "application/json", ".svg": "image/svg+xml"}
_TEXT = ("text/", "application/json", "image/svg")


@require_safe
def static_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file, for browsers and fronts to keep for ever; 404 for every name that no page gives."""
    if name not in _names():
        raise Http404
    response = FileResponse(_files().open(name), content_type=content_type(name))
    response.headers["Cache-Control"] = FOR_EVER
    if not _is_text(name):
        # With a version it is not compressed: pictures and fonts are already.
        response.headers["ETag"] = f'"{name}"'
    return response


def content_type(name: str) -> str:
    """What a browser is told that the file is."""
    return f"{_kind(name)}; charset=utf-8" if _is_text(name) else _kind(name)


def _is_text(name: str) -> bool:
    return _kind(name).startswith(_TEXT)


def _kind(name: str) -> str:
    return _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


@cache
def _files() -> ManifestStaticFilesStorage:
    return ManifestStaticFilesStorage(location=str(settings.STATIC_ROOT), base_url=settings.STATIC_URL)


@cache
def _names() -> frozenset[str]:
    return frozenset(_files().hashed_files.values())
