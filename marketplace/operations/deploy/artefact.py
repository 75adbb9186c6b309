"""What a package must be to load on Lambda: read off the zip itself, for Lambda's machines are not here to try it."""

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

# The C library of Amazon Linux 2023, on which these run. Python 3.11 and older have Amazon Linux 2, with glibc 2.26.
RUNTIMES = {"python3.12": (2, 34), "python3.13": (2, 34), "python3.14": (2, 34)}
# The first number of a compiled module, by the Python that wrote it.
_MAGIC = {"python3.12": 3531, "python3.13": 3571, "python3.14": 3627}
# ELF's numbers of machines.
_MACHINES = {"x86_64": 62, "arm64": 183}
_ELF = b"\x7fELF"


def faults(package: Path, *, runtime: str, architecture: str) -> list[str]:
    """Why the package would not load on Lambda, a line for each file; nothing if it would."""
    if runtime not in RUNTIMES:
        return [f"{runtime} is none of {', '.join(RUNTIMES)}"]
    with zipfile.ZipFile(package) as files:
        return [
            f"{name}: {fault}"
            for name in files.namelist()
            for fault in _faults_of(name, files.read(name), runtime, architecture)
        ]


def _faults_of(name: str, content: bytes, runtime: str, architecture: str) -> Iterator[str]:
    if name.endswith(".pyc"):
        (magic,) = struct.unpack_from("<H", content)
        if magic != _MAGIC[runtime]:
            yield f"compiled by another Python than {runtime}"
    elif content.startswith(_ELF):
        yield from _faults_of_library(name, content, runtime, architecture)
    elif re.search(r"\.(so|dylib|pyd)(\.|$)", name):
        yield "is no library of Linux"


def _faults_of_library(name: str, content: bytes, runtime: str, architecture: str) -> Iterator[str]:
    # The two bytes behind the kind of file: for which machine it is.
    (machine,) = struct.unpack_from("<H", content, 18)
    if machine != _MACHINES[architecture]:
        yield f"is not for {architecture}"
    # Versions of symbols are text inside of the library.
    needed = max(((int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", content)), default=(0, 0))
    if needed > RUNTIMES[runtime]:
        yield f"asks for glibc {needed[0]}.{needed[1]}, {runtime} has {'.'.join(map(str, RUNTIMES[runtime]))}"
    if b"musl" in content[:4096] or "-musl" in name:
        yield "is for musl"
    tag = re.search(r"\.cpython-(\d)(\d+)-", name)
    if tag and f"python{tag[1]}.{tag[2]}" != runtime:
        yield f"is for python{tag[1]}.{tag[2]}, not for {runtime}"
