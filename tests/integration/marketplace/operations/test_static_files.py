"""Static files are collected by content, listed in the package, and uploaded once."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy import destruction
from marketplace.operations.deploy.static_files import (
    StaticFilesError,
    add_list,
    collect,
    samples,
    upload,
)
from marketplace.operations.provisioning import provision
from marketplace.serving.static_files import content_type


@pytest.fixture
def bucket() -> Iterator[str]:
    """The stage's bucket of static files, which is empty again afterwards."""
    name = provision(settings.STAGE)["STATIC_BUCKET_NAME"]
    yield name
    destruction._empty(name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files of the site and of the libraries whose pages it has."""
    path: Path = tmp_path_factory.mktemp("static")
    collect(path)
    return path


def packaged(tmp_path: Path, folder: Path) -> Path:
    package = tmp_path / "package.zip"
    zipfile.ZipFile(package, "w").close()
    add_list(package, folder)
    return package


def test_every_file_is_named_by_its_content_and_refers_to_others_so(folder: Path) -> None:
    names = json.loads((folder / "staticfiles.json").read_text())["paths"]
    assert {"build/site.css", "admin/css/base.css", "fonts/figtree-latin.woff2"} <= names.keys()
    assert all(plain != hashed for plain, hashed in names.items())
    assert names["fonts/figtree-latin.woff2"].rpartition("/")[2] in (folder / names["build/site.css"]).read_text()


def test_they_are_uploaded_once_and_kept_for_ever(tmp_path: Path, folder: Path, bucket: str) -> None:
    package, said = packaged(tmp_path, folder), list[str]()
    upload(package, folder, bucket, report=said.append)
    upload(package, folder, bucket, report=said.append)
    (first, again) = said
    assert first.endswith(" uploaded, 0 were there")
    assert again.startswith("static files: 0 uploaded, ")
    for address in samples(package):
        file = client("s3").head_object(Bucket=bucket, Key=address.removeprefix("/"))
        assert file["CacheControl"] == "public, max-age=31536000, immutable"


def test_a_package_whose_files_are_nowhere_is_refused(tmp_path: Path, folder: Path, bucket: str) -> None:
    package = packaged(tmp_path, folder)
    with pytest.raises(StaticFilesError, match="deploy without --package"):
        upload(package, tmp_path, bucket, report=lambda line: None)


def test_a_file_that_refers_to_none_stops_the_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("@font-face{src:url('fonts/absent.woff2')}")
    monkeypatch.setattr(settings, "STATICFILES_DIRS", [source])
    monkeypatch.setattr("marketplace.operations.deploy.static_files.get_finders", lambda: [_finder()])
    with pytest.raises(StaticFilesError, match=r"absent\.woff2"):
        collect(tmp_path / "collected")


def _finder() -> object:
    from django.contrib.staticfiles.finders import FileSystemFinder

    return FileSystemFinder()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("site.0a.css", "text/css; charset=utf-8"),
        ("site.0a.js", "text/javascript; charset=utf-8"),
        ("mark.0a.svg", "image/svg+xml; charset=utf-8"),
        ("figtree.0a.woff2", "font/woff2"),
        ("unknown.0a.bin", "application/octet-stream"),
    ],
)
def test_the_edge_says_what_a_file_is(name: str, kind: str) -> None:
    assert content_type(name) == kind
