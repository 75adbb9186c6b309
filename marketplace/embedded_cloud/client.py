"""Starts the embedded cloud as a child process and tells when it answers."""

import http.client
import socket
import time
from pathlib import Path

from marketplace.embedded_cloud.errors import CloudError
from marketplace.embedded_cloud.server import HOST
from marketplace.supervision import Child

_START_PATIENCE_SECONDS = 30.0


def endpoint_url(port: int) -> str:
    """What `AWS_ENDPOINT_URL` must say to reach the embedded cloud on this port."""
    return f"http://{HOST}:{port}"


def free_port() -> int:
    """A port of the loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def start_cloud(*, port: int, data_dir: Path | None = None, lock_descriptor: int | None = None) -> Child:
    """Start the embedded cloud and return once it answers; without `data_dir` its data end with it.

    `lock_descriptor` is handed to `Child`. Raises `CloudError` when the cloud ends instead of answering (it has then
    said why on standard error) or stays silent.
    """
    arguments = ["--port", str(port)]
    if data_dir:
        arguments += ["--data-dir", str(data_dir)]
    cloud = Child("embedded cloud", "marketplace.embedded_cloud", *arguments, lock_descriptor=lock_descriptor)
    give_up_at = time.monotonic() + _START_PATIENCE_SECONDS
    while not _answers(port):
        if cloud.exit_code is not None:
            raise CloudError("the embedded cloud did not start")
        if time.monotonic() > give_up_at:
            cloud.stop()
            raise CloudError(f"the embedded cloud did not answer within {_START_PATIENCE_SECONDS:.0f} s")
        time.sleep(0.02)
    return cloud


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
