"""The packages of the two functions: what they use, made small once, and our code compiled into each zip. The events
function's has some libraries more.

There are two of each, by the same code: one for Lambda's Python and platform, and one for this machine's, which a
rehearsal runs. Only a Python compiles for itself; where the other is not installed, the package has source instead.

Runs inside the environments of Zappa and of the package, and in the functions' Python: of the standard library alone,
but for what only Zappa calls.
"""

import importlib.util
import marshal
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# No package is made that is above: megabytes zipped and unpacked, of the web function's and of the events function's.
BUDGET_MB = (22, 55)
EVENTS_BUDGET_MB = (32, 80)
# The descriptions of all services are two thirds of botocore; these are the ones that the functions call.
SERVICES = frozenset({"cloudwatch", "cognito-idp", "dynamodb", "s3", "ses", "sns", "sqs", "sts"})
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
    # Only the OpenAPI document would use it, and is JSON; Django REST framework imports what it finds.
    "yaml",
    "_yaml",
    "pyyaml*",
    # Celery's messages are sent by urllib3, and their receiver is Lambda: only a worker polls by it.
    "curl",
    "pycurl*",
    # Of Pillow: kinds of pictures that nobody may upload, letters and windows.
    "PIL/_avif*",
    "PIL/_imagingft*",
    "PIL/_imagingmath*",
    "PIL/_imagingmorph*",
    "PIL/_imagingtk*",
    "pillow.libs/libavif*",
    "pillow.libs/libbrotli*",
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "pillow.libs/libpng*",
    # Zappa's own side of a deployment.
    "zappa/cli.py",
    "zappa/core.py",
    "zappa/letsencrypt.py",
)
# What the events function alone has: pictures are made there, letters of all scripts are set, emails are composed.
_OF_EVENTS = (
    "PIL/",
    "pillow.libs/",
    "pillow-",
    "uharfbuzz",
    "css_inline",
    "photos/pictures.",
    "photos/__pycache__/pictures.",
)
# In the place of Pillow elsewhere: ReportLab imports it at its start, and uses it for pictures alone.
_STAND_INS = "PIL_stand_ins/"
_EMPTY = (f"{_STAND_INS}__init__.py", f"{_STAND_INS}Image.py")
THIS_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# The earliest that a zip file can say: the same content gives the same package.
_TIME = (1980, 1, 1, 0, 0, 0)


def absent_modules() -> frozenset[str]:
    """The names under which nothing can be imported in a function, though the locked packages have it."""
    names = {pattern.removesuffix("*").replace("/", ".") for pattern in _UNNEEDED}
    return frozenset(name for name in names if all(part.isidentifier() for part in name.split(".")))


# --- Once for each lock file: the packages ---------------------------------------------------------------------------


def prepare_packages(folder: Path, runtime: str) -> None:
    """Take out of site-packages what no function needs, and leave compiled code in the place of its source.

    Zappa copies what it packages several times: the less there is, the sooner it is done.
    """
    _strip(folder)
    python = python_of(runtime)
    if python:
        subprocess.run([python, "-I", __file__, "compile", folder], check=True)


def python_of(runtime: str) -> str | None:
    """The interpreter that compiles for the runtime, such as `python3.13`; None if it is not installed."""
    if runtime == THIS_PYTHON:
        return sys.executable
    found = shutil.which(runtime)
    # A version manager puts a name on the path for every version that it could choose, and then refuses to.
    works = found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0
    return found if works else None


def compile_in_place(folder: Path) -> None:
    """Replace each module by its compiled code, with the Python that runs this."""
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


def be_patient(cli: Any) -> None:
    """Zappa's callback `settings`: let it send a package for a minute, over a slow line too.

    How long that takes counts as connecting, for which Zappa waits five seconds.
    """
    from botocore.config import Config

    impatient = getattr(cli.zappa, "lambda_client", None)
    # Whoever only packages has none.
    if impatient is not None:
        config = impatient.meta.config.merge(Config(connect_timeout=60))
        cli.zappa.lambda_client = cli.zappa.boto_client("lambda", config=config)


