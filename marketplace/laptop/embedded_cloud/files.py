"""Files of a data folder: replaced whole, and locked by one process at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from marketplace.laptop.embedded_cloud.errors import CloudError

# What a killed run leaves behind needs seconds to finish its last writes.
_LOCK_PATIENCE_SECONDS = 15.0
_SILENCE_SECONDS = 0.5


def replace_file(path: Path, content: str) -> None:
    """Put `content` in the place of the file, whole or not at all, also when the machine stops meanwhile."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextlib.contextmanager
def exclusive_lock(path: Path, report: Callable[[str], None] | None = None) -> Iterator[IO[str]]:
    """Hold the lock file, which the system releases when its holder ends, however it ends; it names the holder.

    A predecessor gets 15 seconds to finish; `report` is told that it is waited for. Raises `CloudError` if somebody
    else keeps the lock, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock_file = path.open("a+")
    except OSError as error:
        reason = f"{path.parent} cannot be written ({error.strerror})"
        raise CloudError(f"{reason}; choose another folder with DATA_DIR") from error
    with lock_file as file:
        started = time.monotonic()
        is_silent = True
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                waited = time.monotonic() - started
                file.seek(0)
                if waited > _LOCK_PATIENCE_SECONDS:
                    holder = f"{path.parent} is in use by process {file.read()}"
                    raise CloudError(f"{holder}; choose another folder with DATA_DIR") from error
                if report and is_silent and waited > _SILENCE_SECONDS:
                    report(f"waiting up to {_LOCK_PATIENCE_SECONDS:.0f} s for the run before, process {file.read()}")
                    is_silent = False
                time.sleep(0.1)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file
