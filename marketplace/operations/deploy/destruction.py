"""Taking a stage away: its functions always, and what it holds only if that is wanted."""

from dataclasses import replace
from typing import Any

from kernel.aws import client
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.functions import undeploy
from marketplace.operations.deploy.names import Report
from marketplace.operations.deploy.zappa import packages_bucket
from marketplace.operations.provisioning import (
    DATA,
    STORAGE,
    TEMPLATES,
    Template,
    cloudformation,
    current_generation,
    find_stack,
    generations,
    outputs_so_far,
    parameters_so_far,
    provision,
    remove,
    stack_name,
)
from marketplace.settings.env import resource_prefix

_MOST_AT_ONCE = 1000


def destroy(stage: str, *, keep_data: bool, report: Report) -> None:
    """Remove everything of a stage; with `keep_data` not its tables, people, documents and secrets. May be repeated.

    Raises `DeploymentError` or `ProvisioningError`.
    """
    undeploy(stage, report=report)
    # Those first that want to know what others have made.
    data = [replace(DATA, generation=each) for each in generations(stage)]
    others = [each for each in TEMPLATES if each.name != DATA.name]
    for template in sorted([*data, *others], key=lambda each: not each.needs):
        if template.holds_data and keep_data:
            report(f"{stack_name(template, stage)}: kept")
            continue
        if template.holds_data:
            _unprotect(template, stage, report)
        if template == STORAGE:
            for output in ("DOCUMENTS_BUCKET_NAME", "STATIC_BUCKET_NAME", "MEDIA_BUCKET_NAME"):
                _empty(outputs_so_far(template, stage).get(output))
        remove(template, stage)
        report(f"{stack_name(template, stage)}: removed")
    packages = packages_bucket(stage)
    _empty(packages)
    _ignore_absent("s3", "delete_bucket", "NoSuchBucket", Bucket=packages)
    if not keep_data:
        _forget_secrets(stage)
    report("nothing is left" if not keep_data else "tables, people, documents and secrets are left")


def remove_tables(stage: str, generation: str, *, report: Report) -> None:
    """Remove the tables of a generation that the site does not use any more. May be repeated.

    Raises `DeploymentError` or `ProvisioningError`.
    """
    if generation == current_generation(stage):
        raise DeploymentError("the site uses these tables")
    template = replace(DATA, generation=generation)
    _unprotect(template, stage, report)
    remove(template, stage)
    report(f"{stack_name(template, stage)}: removed")


def _unprotect(template: Template, stage: str, report: Report) -> None:
    """Let the stack and all that is in it be deleted."""
    if find_stack(template, stage) is None:
        return
    cloudformation(template).update_termination_protection(
        StackName=stack_name(template, stage), EnableTerminationProtection=False
    )
    if parameters_so_far(template, stage).get("DeletionPolicy") != "Delete":
        provision(stage, templates=[template], parameters={"DeletionPolicy": "Delete"}, protect=False, report=report)


def _empty(bucket: str | None) -> None:
    """Delete all objects of the bucket, old versions too; none is fine."""
    if not bucket:
        return
    objects = client("s3")
    try:
        pages = list(objects.get_paginator("list_object_versions").paginate(Bucket=bucket))
    except objects.exceptions.NoSuchBucket:
        return
    found = [
        {"Key": each["Key"], "VersionId": each["VersionId"]}
        for page in pages
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    ]
    for start in range(0, len(found), _MOST_AT_ONCE):
        objects.delete_objects(Bucket=bucket, Delete={"Objects": found[start : start + _MOST_AT_ONCE], "Quiet": True})


def _forget_secrets(stage: str) -> None:
    parameters = client("ssm")
    path = f"/{resource_prefix(stage)}marketplace/"
    pages = parameters.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
    for name in [each["Name"] for page in pages for each in page["Parameters"]]:
        _ignore_absent("ssm", "delete_parameter", "ParameterNotFound", Name=name)


def _ignore_absent(service: str, operation: str, code: str, **arguments: Any) -> None:
    of_service = client(service)
    try:
        getattr(of_service, operation)(**arguments)
    except of_service.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
