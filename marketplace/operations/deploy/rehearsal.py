"""`make rehearse`: a deployment from nothing, on an empty embedded cloud. With `--long` also an update under load, and
a restoration of the tables.

Stacks, Zappa's package, functions in processes of their own, their roles, API Gateway, Cognito, queues, rules and mail
are real as far as the embedded cloud is; nothing of it is left afterwards.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from marketplace.laptop.cloudformation import read_template
from marketplace.laptop.embedded_cloud.client import endpoint_url, free_port, start_cloud
from marketplace.laptop.embedded_cloud.iam import ROOT, Credentials
from marketplace.laptop.supervision import ChildError
from marketplace.operations.deploy.names import LAMBDA_PACKAGE, LOCAL_PACKAGE
from marketplace.operations.deploy.packaging import events_package, python_of
from marketplace.operations.deploy.permissions import differences
from marketplace.operations.deploy.recovery import generation_of
from marketplace.operations.deploy.zappa import resolved
from marketplace.operations.provisioning import SCHEDULES
from marketplace.settings.env import BASE_DIR

_STAGE = "rehearsal"


class _StepError(Exception):
    """A step did not succeed; the message names it and what it has not told itself."""


def main(*, is_long: bool) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        calls = folder / "calls"
        cloud = start_cloud(port=port, inbox_dir=folder / "inbox", enforce_iam=True, calls_file=calls)
        try:
            _rehearse(folder, _environment(folder, port), is_long=is_long)
        finally:
            cloud.stop()
    _say(f"rehearsed in {time.monotonic() - started:.0f} s")


def _rehearse(folder: Path, environment: dict[str, str], *, is_long: bool) -> None:
    _refuse_strangers(environment)
    _manage("provision", "--write-env", str(folder / "stack.env"), environment=environment)
    said = _manage("deploy", "--without-stream", environment=environment)
    of_functions = {**environment, **_read_environment(folder / "stack.env")}
    with ThreadPoolExecutor() as pool:
        alone = pool.submit(_import_alone, LOCAL_PACKAGE, Path(sys.base_prefix, "bin", "python3"), of_functions)
        # Once more, now that all is there; meanwhile, for most of it is waiting.
        _manage("deploy", "--without-stream", "--package", str(_next_release(folder)), environment=environment)
        alone.result()
    # The other artefact, which the embedded cloud cannot run.
    _manage("package", environment=environment)
    _import_on_lambdas_python(of_functions)
    _manage("rollback", environment=environment)
    _run_jobs_by_their_rules(environment)
    address = said.rsplit("deployed: ", 1)[1].strip()
    _manage("journey", address, environment=environment)
    if is_long:
        _update_under_load(folder, address, environment)
        _restore(address, environment)
    _manage("status", environment=environment)
    _manage("deploy", "--dry-run", environment=environment)
    _manage("destroy", "--confirm", _STAGE, environment=environment)
    _refuse_leftovers(environment)
    _refuse_wide_roles((folder / "calls").read_text().splitlines())


def _refuse_wide_roles(calls: Sequence[str]) -> None:
    """Raise `_StepError` if a role allows what nobody asked for, or refused what somebody did."""
    found = differences(calls)
    if found:
        raise _StepError("\n".join(found))
    _say(f"roles: {len(calls)} different calls, and nothing else is allowed but what permissions.py tells")


def _update_under_load(folder: Path, address: str, environment: dict[str, str]) -> None:
    """Deploy another release while bookings are made, and hear of each of them."""
    updated = folder / "updated"
    with ThreadPoolExecutor() as pool:
        load = pool.submit(_manage, "journey", address, "--until", str(updated), environment=environment)
        try:
            _manage("deploy", "--without-stream", "--package", str(_next_release(folder)), environment=environment)
        finally:
            updated.touch()
        load.result()
    _say("updated under load: nothing was lost")


def _restore(address: str, environment: dict[str, str]) -> None:
    """Let the site use restored tables, play a booking on these, and go back."""
    moment = datetime.now(UTC)
    command = ("restore", "--without-stream", "--confirm", _STAGE)
    _manage(*command, "--to", f"{moment:%Y-%m-%dT%H:%M:%SZ}", environment=environment)
    _manage("journey", address, environment={**environment, "TABLES_GENERATION": generation_of(moment)})
    _say("restored: a booking lived on the restored tables")
    _manage(*command, "--switch", "first", environment=environment)


def _next_release(folder: Path) -> Path:
    """The packages with a file more, as any change of the code would make them others."""
    package = folder / "next.zip"
    for source, copy in ((LOCAL_PACKAGE, package), (events_package(LOCAL_PACKAGE), events_package(package))):
        shutil.copy(source, copy)
        with zipfile.ZipFile(copy, "a") as files:
            files.writestr("next_release.txt", "")
    return package


def _environment(folder: Path, port: int) -> dict[str, str]:
    """A laptop's, without anything of the developer's own cloud and AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COGNITO_", "DJANGO_"))}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.local",
        "STAGE": _STAGE,
        "DATA_DIR": str(folder),
        "AWS_ENDPOINT_URL": endpoint_url(port),
        "AWS_ACCESS_KEY_ID": ROOT.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT.secret,
        "AWS_CONFIG_FILE": os.devnull,
    }


