"""A laptop's templates: compiled once, and again after a change."""

import os
from pathlib import Path

import pytest
from django.template import Context, Engine, TemplateDoesNotExist


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    files = ("django.template.loaders.filesystem.Loader", [tmp_path])
    return Engine(loaders=[("marketplace.laptop.template_loader.FreshTemplatesLoader", [files])])


def write(path: Path, text: str, *, seconds: int) -> None:
    path.write_text(text)
    os.utime(path, (seconds, seconds))


def test_a_template_is_compiled_once(engine: Engine, tmp_path: Path) -> None:
    write(tmp_path / "page.html", "as it was", seconds=1)

    assert engine.get_template("page.html") is engine.get_template("page.html")


def test_a_change_shows_at_once_in_what_is_extended_and_included_too(engine: Engine, tmp_path: Path) -> None:
    write(tmp_path / "base.html", "old base {% block content %}{% endblock %}", seconds=1)
    write(tmp_path / "part.html", "old part", seconds=1)
    write(
        tmp_path / "page.html",
        '{% extends "base.html" %}{% block content %}{% include "part.html" %}{% endblock %}',
        seconds=1,
    )
    assert engine.get_template("page.html").render(Context()) == "old base old part"

    write(tmp_path / "base.html", "new base {% block content %}{% endblock %}", seconds=2)
    write(tmp_path / "part.html", "new part", seconds=2)

    assert engine.get_template("page.html").render(Context()) == "new base new part"


def test_a_template_that_was_missing_is_found_once_it_is_there(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(TemplateDoesNotExist):
        engine.get_template("late.html")

    write(tmp_path / "late.html", "here", seconds=1)

    assert engine.get_template("late.html").render(Context()) == "here"


def test_a_template_that_is_gone_is_not_shown_from_memory(engine: Engine, tmp_path: Path) -> None:
    write(tmp_path / "page.html", "as it was", seconds=1)
    engine.get_template("page.html")

    (tmp_path / "page.html").unlink()

    with pytest.raises(TemplateDoesNotExist):
        engine.get_template("page.html")


def test_what_another_thread_has_only_just_compiled_is_taken(engine: Engine, tmp_path: Path) -> None:
    write(tmp_path / "page.html", "as it was", seconds=1)
    compiled = engine.get_template("page.html")
    del compiled.file_changed_at  # type: ignore[attr-defined]

    assert engine.get_template("page.html") is compiled
