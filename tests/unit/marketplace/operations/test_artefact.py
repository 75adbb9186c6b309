"""Whether a package would load on Lambda is read off its files."""

import importlib.util
import struct
import zipfile
from pathlib import Path

import pytest

from marketplace.operations.deploy.artefact import faults

X86_64, AARCH64 = 62, 183


def library(*, machine: int = X86_64, glibc: str = "2.17") -> bytes:
    """The start of a library of Linux, and a version of a symbol that it asks for."""
    return b"\x7fELF" + bytes(14) + struct.pack("<H", machine) + bytes(44) + f"\0GLIBC_2.2.5\0GLIBC_{glibc}\0".encode()


def found(tmp_path: Path, name: str, content: bytes, runtime: str = "python3.13") -> list[str]:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(name, content)
    return faults(path, runtime=runtime, architecture="x86_64")


@pytest.mark.parametrize("name", ["a/_rust.abi3.so", "a/_a.cpython-313-x86_64-linux-gnu.so", "a.libs/liba-1.so.3.1"])
def test_what_lambda_can_load_is_let_through(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, name, library(glibc="2.34")) == []


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a/_rust.abi3.so", library(glibc="2.35"), "asks for glibc 2.35"),
        ("a/_rust.abi3.so", library(machine=AARCH64), "is not for x86_64"),
        ("a/_a.cpython-311-x86_64-linux-gnu.so", library(), "is for python3.11"),
        ("a/_a.cpython-313-x86_64-linux-musl.so", library(), "is for musl"),
        ("a/_a.cpython-313-darwin.so", b"\xcf\xfa\xed\xfe", "is no library of Linux"),
        ("a/_a.pyd", b"MZ", "is no library of Linux"),
        ("a/b.pyc", struct.pack("<H", 3495) + b"\r\n", "compiled by another Python"),
    ],
)
def test_what_lambda_cannot_load_is_named(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    (line,) = found(tmp_path, name, content)
    assert line.startswith(f"{name}: {fault}")


def test_a_runtime_with_an_old_c_library_is_refused(tmp_path: Path) -> None:
    (line,) = found(tmp_path, "a.py", b"", runtime="python3.11")
    assert line.startswith("python3.11 is none of")


def test_ordinary_files_are_no_matter(tmp_path: Path) -> None:
    assert found(tmp_path, "a/so.py", importlib.util.MAGIC_NUMBER) == []
