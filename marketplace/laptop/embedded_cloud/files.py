"""Files of a data folder: replaced whole, and locked by one process at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from marketplace.laptop.embedded_cloud.errors import CloudError

_LOCK_PATIENCE_SECONDS = 5.0


def replace_file(path: Path, content: str) -> None:
    """Put `content` in the place of the file, whole or not at all, also when the machine stops meanwhile."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextlib.contextmanager
def exclusive_lock(path: Path) -> Iterator[IO[str]]:
    """Hold the lock file, which the system releases when its holder ends, however it ends; it names the holder.

    A predecessor gets a few seconds to finish its last write. Raises `CloudError` if somebody else keeps the lock, or
    the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock_file = path.open("a+")
    except OSError as error:
        reason = f"{path.parent} cannot be written ({error.strerror})"
        raise CloudError(f"{reason}; choose another folder with DATA_DIR") from error
    with lock_file as file:
        give_up_at = time.monotonic() + _LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > give_up_at:
                    file.seek(0)
                    holder = f"{path.parent} is in use by process {file.read()}"
                    raise CloudError(f"{holder}; choose another folder with DATA_DIR") from error
                time.sleep(0.1)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file
