"""The application as real processes: gunicorn, and the environment that points it at an embedded cloud."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

import urllib3

from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.laptop.supervision import Child
from tests.factories.accounts import TokenIssuer

APPLICATION = "marketplace.wsgi:application"

_START_PATIENCE_SECONDS = 60.0


class ServerError(Exception):
    """gunicorn did not start, or not in time; it has said why on standard error."""


def served_environment(*, cloud_url: str, issuer: TokenIssuer) -> dict[str, str]:
    """What a process needs to serve the application from that cloud, for people with that issuer's tokens.

    It goes by the test stage, so the cloud must have been provisioned for that.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "AWS_ENDPOINT_URL": cloud_url,
        "COGNITO_API_CLIENT_ID": issuer.client_id,
        "COGNITO_ISSUER": issuer.issuer,
        "COGNITO_JWKS_URL": issuer.jwks_url,
    }


@contextmanager
def serve(application: str, environment: Mapping[str, str], *, workers: int = 1, threads: int = 1) -> Iterator[int]:
    """Serve a WSGI application until the block ends; its port on 127.0.0.1. `environment` is added to the parent's.

    One thread means gunicorn's sync worker, more mean gthread, which keeps connections alive. Raises `ServerError`.
    """
    port = free_port()
    gunicorn = Child(
        "gunicorn",
        "gunicorn",
        application,
        f"--bind=127.0.0.1:{port}",
        f"--workers={workers}",
        f"--threads={threads}",
        f"--worker-class={'sync' if threads == 1 else 'gthread'}",
        "--keep-alive=75",
        "--timeout=120",
        "--log-level=error",
        # Its default place is the home directory, where several servers would meet.
        "--no-control-socket",
        environment=environment,
    )
    try:
        _wait_until_it_answers(gunicorn, port)
        yield port
    finally:
        gunicorn.stop()


def _wait_until_it_answers(gunicorn: Child, port: int) -> None:
    give_up_at = time.monotonic() + _START_PATIENCE_SECONDS
    while True:
        if gunicorn.exit_code is not None:
            raise ServerError(f"gunicorn ended with exit code {gunicorn.exit_code}")
        if time.monotonic() > give_up_at:
            raise ServerError(f"gunicorn did not answer within {_START_PATIENCE_SECONDS:.0f} s")
        try:
            health = urllib3.request("GET", f"http://127.0.0.1:{port}/health", timeout=5, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
            continue
        if health.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ServerError(f"{gunicorn.name} serves an application that fails: /health answers {health.status}")
        return
