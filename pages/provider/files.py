"""Files that a provider downloads."""

from collections.abc import Iterable

from django.http import HttpResponse


def csv_file(name: str, lines: Iterable[str]) -> HttpResponse:
    """The lines as a CSV file of that name, with the mark by which spreadsheets know UTF-8."""
    response = HttpResponse("\ufeff" + "".join(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
