"""What is made of the functions' packages, and of the package that Zappa makes."""

import importlib.util
import marshal
import struct
import sys
import zipfile
from importlib.machinery import SourcelessFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import get_session

from marketplace.operations.deploy import packaging
from marketplace.operations.deploy.packaging import (
    absent_modules,
    be_patient,
    begin_package,
    events_package,
    finish_package,
    prepare_packages,
)

# These tests need no function: whatever runs them will do.
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
SITE_PACKAGES = {
    "django/__init__.py": "VERSION = 5\n",
    "django/tests/test_django.py": "",
    "django/__pycache__/__init__.cpython-311.pyc": "stale",
    "django/db/migrations/state.py": "STATE = 1\n",
    "django/conf/locale/de/formats.py": "DECIMAL_SEPARATOR = ','\n",
    "django/conf/locale/de/LC_MESSAGES/django.mo": "",
    "django/conf/locale/fr/LC_MESSAGES/django.mo": "",
    "botocore/data/dynamodb/2012-08-10/service-2.json": "{}",
    "botocore/data/ec2/2016-11-15/service-2.json": "{}",
    "botocore/data/endpoints.json": "{}",
    "boto3/data/s3/2006-03-01/resources-1.json": "{}",
    "boto3/data/ec2/2016-11-15/resources-1.json": "{}",
    "pycurl.cpython-311-x86_64-linux-gnu.so": "",
    "PIL/__init__.py": "",
    "PIL/Image.py": "from . import _imaging\n",
    "PIL/_avif.cpython-311-x86_64-linux-gnu.so": "",
    "pillow.libs/libavif-1.so": "",
}
PACKAGE = {
    "bookings/__init__.py": "",
    "bookings/domain.py": "RATE = 19\n",
    "django/__init__.pyc": "compiled",
    "photos/__init__.py": "",
    "photos/pictures.py": "from PIL import ImageOps\n",
    "PIL/__init__.pyc": "Pillow",
    "PIL/Image.pyc": "Pillow",
    "PIL/ImageOps.pyc": "Pillow",
    "PIL_stand_ins/__init__.pyc": "empty",
    "PIL_stand_ins/Image.pyc": "empty",
    "pillow.libs/libjpeg.so": "Pillow",
    "pillow-13.0.0.dist-info/METADATA": "Pillow",
    # Zappa's.
    "django/__init__.py": "",
    "package_info.json": '{"build_time": "1700000000"}',
}


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    for name, content in SITE_PACKAGES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as package:
        for name, content in PACKAGE.items():
            package.writestr(name, content)
    return path


def finish(package: Path) -> zipfile.ZipFile:
    finish_package(SimpleNamespace(zip_path=str(package), runtime=RUNTIME))
    return zipfile.ZipFile(package)


def test_what_no_function_needs_is_left_out_and_code_takes_the_place_of_its_source(site_packages: Path) -> None:
    prepare_packages(site_packages, RUNTIME)
    assert {path.relative_to(site_packages).as_posix() for path in site_packages.rglob("*") if path.is_file()} == {
        "django/__init__.pyc",
        # Zappa would leave the compiled one out.
        "django/db/migrations/state.py",
        "django/conf/locale/de/formats.pyc",
        "django/conf/locale/fr/LC_MESSAGES/django.mo",
        "botocore/data/dynamodb/2012-08-10/service-2.json",
        "botocore/data/endpoints.json",
        "boto3/data/s3/2006-03-01/resources-1.json",
        "PIL/__init__.pyc",
        "PIL/Image.pyc",
        # Importable, and empty: the web function's.
        "PIL_stand_ins/__init__.pyc",
        "PIL_stand_ins/Image.pyc",
    }


def test_what_is_left_out_whole_is_known_by_its_modules_names() -> None:
    absent = absent_modules()

    assert {"yaml", "jsonschema", "django.contrib.postgres"} <= absent
    # An empty module stands in its place, where it is not itself.
    assert "PIL" not in absent


