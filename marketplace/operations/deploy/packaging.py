"""The package of both functions: the packages that they use, made small once, and our code compiled into each zip.

Runs inside the environments of Zappa and of the package: standard library only.
"""

import importlib.util
import marshal
import shutil
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

# No package is made that is above.
BUDGET_ZIPPED_MB = 22
BUDGET_UNPACKED_MB = 55
# The descriptions of all services are two thirds of botocore; these are the ones that the functions call.
SERVICES = frozenset({"cognito-idp", "dynamodb", "s3", "ses", "sns", "sqs", "sts"})
# In which the site is written.
LANGUAGES = frozenset({"en", "fr"})
_UNNEEDED = (
    "**/__pycache__",
    "**/tests",
    "**/*.pyi",
    "*.dist-info/RECORD",
    "*.dist-info/sboms",
    "botocore/data/*/*/examples-1.json*",
    # Installers, command lines and servers.
    "pip",
    "pip-*",
    "setuptools*",
    "_distutils_hack",
    "distutils-precedence.pth",
    "pkg_resources",
    "gunicorn*",
    "celery/bin",
    "click_*",
    "prompt_toolkit*",
    "wcwidth*",
    "werkzeug/debug",
    # There is no SQL database.
    "django/contrib/*/migrations",
    "django/contrib/gis",
    "django/contrib/postgres",
    "django/db/backends/mysql",
    "django/db/backends/oracle",
    "django/db/backends/sqlite3",
    # No function serves static files, nor shows the API for browsing.
    "django/contrib/admin/static",
    "drf_spectacular_sidecar/static",
    "rest_framework/static",
    # Validates the OpenAPI document, which is done by a test.
    "attr*",
    "jsonschema*",
    "referencing*",
    "rpds*",
    # The only fonts are the invoice's.
    "reportlab/fonts",
    "reportlab/graphics",
    # Guesses the encoding of XML files.
    "charset_normalizer*",
    # Used to compile bindings; compiled ones need the rest of cffi.
    "pycparser*",
    # PyYAML's faster half: only the OpenAPI document would use it, and is JSON.
    "yaml/_yaml*",
    # Celery's messages are sent by urllib3, and their receiver is Lambda: only a worker polls by it.
    "curl",
    "pycurl*",
    # Pictures: see _EMPTY.
    "PIL",
    "pillow*",
    # Zappa's own side of a deployment.
    "zappa/cli.py",
    "zappa/core.py",
    "zappa/letsencrypt.py",
)
# ReportLab imports Pillow at its start, and uses it for pictures alone; invoices have none.
_EMPTY = ("PIL/__init__.py", "PIL/Image.py")
# The earliest that a zip file can say: the same content gives the same package.
_TIME = (1980, 1, 1, 0, 0, 0)


# --- Once for each lock file: the packages ---------------------------------------------------------------------------


def prepare_packages(folder: Path) -> None:
    """Take out of site-packages what no function needs, and leave compiled code in the place of its source.

    Zappa copies what it packages several times: the less there is, the sooner it is done.
    """
    _strip(folder)
    for path in list(folder.glob("**/*.py")):
        if path.parent.name == "migrations":
            # Zappa leaves compiled code of such a folder out.
            continue
        source = path.read_bytes()
        # In the place of the source, not beside it: a third of the package's size.
        path.with_suffix(".pyc").write_bytes(_compiled(source, path.relative_to(folder).as_posix()))
        path.unlink()


def _strip(folder: Path) -> None:
    """Take out of site-packages what no function needs."""
    for pattern in _UNNEEDED:
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
    for service in list(folder.glob("boto*/data/*/")):
        if service.name not in SERVICES:
            shutil.rmtree(service)
    _strip_languages(folder)
    for name in _EMPTY:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()


def _strip_languages(folder: Path) -> None:
    """Take out the messages of languages that the site is not written in; how they write numbers and dates stays."""
    for language in list(folder.glob("**/locale/*/")):
        if language.name not in LANGUAGES:
            messages = language / "LC_MESSAGES"
            if messages.exists():
                shutil.rmtree(messages)
            # Hundreds of empty folders would be copied each time.
            if not any(language.iterdir()):
                language.rmdir()


def _compiled(source: bytes, name: str) -> bytes:
    """A module's code as Python keeps it, to be trusted without a look at its source (unchecked hash, PEP 552).

    By time it would be stale: Zappa's zip has none, and on Lambda, where code is read-only, each start would compile
    everything anew.
    """
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + struct.pack("<I", 0b01) + importlib.util.source_hash(source)
    return head + marshal.dumps(code)


# --- For each zip: our own code --------------------------------------------------------------------------------------


def finish_package(cli: Any) -> None:
    """Zappa's callback `zip`: compile what is there as source in the package just made, and say how large it is.

    Exits with a message if the package is above its budget, or made with another Python than the functions'.
    """
    if f"python{sys.version_info.major}.{sys.version_info.minor}" != cli.runtime:
        sys.exit(f"the functions run {cli.runtime}: package with that, not with {sys.version.split()[0]}")
    path = Path(cli.zip_path)
    with zipfile.ZipFile(path) as package:
        # package_info.json says when Zappa made it, and that alone would make each package another.
        files = {name: package.read(name) for name in package.namelist() if name != "package_info.json"}
    for name, content in list(files.items()):
        if not name.endswith(".py"):
            continue
        if f"{name}c" in files:
            # Zappa puts an empty __init__.py where it sees none; Python would prefer it to the compiled one.
            del files[name]
        else:
            files[importlib.util.cache_from_source(name)] = _compiled(content, name)
    _write(path, files)
    zipped_mb, unpacked_mb = path.stat().st_size / 1e6, sum(map(len, files.values())) / 1e6
    print(f"package: {zipped_mb:.1f} MB, {unpacked_mb:.1f} MB unpacked")  # noqa: T201
    if zipped_mb > BUDGET_ZIPPED_MB or unpacked_mb > BUDGET_UNPACKED_MB:
        sys.exit(f"it may have {BUDGET_ZIPPED_MB} MB, {BUDGET_UNPACKED_MB} MB unpacked; {__name__} says what is in it")


def _write(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system, entry.external_attr = 3, 0o755 << 16
            package.writestr(entry, content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    prepare_packages(Path(sys.argv[1]))
