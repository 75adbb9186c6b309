"""A web function that starts from a snapshot: copies of one memory have chances, ids and connections of their own, and
go by the clock as it is, however long the snapshot lay.

A fork past Python's own hooks is what a snapshot is: the same memory twice, and nobody is told.
"""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from marketplace.health import CHECKS
from marketplace.operations.provisioning import provision
from marketplace.settings.env import BASE_DIR

_COPIES = 3
# Lambda's own module and Zappa's bridge, which the package has, stand in for what only Lambda has.
_FUNCTION = """
import ctypes, json, os, random, secrets, socket, sys, threading, time, types, uuid
from datetime import UTC, date, datetime, timedelta
import time_machine

hooks = []
lambdas_own = types.ModuleType("snapshot_restore_py")
lambdas_own.register_after_restore = hooks.append
bridge = types.ModuleType("zappa.handler")
bridge.LambdaHandler = object
sys.modules |= {"snapshot_restore_py": lambdas_own, "zappa": types.ModuleType("zappa"), "zappa.handler": bridge}

import marketplace.wsgi
import marketplace.entrypoints.http
from django.conf import settings
from django.core import signing
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.utils.crypto import get_random_string
from kernel import clock, ids, storage
from kernel.aws import client
from marketplace import health

# The copies make their clients all at once, which takes long on a busy machine. How long is not asked here.
health.TIME_LIMIT_SECONDS = 120

def is_now(value):
    if isinstance(value, date):
        value = time.mktime(value.timetuple())
    return isinstance(value, int | float) and abs(value - time.time()) < 2 * 86400

def moments():
    # What modules of ours remember of when they were loaded, themselves or one level deep.
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in (*settings.APPS, "kernel", "pages", "marketplace"):
            for attribute, value in list(vars(module).items()):
                if isinstance(value, types.ModuleType):
                    continue
                inside = value if isinstance(value, dict) else getattr(value, "__dict__", {})
                if any(map(is_now, [value, *(dict(inside).values())])):
                    yield f"{name}.{attribute}"

def kept():
    # What is kept for a time: read before the snapshot, it would seem fresh in every copy.
    from accounts.revocations import revocations
    from accounts.tokens import _signing_keys
    from catalog.queries.offers import _kept
    return [revocations._read_at != float("-inf"), _signing_keys.cache_info().currsize, len(_kept)]

def counts(signed, seconds):
    try:
        return signing.loads(signed, max_age=seconds)
    except signing.SignatureExpired:
        return "too old"

def sockets():
    return sum(os.readlink(f"/proc/self/fd/{name}").startswith("socket:") for name in os.listdir("/proc/self/fd")
               if os.path.islink(f"/proc/self/fd/{name}"))

open_at_start, kept_at_start, moments_at_start = sockets(), kept(), list(moments())
signed_before, began_at = signing.dumps("signed before"), clock.now().timestamp()
loaded = "pages.urls" in sys.modules and "bookings.api" in sys.modules
if sys.argv[1] == "warm":
    # Worse than any start: connections are open, and a client is made.
    health.check_parts()
    # Of threads a fork copies nothing but the locks that they hold, where a snapshot copies them whole.
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()

for number in range(int(sys.argv[2])):
    reading, writing = os.pipe()
    if ctypes.CDLL(None).fork() == 0:
        if sys.argv[3] == "restored":
            # The clock has gone on meanwhile; the one that measures how long something takes has not.
            time_machine.travel(datetime.now(UTC) + timedelta(days=3)).start()
            for hook in hooks:
                hook()
        told = {
            "chances": [random.random() for _ in range(3)],
            "ids": [
                ids.new_child_id(ids.provider_id_for("somebody")), str(uuid.uuid4()), secrets.token_hex(8),
                get_random_string(12),
            ],
            "token": get_token(RequestFactory().get("/")),
            "slept": clock.now().timestamp() - began_at,
            "counts": [counts(signed_before, 3600), counts(signing.dumps("signed now"), 60)],
            "health": {part.name: part.detail for part in health.check_parts()} if sys.argv[3] == "restored" else {},
        }
        os.write(writing, json.dumps(told).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        print(pipe.read())
print(json.dumps({
    "hooks": len(hooks), "open_at_start": open_at_start, "loaded": loaded, "kept": kept_at_start,
    "moments": moments_at_start,
}))
"""


@pytest.fixture(scope="module")
def environment(cloud: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
        **provision(settings.STAGE),
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
        "AWS_LAMBDA_FUNCTION_NAME": "lintel-test",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
        "AWS_ENDPOINT_URL": cloud,
        "STAGE": settings.STAGE,
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "https://testserver",
        "EMAIL_FROM_ADDRESS": settings.EMAIL_FROM_ADDRESS,
        "TRUSTED_PROXY_HOPS": "2",
    }


def run(environment: dict[str, str], *arguments: str) -> tuple[list[dict[str, object]], dict[str, object]]:
    """What the copies tell, and the function that they are copies of."""
    done = subprocess.run(
        [sys.executable, "-c", _FUNCTION, arguments[0], str(_COPIES), arguments[1]],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *copies, original = map(json.loads, done.stdout.splitlines())
    return copies, original


@pytest.mark.parametrize("start", ["cold", "warm"])
def test_copies_have_nothing_in_common_but_what_they_may(environment: dict[str, str], start: str) -> None:
    copies, original = run(environment, start, "restored")
    assert len(copies) == _COPIES
    for unique in ("chances", "ids", "token"):
        assert len({json.dumps(copy[unique]) for copy in copies}) == _COPIES, unique
    # On connections of their own: over one socket, each would read what another was told.
    for copy in copies:
        assert copy["health"] == dict.fromkeys(CHECKS, "")
    assert original["hooks"] == 1


def test_a_snapshot_holds_no_connection_no_moment_and_all_pages(environment: dict[str, str]) -> None:
    copies, original = run(environment, "cold", "restored")
    assert (original["open_at_start"], original["loaded"]) == (0, True)
    assert (original["kept"], original["moments"]) == ([False, 0, 0], [])
    for copy in copies:
        # Three days, and the time that starting takes.
        assert 0 <= float(str(copy["slept"])) - 3 * 86_400 < 3600
        assert copy["counts"] == ["too old", "signed now"]


def test_mutant_copies_that_are_not_told_share_their_chances(environment: dict[str, str]) -> None:
    copies, _ = run(environment, "cold", "untold")
    assert len({json.dumps(copy["chances"]) for copy in copies}) == 1
    # What must never be shared comes from the system, and is not, told or not.
    assert len({json.dumps(copy["ids"]) for copy in copies}) == _COPIES
