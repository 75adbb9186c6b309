"""Snapshots of the embedded cloud: one JSON file, replaced as a whole, so that it is always one moment's state.

MiniStack itself saves only at a clean stop, one file per service. Here a forked child writes while the parent goes on
serving: the fork is the consistent copy, and no request waits for a snapshot.
"""

import asyncio
import json
import logging
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ministack import app as ministack
from ministack.core import persistence

from marketplace.laptop.embedded_cloud.errors import CloudError
from marketplace.laptop.embedded_cloud.files import replace_file
from marketplace.laptop.embedded_cloud.iam import ASGIApplication
from marketplace.laptop.embedded_cloud.write_log import WriteLog

logger = logging.getLogger(__name__)

_FORMAT = 1
_INTERVAL_SECONDS = 1.0
# After a snapshot comes a pause of so many times its duration: writing never takes more than a tenth of one core.
_PAUSE_FACTOR = 9
# The forked child cannot release a lock that another thread held at the fork, so it might wait for ever.
_SAVE_TIMEOUT_SECONDS = 60.0

# Operations that change nothing worth keeping, by the start of their names. SQS hides a received message for a while;
# after a crash it simply comes again.
_READING = ("Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List", "Receive")


_ITEM_OPERATIONS = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})


class Snapshots:
    """The snapshot file of one embedded cloud."""

    def __init__(self, path: Path, *, lock_descriptor: int) -> None:
        """`lock_descriptor` is the open lock file of the folder: it stays locked until the last writer is gone."""
        self._path = path
        self._lock_descriptor = lock_descriptor
        self._changed = False
        self._log = WriteLog(path)

    def restore(self) -> None:
        """Load the snapshot and what was logged after it, if there is any, into MiniStack's services.

        Raises `CloudError` when it cannot be read in full: to start empty would be to overwrite it.
        """
        for leftover in self._path.parent.glob(f"{self._path.name}.*.tmp"):
            leftover.unlink()
        try:
            content: dict[str, Any] = {"format": _FORMAT, "services": {}}
            if self._path.exists():
                content = json.loads(self._path.read_text(), object_hook=persistence._json_object_hook)
            if content["format"] != _FORMAT:
                raise ValueError(f"format {content['format']} instead of {_FORMAT}")
            states = _states() | content["services"]
            self._log.replay(content.get("log", 0), states)
            for service, state in states.items():
                ministack._get_module(ministack._state_map[service]).load_persisted_state(state)
            self._log.begin_segment()
        except Exception as error:
            raise CloudError(
                f"the snapshot {self._path} cannot be read ({type(error).__name__}: {error}); "
                "put a good copy in its place, or delete it to start empty"
            ) from error

    def watch(self, application: ASGIApplication) -> ASGIApplication:
        """The application, whose changes are logged before they are answered, and noted for the next snapshot."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not _may_change_data(scope):
                await application(scope, receive, send)
                return

            async def logged_send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    self._log.record(_changed_service(scope))
                await send(message)

            try:
                await application(scope, receive, logged_send)
            finally:
                self._changed = True

        return watched

    async def keep(self) -> NoReturn:
        """Write a snapshot soon after each change, until cancelled; then no child is writing any more."""
        pause = _INTERVAL_SECONDS
        while True:
            await asyncio.sleep(pause)
            if not self._changed:
                continue
            self._changed = False
            started = time.monotonic()
            segment = self._log.begin_segment()
            saving = asyncio.create_task(self._save_in_child())
            try:
                is_saved = await asyncio.shield(saving)
            except asyncio.CancelledError:
                # The child would replace a newer snapshot by its own.
                await saving
                raise
            if is_saved:
                self._log.drop_before(segment)
            else:
                self._changed = True
                logger.error("no snapshot could be written to %s; trying again", self._path)
            pause = max(_INTERVAL_SECONDS, _PAUSE_FACTOR * (time.monotonic() - started))

    def save(self) -> None:
        """Write a snapshot of this moment. Raises the error that keeps it from being complete."""
        content = {"format": _FORMAT, "log": self._log.segment, "services": _states()}
        replace_file(self._path, json.dumps(content, default=persistence._json_default))

    async def _save_in_child(self) -> bool:
        try:
            child = os.fork()
        except OSError:
            logger.exception("the system cannot fork now")
            return False
        if child == 0:
            self._save_and_exit()
        try:
            async with asyncio.timeout(_SAVE_TIMEOUT_SECONDS):
                _, status = await asyncio.to_thread(os.waitpid, child, 0)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            return False
        return status == 0

    def _save_and_exit(self) -> NoReturn:
        code = 1
        try:
            # What the parent serves is not the child's to hold: a port must be free as soon as the parent is gone.
            os.closerange(3, self._lock_descriptor)
            os.closerange(self._lock_descriptor + 1, os.sysconf("SC_OPEN_MAX"))
            self.save()
            code = 0
        except Exception:
            logger.exception("writing a snapshot failed")
        finally:
            # Not sys.exit: the child must not run the parent's event loop, threads and exit handlers.
            os._exit(code)


def _states() -> dict[str, Any]:
    """What each of MiniStack's services would keep, by its name."""
    return {
        service: state
        for service, read_state in ministack._build_persistence_save_dict().items()
        if (state := read_state()) is not None
    }


def _changed_service(scope: Mapping[str, Any]) -> str | None:
    """Of which service more than items may have changed, if it is one whose changes are logged."""
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"").decode("latin-1")
    service, _, operation = target.partition(".")
    if service.startswith("DynamoDB_"):
        return None if operation in _ITEM_OPERATIONS else "dynamodb"
    if service.startswith("AWSCognito"):
        return "cognito"
    # S3 has no targets; its objects are files that are written at once.
    return "s3" if not service and _may_change_objects(scope) else None


def _may_change_objects(scope: Mapping[str, Any]) -> bool:
    """Whether a request without a target may be one of S3's; of those by POST, only a few are."""
    if scope["method"] == "POST":
        headers, query = dict(scope["headers"]), scope.get("query_string", b"")
        is_form = headers.get(b"content-type", b"").startswith(b"multipart/form-data")
        return is_form or b"upload" in query or b"delete" in query
    return scope["method"] in ("PUT", "DELETE")


def _may_change_data(scope: Mapping[str, Any]) -> bool:
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), None)
    if target is None:
        return scope["method"] not in ("GET", "HEAD", "OPTIONS")
    operation = target.decode("latin-1").rpartition(".")[2]
    return not operation.startswith(_READING)
