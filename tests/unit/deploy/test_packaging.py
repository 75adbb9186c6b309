"""What Zappa's callback makes of a package."""

import importlib.util
import marshal
import struct
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from marketplace.deploy.packaging import finish_package

CONTENTS = {
    "bookings/__init__.py": "",
    "bookings/domain.py": "RATE = 19\n",
    "bookings/__pycache__/domain.cpython-311.pyc": "stale",
    "bookings/tests/test_domain.py": "",
    "marketplace/demo/__init__.py": "",
    "botocore/data/dynamodb/2012-08-10/service-2.json": "{}",
    "botocore/data/ec2/2016-11-15/service-2.json": "{}",
    "botocore/data/endpoints.json": "{}",
    "boto3/data/s3/2006-03-01/resources-1.json": "{}",
    "boto3/data/ec2/2016-11-15/resources-1.json": "{}",
    "django/conf/locale/de/formats.py": "DECIMAL_SEPARATOR = ','\n",
    "django/conf/locale/de/LC_MESSAGES/django.mo": "",
    "django/conf/locale/fr/LC_MESSAGES/django.mo": "",
    "pycurl.cpython-311-x86_64-linux-gnu.so": "",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as package:
        for name, content in CONTENTS.items():
            package.writestr(name, content)
    return path


def finish(package: Path) -> zipfile.ZipFile:
    finish_package(SimpleNamespace(zip_path=str(package), runtime="python3.11"))
    return zipfile.ZipFile(package)


def test_what_no_function_needs_is_left_out(package: Path) -> None:
    with finish(package) as finished:
        names = {name for name in finished.namelist() if not name.endswith(".pyc")}
    assert names == {
        "bookings/__init__.py",
        "bookings/domain.py",
        "botocore/data/dynamodb/2012-08-10/service-2.json",
        "botocore/data/endpoints.json",
        "boto3/data/s3/2006-03-01/resources-1.json",
        "django/conf/locale/de/formats.py",
        "django/conf/locale/fr/LC_MESSAGES/django.mo",
    }


def test_code_is_compiled_and_trusted_without_a_look_at_its_source(package: Path) -> None:
    with finish(package) as finished:
        compiled = finished.read("bookings/__pycache__/domain.cpython-311.pyc")
    magic, flags = compiled[:4], struct.unpack("<I", compiled[4:8])[0]
    assert magic == importlib.util.MAGIC_NUMBER
    # By hash, which is not checked. The other way is by time, and Zappa's zip has none.
    assert flags == 0b01
    code = marshal.loads(compiled[16:])  # noqa: S302  (compiled above)
    assert code.co_filename == "/var/task/bookings/domain.py"


def test_the_same_contents_give_the_same_package(package: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    copy.write_bytes(package.read_bytes())
    finish(package).close()
    finish(copy).close()
    assert package.read_bytes() == copy.read_bytes()


def test_another_python_than_the_functions_is_refused(package: Path) -> None:
    with pytest.raises(SystemExit, match=r"python3\.14"):
        finish_package(SimpleNamespace(zip_path=str(package), runtime="python3.14"))