def begin_package() -> None:
    """Zappa's prebuild script: let Zappa store what it collects, for `finish_package` packs all of it anew."""
    # Zappa asks the module how to compress, and nobody else in its process does so by this name.
    sys.modules["zappa.core"].zipfile = SimpleNamespace(  # type: ignore[attr-defined]
        **{**vars(zipfile), "ZIP_DEFLATED": zipfile.ZIP_STORED}
    )


def finish_package(cli: Any) -> None:
    """Zappa's callback `zip`: compile what is there as source in the package just made, make the web function's of it,
    and the events function's beside it, and say how large they are.

    Exits with a message if one is above its budget.
    """
    path = Path(cli.zip_path)
    with zipfile.ZipFile(path) as package:
        # package_info.json says when Zappa made it, and that alone would make each package another.
        files = {name: package.read(name) for name in package.namelist() if name != "package_info.json"}
    # Zappa puts an empty __init__.py where it sees none; Python would prefer it to the compiled one.
    files = {name: content for name, content in files.items() if f"{name}c" not in files}
    python = python_of(cli.runtime)
    if python is None or not any(name.endswith(".pyc") for name in files):
        _say(f"{cli.runtime} was not here when packages were prepared: all is source, which starts slower")
    else:
        sources = {name: content for name, content in files.items() if name.endswith(".py")}
        files |= _compiled_by(python, sources)
    web, events = _of_web(files), _of_events(files)
    # Most is in both, and is compressed once.
    common = {name: content for name, content in web.items() if events.get(name) == content}
    with tempfile.TemporaryDirectory() as folder:
        begun = Path(folder, "common.zip")
        _add(begun, common)
        for target, budget_mb, wanted in (
            (path, BUDGET_MB, web),
            (events_package(path), EVENTS_BUDGET_MB, events),
        ):
            shutil.copy(begun, target)
            _add(target, {name: content for name, content in wanted.items() if name not in common})
            _refuse_above(budget_mb, target, sum(map(len, wanted.values())) / 1e6, cli.runtime)


def events_package(package: Path) -> Path:
    """The package of the events function that lies beside the web function's."""
    return package.with_stem(f"{package.stem}-events")


def _of_web(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of the web function: with stand-ins for Pillow, and without what needs more of it."""
    return {
        name.replace(_STAND_INS, "PIL/", 1): content
        for name, content in files.items()
        if not name.startswith(_OF_EVENTS)
    }


def _of_events(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not name.startswith(_STAND_INS)}


def _refuse_above(budget_mb: tuple[int, int], path: Path, unpacked_mb: float, runtime: str) -> None:
    """Say how large the package is, and exit with a message if that is above the budget."""
    zipped_mb = path.stat().st_size / 1e6
    _say(f"{path.name}: {zipped_mb:.1f} MB, {unpacked_mb:.1f} MB unpacked, for {runtime}")
    if zipped_mb > budget_mb[0] or unpacked_mb > budget_mb[1]:
        sys.exit(f"it may have {budget_mb[0]} MB, {budget_mb[1]} MB unpacked; {__name__} says what is in it")


def _compiled_by(python: str, sources: dict[str, bytes]) -> dict[str, bytes]:
    """The compiled code of the modules, as it lies beside its source, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for module, content in sources.items():
            (folder / module).parent.mkdir(parents=True, exist_ok=True)
            (folder / module).write_bytes(content)
        subprocess.run([python, "-I", __file__, "compile-beside", folder], check=True)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.pyc")}


def compile_beside(folder: Path) -> None:
    """Put its compiled code beside each module, with the Python that runs this."""
    for path in list(folder.glob("**/*.py")):
        cache = Path(importlib.util.cache_from_source(str(path)))
        cache.parent.mkdir(exist_ok=True)
        cache.write_bytes(_compiled(path.read_bytes(), path.relative_to(folder).as_posix()))


def _say(line: str) -> None:
    """Tell whoever runs Zappa: `functions` passes such lines on."""
    print(f"package: {line}")  # noqa: T201


def _add(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system, entry.external_attr = 3, 0o755 << 16
            package.writestr(entry, content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", folder, runtime]:
            prepare_packages(Path(folder), runtime)
        case ["compile", folder]:
            compile_in_place(Path(folder))
        case ["compile-beside", folder]:
            compile_beside(Path(folder))
        case other:
            sys.exit(f"{other}: give prepare FOLDER RUNTIME, compile FOLDER or compile-beside FOLDER")
