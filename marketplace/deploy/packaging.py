"""Zappa's callback `zip`: the package that Zappa made, without what no function needs, and compiled.

Runs inside Zappa's own environment: standard library only.
"""

import compileall
import os
import py_compile
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

# The descriptions of all services are two thirds of botocore; these are the ones that the functions call.
SERVICES = frozenset({"cognito-idp", "dynamodb", "s3", "ses", "sns", "sqs", "sts"})
# In which the site is written.
LANGUAGES = frozenset({"en", "fr"})
_UNNEEDED = (
    "**/__pycache__",
    "**/tests",
    "**/*.pyi",
    "**/*.dist-info/RECORD",
    "bin",
    "botocore/data/*/*/examples-1.json*",
    # Compilers, command lines and servers.
    "gunicorn*",
    "setuptools*",
    "_distutils_hack",
    "pkg_resources",
    "wheel*",
    # A laptop only.
    "marketplace/demo",
    "marketplace/deploy",
    "marketplace/embedded_cloud",
    "marketplace/pump",
    "celery/bin",
    "click_*",
    "prompt_toolkit*",
    "wcwidth*",
    "drf_spectacular_sidecar/static",
    # The only fonts are the invoice's.
    "reportlab/fonts",
    "reportlab/graphics",
    # Pictures in formats and writing that ReportLab loads Pillow for, and invoices have not.
    "PIL/_avif*",
    "PIL/_imagingcms*",
    "PIL/_imagingft*",
    "PIL/_webp*",
    "pillow.libs/libavif*",
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "pillow.libs/liblcms*",
    # Celery's messages are sent, and their receiver is Lambda: only a worker polls by it.
    "curl",
    "pycurl*",
    "django/contrib/admin/static",
    "django/contrib/gis",
    # Zappa's own side of a deployment.
    "zappa/cli.py",
    "zappa/core.py",
    "zappa/letsencrypt.py",
)
# The earliest that a zip file can say: the same content gives the same package.
_TIME = (1980, 1, 1, 0, 0, 0)


def finish_package(cli: Any) -> None:
    """Replace the package that Zappa has just made by the finished one, and say how large it is."""
    if f"python{sys.version_info.major}.{sys.version_info.minor}" != cli.runtime:
        sys.exit(f"the functions run {cli.runtime}: package with that, not with {sys.version.split()[0]}")
    path = Path(cli.zip_path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(path) as package:
            package.extractall(folder)
        strip(folder)
        # Compiled code is trusted without looking at its source's time: Zappa's zip has none, and on Lambda, where
        # code is read-only, each start would compile everything anew.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(folder, quiet=2, invalidation_mode=mode, stripdir=str(folder), prependdir="/var/task")
        size = _pack(folder, path)
    print(f"package: {path.stat().st_size / 1e6:.1f} MB, {size / 1e6:.1f} MB unpacked")  # noqa: T201


def strip(folder: Path) -> None:
    """Take out of an unpacked package what no function needs."""
    for pattern in _UNNEEDED:
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
    for messages in list(folder.glob("**/locale/*/LC_MESSAGES")):
        if messages.parent.name not in LANGUAGES:
            shutil.rmtree(messages)
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        for service in list(data.iterdir()):
            if service.is_dir() and service.name not in SERVICES:
                shutil.rmtree(service)


def _pack(folder: Path, path: Path) -> int:
    """Write the package; how many bytes it has unpacked."""
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for root, folders, files in os.walk(folder):
            folders.sort()
            for file in sorted(files):
                source = Path(root, file)
                entry = zipfile.ZipInfo(source.relative_to(folder).as_posix(), _TIME)
                entry.create_system, entry.external_attr = 3, 0o755 << 16
                content = source.read_bytes()
                size += len(content)
                package.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return size