def _read_environment(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def _manage(command: str, *arguments: str, environment: dict[str, str]) -> str:
    """Run a management command, passing on what it says; all of it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", command, *arguments],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in process.stdout or ():
        said.append(line)
        _say(f"{command}: {line.rstrip()}")
    if process.wait():
        raise _StepError(f"`manage.py {command}` failed")
    return "".join(said)


def _refuse_strangers(environment: dict[str, str]) -> None:
    """Raise `_StepError` unless who has no policy is refused: else what follows would not show what roles may do."""
    people = _client("iam", environment)
    people.create_user(UserName="stranger")
    key = people.create_access_key(UserName="stranger")["AccessKey"]
    stranger = _client("sqs", environment, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    try:
        stranger.list_queues()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
            return
        raise
    raise _StepError("the embedded cloud refuses nobody")


def _import_on_lambdas_python(environment: dict[str, str]) -> None:
    """Load all modules of the packages for Lambda with its Python, where that is installed."""
    runtime = resolved("production")["runtime"]
    python = python_of(runtime)
    if python is None:
        _say(f"{runtime} is not installed here: the packages for Lambda were looked at, and not loaded")
    else:
        _import_alone(LAMBDA_PACKAGE, Path(python), environment)


def _import_alone(package: Path, python: Path, environment: dict[str, str]) -> None:
    """Load all modules of the package, and of the events function's, with nothing else installed, and answer a request.

    The embedded cloud's functions would also find what is installed beside the cloud itself.
    """
    _import_package(package, python, environment, absent=_ABSENT_FROM_WEB)
    _import_package(events_package(package), python, environment, absent=())


def _import_package(path: Path, python: Path, environment: dict[str, str], *, absent: Sequence[str]) -> None:
    """`absent` are the libraries that it lacks on purpose: what imports one of them is for the other function."""
    with tempfile.TemporaryDirectory() as name:
        with zipfile.ZipFile(path) as package:
            package.extractall(name)
        # -S: without the packages of the interpreter itself.
        done = subprocess.run(
            [python, "-I", "-S", "-c", _LOAD_ALL, name, *absent],
            env={**environment, **_PRODUCTION},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise _StepError(f"{path.name} does not load by itself:\n{done.stderr[-3000:]}")
    # Zappa's bridge says something of its own first.
    _say(f"{path.name}: {done.stdout.splitlines()[-1]}")


# What production's settings want to know; nothing is called.
_PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
    "SECRET_KEY": "rehearsal",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SITE_URL": "https://lintel.example",
    "EMAIL_FROM_ADDRESS": "no-reply@lintel.example",
    "TRUSTED_PROXY_HOPS": "0",
}
_ABSENT_FROM_WEB = ("PIL", "uharfbuzz", "css_inline")
_LOAD_ALL = """
import importlib, pkgutil, sys, time
sys.path.insert(0, sys.argv[1])
started = time.perf_counter()
from marketplace.entrypoints import http
request = {"httpMethod": "GET", "path": "/health", "body": None, "headers": {"Host": "127.0.0.1"}}
request["headers"]["X-Forwarded-Proto"] = "https"
answer = http.handle(request | {"requestContext": {"stage": "rehearsal"}})
assert answer["statusCode"] == 200, answer
first = time.perf_counter() - started
absent, names, others = set(sys.argv[2:]), [], []
if not absent:
    from marketplace.entrypoints import events
for app in ("kernel", "marketplace", "accounts", "photos", "catalog", "bookings", "reviews", "notifications", "pages"):
    for module in pkgutil.walk_packages([f"{sys.argv[1]}/{app}"], f"{app}."):
        # Settings are chosen, not loaded one beside the other; management commands are not for functions.
        if ".management" not in module.name and ".settings" not in module.name:
            try:
                importlib.import_module(module.name)
                names.append(module.name)
            except ModuleNotFoundError as error:
                if (error.name or "").split(".")[0] not in absent:
                    raise
                others.append(module.name)
found = f"{len(names)} modules load from it alone, {len(others)} are for the other function"
print(f"{found}; import and first response in {first:.2f} s")
"""


def _run_jobs_by_their_rules(environment: dict[str, str]) -> None:
    """Call the function with what EventBridge would: for each rule of the template, its own target and input."""
    rules, functions = _client("events", environment), _client("lambda", environment)
    resources = read_template(SCHEDULES.path)["Resources"].values()
    names = [
        resource["Properties"]["Name"]["Fn::Sub"].replace("${Prefix}", f"{_STAGE}-")
        for resource in resources
        if resource["Type"] == "AWS::Events::Rule"
    ]
    for name in names:
        (target,) = rules.list_targets_by_rule(Rule=name)["Targets"]
        answer = functions.invoke(FunctionName=target["Arn"], Payload=target["Input"])
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise _StepError(f"rule {name}: the function failed on {target['Input']}: {payload[:2000]}")
        _say(f"schedules: {name} calls with {target['Input']}, which did {payload}")


def _refuse_leftovers(environment: dict[str, str]) -> None:
    """Raise `_StepError` if the cloud still has anything of the stage."""
    functions = _client("lambda", environment)
    left = [
        *functions.list_functions()["Functions"],
        *functions.list_event_source_mappings()["EventSourceMappings"],
        *_client("apigateway", environment).get_rest_apis()["items"],
        *_client("cloudfront", environment).list_distributions()["DistributionList"].get("Items", []),
        *_client("dynamodb", environment).list_tables()["TableNames"],
        *_client("s3", environment).list_buckets()["Buckets"],
        *_client("cognito-idp", environment).list_user_pools(MaxResults=10)["UserPools"],
        *_client("sqs", environment).list_queues().get("QueueUrls", []),
        *_client("sns", environment).list_topics()["Topics"],
        *_client("ssm", environment).describe_parameters()["Parameters"],
        *[
            each["RoleName"]
            for each in _client("iam", environment).list_roles()["Roles"]
            if "lintel" in each["RoleName"]
        ],
        *_client("events", environment).list_rules()["Rules"],
        *_client("cloudwatch", environment).describe_alarms()["MetricAlarms"],
    ]
    if left:
        raise _StepError(f"left after destroy: {left}")
    _say("destroy: the cloud is empty")


def _client(service: str, environment: dict[str, str], caller: Credentials = ROOT) -> Any:
    return _session(caller).client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])


@cache
def _session(caller: Credentials) -> Any:
    return boto3.Session(*caller, region_name="us-east-1")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(is_long="--long" in sys.argv[1:])
    except (_StepError, ChildError) as error:
        sys.exit(f"the rehearsal stopped: {error}")