def test_code_without_source_is_what_the_source_was(site_packages: Path) -> None:
    prepare_packages(site_packages, RUNTIME)
    loader = SourcelessFileLoader("django", str(site_packages / "django/__init__.pyc"))
    spec = importlib.util.spec_from_loader("django", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    assert module.VERSION == 5


def test_our_code_is_compiled_beside_its_source_and_trusted_without_a_look_at_it(package: Path) -> None:
    with finish(package) as finished:
        compiled = finished.read(importlib.util.cache_from_source("bookings/domain.py"))
        assert finished.read("bookings/domain.py") == b"RATE = 19\n"
    magic, flags = compiled[:4], struct.unpack("<I", compiled[4:8])[0]
    assert magic == importlib.util.MAGIC_NUMBER
    # By hash, which is not checked. The other way is by time, and Zappa's zip has none.
    assert flags == 0b01
    code = marshal.loads(compiled[16:])  # noqa: S302  (compiled above)
    assert code.co_filename == "/var/task/bookings/domain.py"


def test_what_zappa_puts_before_compiled_packages_is_taken_out(package: Path) -> None:
    with finish(package) as finished:
        assert [name for name in finished.namelist() if name.startswith("django/")] == ["django/__init__.pyc"]


def test_zappa_has_a_minute_to_send_a_package() -> None:
    def made(service: str, config: Config) -> Any:
        session: Any = get_session()
        session.set_credentials("none", "none")
        return session.create_client(service, region_name="eu-central-1", config=config)

    # As Zappa makes it.
    zappa = SimpleNamespace(boto_client=made, lambda_client=made("lambda", Config(connect_timeout=5, read_timeout=900)))
    be_patient(SimpleNamespace(zappa=zappa))
    config = zappa.lambda_client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (60, 900)
    # As long as it only packages, it has no client.
    be_patient(SimpleNamespace(zappa=object()))


def test_zappa_compresses_nothing_that_is_compressed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    core: Any = ModuleType("zappa.core")
    core.zipfile = zipfile
    monkeypatch.setitem(sys.modules, "zappa.core", core)
    begin_package()
    assert (core.zipfile.ZIP_DEFLATED, core.zipfile.ZipFile) == (zipfile.ZIP_STORED, zipfile.ZipFile)


def test_what_both_functions_have_is_in_both_packages(package: Path) -> None:
    with finish(package) as web, zipfile.ZipFile(events_package(package)) as events:
        for each in (web, events):
            assert len(set(each.namelist())) == len(each.namelist())
        for name in set(web.namelist()) & set(events.namelist()) - {"PIL/Image.pyc", "PIL/__init__.pyc"}:
            assert web.read(name) == events.read(name)
            assert web.getinfo(name).compress_type == zipfile.ZIP_DEFLATED


def test_the_same_contents_give_the_same_package(package: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    with zipfile.ZipFile(copy, "w") as other:
        for name, content in reversed(PACKAGE.items()):
            other.writestr(name, content.replace("1700000000", "1800000000"))
    finish(package).close()
    finish(copy).close()
    assert package.read_bytes() == copy.read_bytes()


def test_the_events_function_alone_has_pillow_and_what_uses_it(package: Path) -> None:
    with finish(package) as web, zipfile.ZipFile(events_package(package)) as events:
        names = {name for name in web.namelist() if name.lower().startswith(("pil", "photos/"))}
        of_events = {name for name in events.namelist() if name.lower().startswith(("pil", "photos/"))}
        assert web.read("PIL/Image.pyc") == b"empty"
        assert events.read("PIL/Image.pyc") == b"Pillow"
    ours = {"photos/__init__.py", importlib.util.cache_from_source("photos/__init__.py")}
    assert names == {"PIL/__init__.pyc", "PIL/Image.pyc"} | ours
    assert of_events == {name for name in PACKAGE if name.lower().startswith(("pil/", "pillow", "photos"))} | ours | {
        importlib.util.cache_from_source("photos/pictures.py")
    }


@pytest.mark.parametrize("name", ["BUDGET_MB", "EVENTS_BUDGET_MB"])
@pytest.mark.parametrize("budget", [(0, 1), (1, 0)])
def test_a_package_above_its_budget_is_refused(
    package: Path, name: str, budget: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaging, name, budget)
    with pytest.raises(SystemExit, match="it may have"):
        finish(package)


def test_for_a_python_that_is_not_here_the_package_has_source_and_one_line_says_so(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finish_package(SimpleNamespace(zip_path=str(package), runtime="python3.99"))
    with zipfile.ZipFile(package) as finished:
        assert [name for name in finished.namelist() if name.startswith("bookings/")] == [
            "bookings/__init__.py",
            "bookings/domain.py",
        ]
    said = [line for line in capsys.readouterr().out.splitlines() if "all is source" in line]
    assert said == ["package: python3.99 was not here when packages were prepared: all is source, which starts slower"]


def test_packages_for_a_python_that_is_not_here_keep_their_source(site_packages: Path) -> None:
    prepare_packages(site_packages, "python3.99")
    assert (site_packages / "django/__init__.py").exists()
    assert not list(site_packages.rglob("*.pyc"))
