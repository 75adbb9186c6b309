"""Serves the embedded cloud, on the loopback unless `CLOUD_BIND` says otherwise, until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from marketplace.laptop.embedded_cloud import budgets, codes, copies, edge, iam, recovery, starts, templates, versions
from marketplace.laptop.embedded_cloud.doors import Uploads, guarded
from marketplace.laptop.embedded_cloud.errors import CloudError
from marketplace.laptop.embedded_cloud.files import exclusive_lock
from marketplace.laptop.embedded_cloud.mailbox import mailbox
from marketplace.settings.env import cloud_bind, cloud_hosts, media_bucket_name, site_url

HOST = "127.0.0.1"


def serve(
    *,
    port: int,
    data_dir: Path | None,
    inbox_dir: Path | None,
    enforce_iam: bool = False,
    calls_file: Path | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. With `data_dir` the data outlive the process, `kill -9` included.

    Emails that SES takes are left in `inbox_dir`, by default a folder of `data_dir`. With `enforce_iam`, for a
    cloud without `data_dir`, functions may do what their roles' policies allow, and `iam.ROOT` everything;
    what roles ask for is written into `calls_file`.
    Raises `CloudError` when the port or the folder is in use, or the data cannot be read.
    """
    refuse_used_port(port, "CLOUD_PORT")
    _configure_ministack(port, data_dir)
    if enforce_iam:
        os.environ.update(iam.SETTINGS)
        iam.enforce()
        if calls_file:
            iam.record_calls(calls_file)
    budgets.enforce()
    codes.enforce()
    copies.enforce()
    edge.enforce(port)
    recovery.enforce()
    starts.enforce()
    templates.enforce()
    versions.enforce()
    _raise_descriptor_limit()
    if inbox_dir is None and data_dir is not None:
        inbox_dir = data_dir / "inbox"
    if data_dir is None:
        asyncio.run(_serve(port, inbox_dir, watch=iam.as_encrypted if enforce_iam else None))
        return
    with exclusive_lock(data_dir / "cloud.lock") as lock:
        asyncio.run(_serve_with_snapshots(port, inbox_dir, data_dir / "cloud.json", lock.fileno()))


def refuse_used_port(port: int, setting: str) -> None:
    """Raise `CloudError`, which names the setting to change, if something listens on this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CloudError(f"port {port} is in use; choose another with {setting}") from error


async def _serve_with_snapshots(port: int, inbox_dir: Path | None, path: Path, lock_descriptor: int) -> None:
    # MiniStack takes its settings at import.
    from marketplace.laptop.embedded_cloud.snapshots import Snapshots

    snapshots = Snapshots(path, lock_descriptor=lock_descriptor)
    snapshots.restore()
    keeping = asyncio.create_task(snapshots.keep())
    await _serve(port, inbox_dir, watch=snapshots.watch)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    snapshots.save()


async def _serve(
    port: int, inbox_dir: Path | None, watch: Callable[[iam.ASGIApplication], iam.ASGIApplication] | None = None
) -> None:
    from hypercorn.asyncio import serve as serve_asgi
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"{cloud_bind()}:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"

    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    async with mailbox(inbox_dir) if inbox_dir else contextlib.nullcontext() as smtp_server:
        if smtp_server:
            # MiniStack looks it up for each email.
            os.environ["SMTP_HOST"] = smtp_server
        await serve_asgi(_guarded(watch(app) if watch else app), config, shutdown_trigger=lambda: _wait_for_end(stop))


def _guarded(application: iam.ASGIApplication) -> iam.ASGIApplication:
    bucket, site = media_bucket_name(), urlsplit(site_url())
    uploads = Uploads(bucket, f"{site.scheme}://{site.netloc}") if bucket else None
    return guarded(application, hosts=cloud_hosts(), uploads=uploads)


async def _wait_for_end(stop: asyncio.Event) -> None:
    await stop.wait()
    # Whoever waits for a message of a queue is cut off now; asyncio would report each with a traceback.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def _configure_ministack(port: int, data_dir: Path | None) -> None:
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # `snapshots` keeps the state; only the bodies of S3 objects are files of their own, written at once.
            "PERSIST_STATE": "0",
            "S3_PERSIST": "1" if data_dir else "0",
            "S3_DATA_DIR": str(data_dir / "s3") if data_dir else "",
        }
    )


def _raise_descriptor_limit() -> None:
    """Let many clients connect at once: the usual soft limit is 1,024, or 256 on macOS."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
