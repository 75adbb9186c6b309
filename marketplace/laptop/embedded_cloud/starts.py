"""Starts of functions: MiniStack unpacks the package for each process anew, which takes as long as the start itself."""

import atexit
import shutil
import tempfile
import threading
import zipfile
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def enforce() -> None:
    """Let all processes of a package have the same files, as at Lambda, where code is read-only; before MiniStack
    starts.
    """
    from ministack.core import lambda_runtime

    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": _Package})


class _Package(zipfile.ZipFile):
    """Unpacked once; who asks again is led there."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        content = tuple((each.filename, each.CRC, each.file_size) for each in self.infolist())
        with _lock:
            tree = _trees.get(content)
            if tree is None:
                tree = _folder() / str(len(_trees))
                super().extractall(tree)
                _trees[content] = tree
        for entry in tree.iterdir():
            Path(path, entry.name).symlink_to(entry)


# By what is in the package.
_trees: dict[tuple[tuple[str, int, int], ...], Path] = {}
_lock = threading.Lock()


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="embedded-cloud-code-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
