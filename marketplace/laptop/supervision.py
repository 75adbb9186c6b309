"""Child processes that never outlive their parent, even when it is killed with `kill -9`.

The parent keeps the writing end of a pipe that is the child's standard input, and never writes. When the parent ends,
however it ends, the system closes the pipe; the child reads the end of file and stops itself as on SIGTERM. This needs
no feature of one operating system.

`python -m marketplace.laptop.supervision MODULE ARGUMENT…` is the child's half: it watches the pipe and runs the
module.
"""

import contextlib
import http.client
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

from marketplace.settings.env import BASE_DIR


class ChildError(Exception):
    """A child process did not do what it was started for; the message is one line for the person at the keyboard."""


class Child:
    """A Python module that runs as a child process, in a process group of its own.

    Ctrl-C in a terminal therefore reaches the parent alone, which stops its children in the order that it wants.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        lock_descriptor: int | None = None,
    ) -> None:
        """Start it.

        `environment` is added to the parent's. `lock_descriptor` is an open lock file that the child holds too, so
        that it stays locked until the last of the family is gone.
        """
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, module, *arguments],
            stdin=subprocess.PIPE,
            cwd=BASE_DIR,
            env={**os.environ, **(environment or {})},
            pass_fds=() if lock_descriptor is None else (lock_descriptor,),
            process_group=0,
        )

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait until it ends; its exit code."""
        return self._process.wait()

    def wait_for_answer(self, host: str, port: int, path: str, *, patience_seconds: float) -> None:
        """Wait until it answers an HTTP request, whatever the answer.

        Raises `ChildError` when it ends instead (it has then said why on standard error) or stays silent.
        """
        give_up_at = time.monotonic() + patience_seconds
        while not _answers(host, port, path):
            if self.exit_code is not None:
                raise ChildError(f"the {self.name} did not start")
            if time.monotonic() > give_up_at:
                raise ChildError(f"the {self.name} did not answer within {patience_seconds:.0f} s")
            time.sleep(0.02)

    def ask_to_stop(self) -> None:
        """Ask it to stop, and do not wait."""
        self._process.terminate()

    def stop(self, patience_seconds: float = 10.0) -> None:
        """Ask it to stop, and kill its whole process group if it does not in time."""
        self.ask_to_stop()
        try:
            self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._process.stdin:
            self._process.stdin.close()

    def kill(self) -> None:
        """Kill its whole process group (`kill -9`), and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _stop_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _run_as_child() -> None:
    threading.Thread(target=_stop_with_parent, name="stop-with-parent", daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _run_as_child()
