"""SnapStart, if it is wanted: the web function starts from a snapshot of its memory.

Lambda makes one when a numbered version is published, so visitors are led to a version by its name, `live`. It moves
once the snapshot is there: whoever asks meanwhile is answered by the version before.
"""

from botocore.exceptions import WaiterError
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.names import Report, web_function

ALIAS = "live"
_POLLING = {"Delay": 1, "MaxAttempts": 300}
# A snapshot takes minutes.
_PATIENCE = {"Delay": 5, "MaxAttempts": 180}


def called_arn(stage: str) -> str:
    """What API Gateway is to call: the function, or the version of it that `live` names, which is there afterwards."""
    function_arn: str = client("lambda").get_function_configuration(FunctionName=web_function(stage))["FunctionArn"]
    if not settings.WITH_SNAPSTART:
        return function_arn
    if live_version(stage) is None:
        # As it is, for a stack names it before it can be configured.
        version = client("lambda").publish_version(FunctionName=web_function(stage))["Version"]
        client("lambda").create_alias(FunctionName=web_function(stage), Name=ALIAS, FunctionVersion=version)
    return f"{function_arn}:{ALIAS}"


def live_version(stage: str) -> str | None:
    """The number of the version that visitors are led to; None where they are led to the function as it is."""
    functions = client("lambda")
    try:
        version: str = functions.get_alias(FunctionName=web_function(stage), Name=ALIAS)["FunctionVersion"]
    except functions.exceptions.ResourceNotFoundException:
        return None
    return version


def go_live(stage: str, *, report: Report) -> None:
    """Let visitors have the web function as it is now, whether by its name or by `live`; may be repeated.

    Without SnapStart nothing is left of it: a snapshot costs as long as its version is there.
    """
    if settings.WITH_SNAPSTART:
        renew(stage, report=report)
    elif (before := live_version(stage)) is not None:
        client("lambda").delete_alias(FunctionName=web_function(stage), Name=ALIAS)
        _forget(web_function(stage), before)
        report(f"{web_function(stage)}: starts without a snapshot")


def renew(stage: str, *, report: Report) -> None:
    """Make a snapshot of the web function as it is now, and lead visitors to it, if they are led to one.

    Raises `DeploymentError` if it does not start; visitors then have the one before.
    """
    before = live_version(stage)
    if before is None:
        return
    functions, name = client("lambda"), web_function(stage)
    _snap(name, "PublishedVersions")
    version = functions.publish_version(FunctionName=name)["Version"]
    # What others publish, such as Zappa, is to have none.
    _snap(name, "None")
    if version == before:
        # Lambda publishes nothing twice.
        return
    try:
        functions.get_waiter("published_version_active").wait(
            FunctionName=name, Qualifier=version, WaiterConfig=_PATIENCE
        )
    except WaiterError as error:
        reason = functions.get_function_configuration(FunctionName=name, Qualifier=version).get("StateReason", "")
        # The next try would be given it again.
        _forget(name, version)
        raise DeploymentError(f"{name} does not start, visitors have the version before: {reason}") from error
    functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
    _forget(name, before)
    report(f"{name}: starts from the snapshot of version {version}")


def _forget(name: str, version: str) -> None:
    """Delete a version that has a snapshot; the others are Zappa's, and a way back."""
    functions = client("lambda")
    found = functions.get_function_configuration(FunctionName=name, Qualifier=version)
    if found.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        functions.delete_function(FunctionName=name, Qualifier=version)


def _snap(name: str, apply_on: str) -> None:
    functions = client("lambda")
    functions.update_function_configuration(FunctionName=name, SnapStart={"ApplyOn": apply_on})
    functions.get_waiter("function_updated").wait(FunctionName=name, WaiterConfig=_POLLING)
