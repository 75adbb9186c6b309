"""Releases of a stage's functions: which there are, and taking the last one back.

The functions have a package each, and a deployment may end half-way: which versions belong together is written down, in
the Parameter Store, once all of them are there.
"""

import json
import time
from dataclasses import asdict
from typing import Any

import urllib3

from kernel import clock
from kernel.aws import client
from kernel.values import dataclass
from marketplace.operations.deploy.names import Report, events_function, web_function
from marketplace.operations.deploy.patience import patient_lambda
from marketplace.operations.deploy.snapshots import renew
from marketplace.settings.env import resource_prefix

# As many as Zappa leaves versions of.
KEPT = 5
_PATIENCE_SECONDS = 60


class RollbackError(Exception):
    """There is nothing to go back to; the message says why."""


@dataclass(frozen=True, slots=True)
class Release:
    """What both functions ran together: by the function's name the number of its version, and when it was deployed."""

    versions: dict[str, str]
    deployed_at: str


def record_release(stage: str) -> None:
    """Write down that what both functions run belongs together."""
    running = {name: _running_version(name) for name in (web_function(stage), events_function(stage))}
    known = releases(stage)
    if known and known[0].versions == running:
        return
    found = [Release(running, clock.to_rfc3339(clock.now())), *(each for each in known if each.versions != running)]
    client("ssm").put_parameter(
        Name=_name(stage),
        Value=json.dumps([asdict(each) for each in found[:KEPT]]),
        Type="String",
        Overwrite=True,
    )


def releases(stage: str) -> list[Release]:
    """What was deployed whole, the newest first."""
    parameters = client("ssm")
    try:
        written = parameters.get_parameter(Name=_name(stage))["Parameter"]["Value"]
    except parameters.exceptions.ParameterNotFound:
        return []
    return [Release(**each) for each in json.loads(written)]


def roll_back(stage: str, *, report: Report) -> Release:
    """Let both functions run the release before the one that they run; what it is. Stacks and data stay as they are.

    May be repeated, to go back further. Raises `RollbackError`.
    """
    known = releases(stage)
    running: dict[str, str | None] = {
        name: _running_sha(name) for name in (web_function(stage), events_function(stage))
    }
    shas: list[dict[str, str | None]] = [
        {name: _sha(name, version) for name, version in each.versions.items()} for each in known
    ]
    # What is newer than what runs was taken back; what never was whole comes after all that was.
    older = known[shas.index(running) + 1 :] if running in shas else known
    if not older:
        raise RollbackError(f"there is no release of {stage} before the one that runs")
    for name, version in older[0].versions.items():
        _run(name, version)
        report(f"{name}: runs the release of {older[0].deployed_at}")
    renew(stage, report=report)
    return older[0]


def _name(stage: str) -> str:
    return f"/{resource_prefix(stage)}marketplace/releases"


def _running_sha(name: str) -> str:
    return str(client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"])


def _sha(name: str, version: str) -> str | None:
    """What the version's package is; None if Lambda does not have it any more."""
    functions = client("lambda")
    try:
        return str(functions.get_function_configuration(FunctionName=name, Qualifier=version)["CodeSha256"])
    except functions.exceptions.ResourceNotFoundException:
        return None


def _running_version(name: str) -> str:
    """The number of the newest version with the package that runs, of those that Zappa published."""
    running = _running_sha(name)
    pages = client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=name)
    numbered = [each for page in pages for each in page["Versions"] if each["Version"] != "$LATEST"]
    # Those with a snapshot are published for visitors, and go when the next one is there.
    lasting = [each for each in numbered if each.get("SnapStart", {}).get("ApplyOn") != "PublishedVersions"]
    return str(max((each["Version"] for each in lasting if each["CodeSha256"] == running), key=int))


def _run(name: str, version: str) -> None:
    """Give the function the package of the version. Lambda keeps these itself: no bucket is asked for them."""
    functions = client("lambda")
    try:
        found: dict[str, Any] = functions.get_function(FunctionName=name, Qualifier=version)
    except functions.exceptions.ResourceNotFoundException as error:
        raise RollbackError(f"Lambda has version {version} of {name} no more: deploy what it was") from error
    package = urllib3.request("GET", found["Code"]["Location"], timeout=30, retries=3).data
    updated = patient_lambda().update_function_code(FunctionName=name, ZipFile=package)
    if updated["CodeSha256"] != found["Configuration"]["CodeSha256"]:
        raise RollbackError(f"{name} took another package than that of version {version}: deploy what it was")
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while functions.get_function_configuration(FunctionName=name).get("LastUpdateStatus") == "InProgress":
        if time.monotonic() > give_up_at:
            raise RollbackError(f"{name} does not take its package: try again in a minute")
        time.sleep(1)
