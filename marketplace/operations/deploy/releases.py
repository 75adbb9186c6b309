"""Releases of a stage's functions: which there are, and taking the last one back."""

import time
from dataclasses import dataclass
from typing import Any

import urllib3

from kernel.aws import client
from marketplace.operations.deploy.names import Report, events_function, web_function

_PATIENCE_SECONDS = 60


class RollbackError(Exception):
    """There is nothing to go back to; the message says why."""


@dataclass(frozen=True, slots=True)
class Release:
    """One package as both functions have run it; `sha` is that of its content."""

    sha: str
    deployed_at: str


def releases(stage: str) -> list[Release]:
    """What both functions still have, the one that runs first; a deployment keeps the last five."""
    web, events = _versions(web_function(stage)), _versions(events_function(stage))
    return [Release(sha, version["LastModified"]) for sha, version in web.items() if sha in events]


def roll_back(stage: str, *, report: Report) -> Release:
    """Let both functions run the release before the one that they run; what it is. Stacks and data stay as they are.

    May be repeated, to go back further. Raises `RollbackError`.
    """
    found = releases(stage)
    if len(found) < 2:
        raise RollbackError(f"{stage} has {len(found)} release: there is none before it")
    previous = found[1]
    for name in (web_function(stage), events_function(stage)):
        _run(name, _versions(name)[previous.sha])
        report(f"{name}: runs the release of {previous.deployed_at}")
    return previous


def _versions(name: str) -> dict[str, dict[str, Any]]:
    """The function's versions by the sha of their package, the newest first; the one that runs before all others."""
    functions = client("lambda")
    running = functions.get_function_configuration(FunctionName=name)["CodeSha256"]
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    numbered = [each for page in pages for each in page["Versions"] if each["Version"] != "$LATEST"]
    numbered.sort(key=lambda each: int(each["Version"]), reverse=True)
    # What is newer than what runs was taken back.
    shas = [each["CodeSha256"] for each in numbered]
    older = numbered[shas.index(running) :] if running in shas else numbered
    by_sha: dict[str, dict[str, Any]] = {}
    for each in older:
        by_sha.setdefault(each["CodeSha256"], each)
    return by_sha


def _run(name: str, version: dict[str, Any]) -> None:
    """Give the function the package of the version. Lambda keeps these itself: no bucket is asked for them."""
    functions = client("lambda")
    location = functions.get_function(FunctionName=name, Qualifier=version["Version"])["Code"]["Location"]
    package = urllib3.request("GET", location, timeout=30, retries=3).data
    updated = functions.update_function_code(FunctionName=name, ZipFile=package)
    if updated["CodeSha256"] != version["CodeSha256"]:
        raise RollbackError(f"{name} took another package than that of version {version['Version']}: deploy instead")
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while functions.get_function_configuration(FunctionName=name).get("LastUpdateStatus") == "InProgress":
        if time.monotonic() > give_up_at:
            raise RollbackError(f"{name} does not take its package: try again in a minute")
        time.sleep(1)
