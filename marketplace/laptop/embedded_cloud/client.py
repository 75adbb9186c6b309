"""Starts the embedded cloud as a child process."""

import socket
from pathlib import Path

from marketplace.laptop.embedded_cloud.server import HOST
from marketplace.laptop.supervision import Child


def endpoint_url(port: int) -> str:
    """What `AWS_ENDPOINT_URL` must say to reach the embedded cloud on this port."""
    return f"http://{HOST}:{port}"


def free_port() -> int:
    """A port of the loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def start_cloud(
    *,
    port: int,
    data_dir: Path | None = None,
    inbox_dir: Path | None = None,
    lock_descriptor: int | None = None,
    enforce_iam: bool = False,
    calls_file: Path | None = None,
) -> Child:
    """Start the embedded cloud and return once it answers; without `data_dir` its data end with it.

    Sent emails are left in `inbox_dir`, by default a folder of `data_dir`. `lock_descriptor` is handed to `Child`.
    With `enforce_iam` functions may do what their roles' policies allow, and `iam.ROOT` all; else everybody may. What
    roles ask for is then written into `calls_file`.
    Raises `ChildError` when it does not start.
    """
    arguments = ["--port", str(port)]
    if data_dir:
        arguments += ["--data-dir", str(data_dir)]
    if inbox_dir:
        arguments += ["--inbox-dir", str(inbox_dir)]
    if enforce_iam:
        arguments.append("--enforce-iam")
    if calls_file:
        arguments += ["--calls-file", str(calls_file)]
    cloud = Child("embedded cloud", "marketplace.laptop.embedded_cloud", *arguments, lock_descriptor=lock_descriptor)
    try:
        cloud.wait_for_answer(HOST, port, "/_ministack/health", patience_seconds=30)
    except BaseException:
        cloud.stop()
        raise
    return cloud
