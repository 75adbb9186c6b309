"""Templates as a laptop reads them: compiled once, and again after their file has changed."""

from pathlib import Path
from typing import Any

from django.template import Template
from django.template.loaders import cached


class FreshTemplatesLoader(cached.Loader):
    """Django's caching loader, which asks before each use whether the file of a template has changed.

    A template that was not found is looked for again.
    """

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        key = self.cache_key(template_name, skip)
        known = self.get_template_cache.get(key)
        if known is not None and not (isinstance(known, Template) and _is_current(known)):
            self.get_template_cache.pop(key, None)
        template: Template = super().get_template(template_name, skip)
        if not hasattr(template, "file_changed_at"):
            template.file_changed_at = _changed_at(template)  # type: ignore[attr-defined]
        return template


def _changed_at(template: Template) -> int | None:
    """When the template's file was changed, in nanoseconds since 1970; None once it is gone."""
    try:
        return Path(template.origin.name).stat().st_mtime_ns
    except OSError:
        return None


def _is_current(template: Template) -> bool:
    if not hasattr(template, "file_changed_at"):
        # Another thread has only just compiled it.
        return True
    changed_at: int | None = template.file_changed_at
    return changed_at is not None and changed_at == _changed_at(template)
