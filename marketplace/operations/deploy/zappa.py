"""Zappa's command line, and what each stage tells it: production's settings under the stage's own names."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.names import Report
from marketplace.operations.deploy.network import network_of
from marketplace.operations.deploy.packaging import THIS_PYTHON
from marketplace.settings.env import BASE_DIR

_ZAPPA = BASE_DIR / ".venv-deploy" / "bin" / "zappa"
_BUILD = BASE_DIR / "build"
_SETTINGS = BASE_DIR / "zappa_settings.json"
_EVENTS = "_events"
_PRODUCTION = "production"


class ZappaError(Exception):
    """Zappa did not do it; the message has the end of what it said."""


def zappa(verb: str, zappa_stage: str, *arguments: str, for_lambda: bool, report: Report) -> None:
    """Run one of Zappa's verbs for a stage, `NAME` or `NAME_events`. Raises `ZappaError`.

    With `for_lambda`, packages are of Lambda's Python and platform, else of this machine's.
    """
    packages = BASE_DIR / (".venv-lambda" if for_lambda else ".venv-package")
    if not _ZAPPA.exists() or not packages.exists():
        raise ZappaError("Zappa's environments are missing: `make rehearse` makes them.")
    done = subprocess.run(
        [_ZAPPA, verb, zappa_stage, "--settings_file", _written(zappa_stage, for_lambda=for_lambda), *arguments],
        cwd=BASE_DIR,
        # Zappa packages the environment that this names.
        env={**os.environ, "VIRTUAL_ENV": str(packages), "AWS_DEFAULT_REGION": settings.AWS_REGION},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ZappaError(f"zappa {verb} {zappa_stage} failed:\n{done.stdout[-3000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("package: "):
            report(line)


def _written(zappa_stage: str, *, for_lambda: bool) -> Path:
    """Where the settings of this one stage are."""
    stage = zappa_stage.removesuffix(_EVENTS)
    settings_of_stage = {
        **stage_settings(zappa_stage, runtime=None if for_lambda else THIS_PYTHON),
        "s3_bucket": packages_bucket(stage),
        "aws_region": settings.AWS_REGION,
        "xray_tracing": settings.WITH_TRACING,
        "vpc_config": network_of(stage),
    }
    _BUILD.mkdir(exist_ok=True)
    path = _BUILD / f"zappa-{zappa_stage}.json"
    path.write_text(json.dumps({zappa_stage: settings_of_stage}, indent=2))
    return path


def packages_bucket(stage: str) -> str:
    """The bucket for packages on their way to Lambda; of all of AWS only one has this name."""
    return f"lintel-{stage}-packages-{client('sts').get_caller_identity()['Account']}-{settings.AWS_REGION}"


def stage_settings(zappa_stage: str, *, runtime: str | None = None) -> dict[str, Any]:
    """What a stage, `NAME` or `NAME_events`, tells Zappa: production's settings with its own name, its role and, if
    given, the runtime.
    """
    stage = zappa_stage.removesuffix(_EVENTS)
    production = resolved(_PRODUCTION + zappa_stage.removeprefix(stage))
    variables = {**production["aws_environment_variables"], "STAGE": stage}
    return {
        **production,
        "role_name": production["role_name"].replace(_PRODUCTION, stage),
        "runtime": runtime or production["runtime"],
        "aws_environment_variables": variables,
    }


def resolved(name: str) -> dict[str, Any]:
    """A stage of zappa_settings.json with what it extends."""
    stages = json.loads(_SETTINGS.read_text())

    def merged(name: str) -> dict[str, Any]:
        stage = dict(stages[name])
        parent = stage.pop("extends", None)
        return {**merged(parent), **stage} if parent else stage

    return merged(name)
