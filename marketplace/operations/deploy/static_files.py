"""Style sheets, scripts, fonts and icons: collected under names that tell their content, and put where the edge reads.

The functions never serve them; of all of it the package has only the list of names, by which pages refer to them.
"""

import json
import shutil
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

from kernel.aws import client
from marketplace.operations.deploy.names import Report
from marketplace.serving.static_files import FOR_EVER, content_type

# In the package, where production's settings look for it.
_LIST = "staticfiles/staticfiles.json"
# What no page loads: the API's other documentation, and other builds of the one that is shown.
_UNUSED = ["redoc", "*es-bundle*", "*standalone-preset*", "CVS", ".*", "*~"]
# The earliest that a zip file can say: the same content gives the same package.
_TIME = (1980, 1, 1, 0, 0, 0)


class StaticFilesError(Exception):
    """A file that pages refer to is nowhere; the message says which, and what to do."""


def collect(folder: Path) -> dict[str, str]:
    """Put all files into the folder under both names, and the list of names beside them; hashed name by plain one.

    Raises `StaticFilesError` if one of them refers to another that there is not.
    """
    shutil.rmtree(folder, ignore_errors=True)
    storage = ManifestStaticFilesStorage(location=str(folder), base_url=settings.STATIC_URL)
    found: dict[str, tuple[ManifestStaticFilesStorage, str]] = {}
    for finder in get_finders():
        for path, source in finder.list(_UNUSED):
            # The first that is found is the one that counts, as for a browser.
            if path not in found:
                with source.open(path) as file:
                    storage.save(path, file)
                found[path] = (storage, path)
    for path, _, problem in storage.post_process(found):
        if isinstance(problem, Exception):
            raise StaticFilesError(f"{path}: {problem}")
    return _names(json.loads((folder / "staticfiles.json").read_text()))


def add_list(package: Path, folder: Path) -> None:
    """Put the list of names of what was collected into the package."""
    with zipfile.ZipFile(package, "a") as files:
        entry = zipfile.ZipInfo(_LIST, _TIME)
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        files.writestr(entry, (folder / "staticfiles.json").read_bytes(), zipfile.ZIP_DEFLATED)


def upload(package: Path, folder: Path, bucket: str, *, report: Report) -> None:
    """Put into the bucket what pages of the package refer to, from the folder, unless it is there.

    What pages of earlier packages refer to stays: somebody may still look at one, and a release can be taken back.
    Raises `StaticFilesError` if a file is neither in the folder nor in the bucket.
    """
    names = set(_listed(package).values())
    missing = sorted(names - _uploaded(bucket))
    absent = [name for name in missing if not (folder / name).exists()]
    if absent:
        raise StaticFilesError(
            f"{package} refers to {absent[0]}, which is neither in {folder} nor in {bucket}: deploy without --package"
        )

    def put(name: str) -> None:
        client("s3").put_object(
            Bucket=bucket,
            Key=f"static/{name}",
            Body=(folder / name).read_bytes(),
            ContentType=content_type(name),
            CacheControl=FOR_EVER,
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, missing))
    report(f"static files: {len(missing)} uploaded, {len(names) - len(missing)} were there")


def samples(package: Path) -> list[str]:
    """Addresses of files that the package's pages may load: one for each folder, which is what one library has."""
    names = _listed(package)
    folders: dict[str, str] = {}
    for plain in sorted(names):
        folders.setdefault(plain.partition("/")[0], f"{settings.STATIC_URL}{names[plain]}")
    return list(folders.values())


def _listed(package: Path) -> dict[str, str]:
    with zipfile.ZipFile(package) as files:
        return _names(json.loads(files.read(_LIST)))


def _names(manifest: Mapping[str, dict[str, str]]) -> dict[str, str]:
    return manifest["paths"]


def _uploaded(bucket: str) -> set[str]:
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="static/")
    return {each["Key"].removeprefix("static/") for page in pages for each in page.get("Contents", [])}
