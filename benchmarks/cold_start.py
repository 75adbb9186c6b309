"""From nothing to the first answer: the application against a bare boto3 function that makes the same query."""

import importlib.metadata
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.conf import settings

from benchmarks.report import Figure
from benchmarks.site import Site
from marketplace.operations.deploy.packaging import absent_modules

_ROOT = Path(__file__).parents[1]
# Lambda gives a whole processor with so much memory, and of it in proportion with less.
_WHOLE_PROCESSOR_MB = 1769
_SIZES_MB = (512, 1024)
# How often a part of a processor is given and taken away.
_PERIOD_SECONDS = 0.02

# What is not in the package cannot be imported: libraries use what they find, pygments and PyYAML for example.
_PROLOGUE = """
import os, sys
sys.modules.update(dict.fromkeys(os.environ["COLD_START_ABSENT"].split(","), None))
"""

# Both print what they took themselves; the parent adds the time until they were done.
_EPILOGUE = """
import json, time
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")] if os.path.exists("/proc") else []
memory = int(peak[0].split()[1]) * 1024 if peak else 0
modules = sum(module is not None for module in sys.modules.values())
print(json.dumps({"cpu": time.process_time(), "memory": memory, "modules": modules}))
"""

_APPLICATION = """
import io
from marketplace.wsgi import application

def start_response(status, headers, exc_info=None):
    if not status.startswith("200"):
        sys.exit(f"the first answer is {status}")

environ = {
    "REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/bookings", "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_AUTHORIZATION": "Bearer " + os.environ["COLD_START_TOKEN"],
    "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
    "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": True,
}
b"".join(application(environ, start_response))
"""

_BARE_FUNCTION = """
import json
import boto3

dynamodb = boto3.client("dynamodb", region_name="us-east-1")

def handler(event, context):
    answer = dynamodb.query(
        TableName=os.environ["COLD_START_TABLE"], IndexName="customerBookings-index", Limit=20,
        ScanIndexForward=False, KeyConditionExpression="customerId = :customer",
        ExpressionAttributeValues={":customer": {"S": event["customer"]}},
    )
    return {"statusCode": 200, "body": json.dumps(answer["Items"])}

handler({"customer": "cold-starter"}, None)
"""


@dataclass(frozen=True, slots=True)
class _Start:
    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int
    modules: int


def measure_cold_start(site: Site, *, rounds: int) -> list[Figure]:
    """The figures of starting; each start is a fresh process with compiled modules, as a package ships them."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            **site.environment,
            "COLD_START_TOKEN": site.customer_token("cold-starter"),
            "COLD_START_TABLE": f"{settings.RESOURCE_PREFIX}bookings-table",
            "COLD_START_ABSENT": ",".join(_absent_modules()),
            "PYTHONPYCACHEPREFIX": folder,
            # In a function the application loads the pages when one is asked for.
            "AWS_LAMBDA_FUNCTION_NAME": "cold-start",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for program in (_APPLICATION, _BARE_FUNCTION):
            _start(program, environment)
        pairs = [(_start(_APPLICATION, environment), _start(_BARE_FUNCTION, environment)) for _ in range(rounds)]
        whole_ms = statistics.median(ours.wall_seconds for ours, _ in pairs) * 1000
        in_part = [
            _with_memory(size, [_start(_APPLICATION, environment, share=size / _WHOLE_PROCESSOR_MB) for _ in range(3)])
            for size in _SIZES_MB
        ]
    cpu_ratio = statistics.median(ours.cpu_seconds / bare.cpu_seconds for ours, bare in pairs)
    wall_ratio = statistics.median(ours.wall_seconds / bare.wall_seconds for ours, bare in pairs)
    last = pairs[-1][0]
    ours_ms, bare_ms = (statistics.median(pair[side].cpu_seconds for pair in pairs) * 1000 for side in range(2))
    return [
        Figure(
            "cold start ÷ bare boto3 function",
            cpu_ratio,
            "times",
            1.9,
            1.6,
            f"processor time, {ours_ms:.0f} ms against {bare_ms:.0f} ms; {wall_ratio:.2f} times by the clock; "
            f"{rounds} pairs",
        ),
        Figure("modules after the first answer", last.modules, "modules"),
        Figure("peak memory after the first answer", last.memory_bytes / 1e6, "MB", 110, 90),
        Figure(f"cold start by the clock, {_WHOLE_PROCESSOR_MB} MB", whole_ms, "ms"),
        *in_part,
    ]


def _with_memory(size: int, starts: list[_Start]) -> Figure:
    milliseconds = statistics.median(start.wall_seconds for start in starts) * 1000
    share = size / _WHOLE_PROCESSOR_MB
    return Figure(f"cold start by the clock, {size} MB", milliseconds, "ms", detail=f"with {share:.0%} of a processor")


def _absent_modules() -> list[str]:
    """The importable names that only development brings along, and those that the package leaves out."""
    lines = (_ROOT / "requirements" / "base.txt").read_text().splitlines()
    shipped = {line.partition("==")[0].strip().lower() for line in lines if "==" in line}
    development = {
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if module.isidentifier() and not shipped & {name.lower().replace("_", "-") for name in distributions}
    }
    return sorted(development | absent_modules())


def _start(program: str, environment: dict[str, str], *, share: float = 1.0) -> _Start:
    """A start of the program, with this share of a processor."""
    started = time.perf_counter()
    command = [sys.executable, "-c", _PROLOGUE + program + _EPILOGUE]
    with subprocess.Popen(command, env=environment, cwd=_ROOT, stdout=subprocess.PIPE) as process:
        if share < 1:
            _hold_back(process, share)
        answer, _ = process.communicate()
    wall_seconds = time.perf_counter() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:2])
    taken = orjson.loads(answer)
    return _Start(wall_seconds, taken["cpu"], taken["memory"], taken["modules"])


def _hold_back(process: subprocess.Popen[bytes], share: float) -> None:
    """Let it run for a part of each period until it has ended, as a quota of the system does."""
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(_PERIOD_SECONDS * (1 - share))
        process.send_signal(signal.SIGCONT)
        time.sleep(_PERIOD_SECONDS * share)
