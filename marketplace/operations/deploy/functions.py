"""A stage's two functions: `web` answers HTTP, `events` has all the rest. Zappa makes them, this connects them."""

import json
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel import clock
from kernel.aws import client
from marketplace.operations.deploy.artefact import faults
from marketplace.operations.deploy.edge import deploy_edge
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.names import LAMBDA_PACKAGE, LOCAL_PACKAGE, Report, events_function, web_function
from marketplace.operations.deploy.network import deploy_network, remove_unused_network
from marketplace.operations.deploy.packaging import events_package
from marketplace.operations.deploy.patience import patient_lambda
from marketplace.operations.deploy.releases import record_release
from marketplace.operations.deploy.secret_values import ensure_secret, keep_secret, secrets_path
from marketplace.operations.deploy.snapshots import go_live, renew
from marketplace.operations.deploy.sources import SourceError, connect, disconnect
from marketplace.operations.deploy.stacks import deploy_api, deploy_stacks, remove_stacks
from marketplace.operations.deploy.static_files import StaticFilesError, add_list, collect, upload
from marketplace.operations.deploy.zappa import ZappaError, resolved, zappa
from marketplace.operations.provisioning import STORAGE, provision
from marketplace.settings.env import BASE_DIR, given
from marketplace.settings.secret_store import NAMES

# How the site is and whose it is, as the operator has it in the environment; what is not there stays as it was.
OF_THE_SITE = (
    "SITE_NAME",
    "OPERATOR_NAME",
    "OPERATOR_ADDRESS",
    "RATE_LIMIT_SCALE",
    "ADMIN_NEEDS_SECOND_FACTOR",
    "MAINTENANCE_RETRY_SECONDS",
)
_DONE = {"deploy": "deployed", "update": "updated"}
# boto3 looks every five seconds whether a function has taken its new configuration, which takes one.
_POLLING = {"Delay": 1, "MaxAttempts": 300}


def make_package(stage: str, *, for_lambda: bool, report: Report) -> Path:
    """Package the checkout for both functions of a stage; where the web function's is, with the other beside it.

    With `for_lambda` they are of Lambda's Python and platform, and are refused if they would not load there; else they
    are of this machine's. Raises `DeploymentError`.
    """
    package = LAMBDA_PACKAGE if for_lambda else LOCAL_PACKAGE
    package.parent.mkdir(exist_ok=True)
    folder = Path(settings.STATIC_ROOT)
    try:
        collect(folder)
    except StaticFilesError as error:
        raise DeploymentError(str(error)) from error
    _zappa("package", stage, "--output", str(package.relative_to(BASE_DIR)), for_lambda=for_lambda, report=report)
    for each in (package, events_package(package)):
        add_list(each, folder)
    if for_lambda:
        refuse_unloadable(package)
    return package


def refuse_unloadable(package: Path) -> None:
    """Raise `DeploymentError` unless the package, and the events function's beside it, would load on Lambda."""
    production = resolved("production")
    for each in (package, events_package(package)):
        found = faults(each, runtime=production["runtime"], architecture=production["architecture"])
        if found:
            raise DeploymentError(f"{each} would not load on Lambda:\n" + "\n".join(found))


def _zappa(verb: str, zappa_stage: str, *arguments: str, for_lambda: bool, report: Report) -> None:
    try:
        zappa(verb, zappa_stage, *arguments, for_lambda=for_lambda, report=report)
    except ZappaError as error:
        raise DeploymentError(str(error)) from error


def goes_to_aws() -> bool:
    """Whether functions will run on Lambda itself, not on this machine."""
    return settings.AWS_ENDPOINT_URL is None


def deploy(stage: str, outputs: Mapping[str, str], package: Path, *, with_stream: bool, report: Report) -> str:
    """Make or renew both functions from the package, connect them, and put the edge before them; the site's address.

    `outputs` is what `provision` returned. Without `with_stream` a pump has to poll the stream. May be repeated.
    Raises `DeploymentError`, or `ProvisioningError` for the stacks that name the functions.
    """
    for each in (package, events_package(package)):
        _refuse_package_of_another_stage(each, stage)
    if goes_to_aws():
        refuse_unloadable(package)
    bucket = outputs["STATIC_BUCKET_NAME"]
    try:
        # Before the first page that refers to them.
        upload(package, Path(settings.STATIC_ROOT), bucket, report=report)
    except StaticFilesError as error:
        raise DeploymentError(str(error)) from error

    # Before the functions, which are put into it.
    deploy_network(stage, report=report)

    def bring_up(name: str, zappa_stage: str) -> None:
        its_package = package if name == web_function(stage) else events_package(package)
        _bring_up(name, zappa_stage, its_package, report=report)

    for_both(stage, bring_up)
    remove_unused_network(stage, report=report)
    front_secret = ensure_secret(stage, "FRONT_SECRET")
    host = deploy_edge(
        stage,
        api_domain_name=deploy_api(stage, report=report),
        bucket=bucket,
        front_secret=front_secret,
        report=report,
    )
    # Its pages may send uploads, and nobody else's.
    provision(stage, templates=[STORAGE], parameters={"SiteOrigin": f"https://{host}"}, report=report)
    ensure_secret(stage, "SECRET_KEY")
    keep_secret(stage, "COGNITO_CLIENT_SECRET", outputs["COGNITO_CLIENT_SECRET"])
    variables = variables_of(stage, outputs, host)
    for_both(stage, lambda name, _: configure(name, variables))
    go_live(stage, report=report)
    try:
        connect(events_function(stage), outputs, with_stream=with_stream)
    except SourceError as error:
        raise DeploymentError(str(error)) from error
    report("queues connected")
    # Before the alarm on its silence is made: what has never run is silent.
    run_job(events_function(stage), "reconcile")
    report("a job has run")
    deploy_stacks(stage, report=report)
    record_release(stage)
    return f"https://{host}"


def variables_of(stage: str, outputs: Mapping[str, str], host: str) -> dict[str, str]:
    """What both functions are told beside zappa_settings.json; what is empty, they shall not have any more."""
    return {
        "TABLES_GENERATION": "",
        "MAINTENANCE": "",
        **{name: value for name, value in outputs.items() if name not in NAMES},
        **given(*OF_THE_SITE),
        "SITE_URL": f"https://{host}",
        "ALLOWED_HOSTS": host,
        "EMAIL_FROM_ADDRESS": settings.EMAIL_FROM_ADDRESS,
        "SECRETS_PATH": secrets_path(stage),
    }


def undeploy(stage: str, *, report: Report) -> None:
    """Remove both functions, their API, what feeds them, calls them and watches them. May be repeated.

    Tables, queues and people stay. Raises `DeploymentError` or `ProvisioningError`.
    """
    # First, because Zappa deletes the rules of the stack without a word to CloudFormation.
    remove_stacks(stage, report=report)
    disconnect(events_function(stage))

    def take_down(name: str, zappa_stage: str) -> None:
        if function_exists(name):
            _zappa("undeploy", zappa_stage, "--yes", for_lambda=goes_to_aws(), report=report)
        report(f"{name}: removed")

    for_both(stage, take_down)
    remove_unused_network(stage, report=report, is_left=True)


def restart(stage: str, *, report: Report) -> None:
    """Let both functions begin anew, with the secrets that there are now; requests on their way are answered.

    Raises `DeploymentError`.
    """
    began = {"SECRETS_READ_AFTER": clock.to_rfc3339(clock.now())}
    # First the one that checks what the other has signed, such as links in emails; a snapshot takes it minutes.
    configure(web_function(stage), began)
    renew(stage, report=report)
    configure(events_function(stage), began)
    report("both functions begin anew")


def for_both(stage: str, work: Callable[[str, str], None]) -> None:
    """Do it for both functions at once, which is mostly waiting; with the name and Zappa's stage of each."""
    both = {web_function(stage): stage, events_function(stage): f"{stage}_events"}
    with ThreadPoolExecutor() as pool:
        # Reading the results raises what went wrong.
        list(pool.map(work, both.keys(), both.values()))


def _refuse_package_of_another_stage(package: Path, stage: str) -> None:
    """Raise `DeploymentError` unless Zappa made the package for this stage, whose name it gives to the application."""
    try:
        with zipfile.ZipFile(package) as files:
            settings_of_zappa = files.read("zappa_settings.py").decode()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise DeploymentError(f"{package} is no package of Zappa's: {error}") from error
    if f"API_STAGE='{stage}'" not in settings_of_zappa.splitlines():
        raise DeploymentError(f"{package} was not made for {stage}")


def function_exists(name: str) -> bool:
    """Whether there is a function of this name."""
    functions = client("lambda")
    try:
        functions.get_function_configuration(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return False
    return True


def _bring_up(name: str, zappa_stage: str, package: Path, *, report: Report) -> None:
    """Make or renew one function from the package; a new one does not start before it is configured."""
    verb = "update" if function_exists(name) else "deploy"
    reserved = _reserved_concurrency(name) if verb == "update" else None
    _zappa(verb, zappa_stage, "--zip", str(package.resolve()), for_lambda=goes_to_aws(), report=report)
    if reserved is not None:
        # Zappa takes away what its settings do not name, and how much an operator reserves is not for them.
        client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    report(f"{name}: {_DONE[verb]}")


def _reserved_concurrency(name: str) -> int | None:
    reserved: int | None = (
        client("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    )
    return reserved


def configure(name: str, variables: Mapping[str, str]) -> None:
    """Add what was not known before the stacks were there to what zappa_settings.json says, and let no secret stay.

    A variable that is empty is taken away.
    """
    functions = client("lambda")
    updated = functions.get_waiter("function_updated")
    updated.wait(FunctionName=name, WaiterConfig=_POLLING)
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    kept = {name: value for name, value in environment.items() if name not in NAMES}
    wanted = {name: value for name, value in {**kept, **variables}.items() if value}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": wanted})
    updated.wait(FunctionName=name, WaiterConfig=_POLLING)


def run_job(name: str, job: str) -> Any:
    """Let the function do what the clock has it do now and then; what it says. Raises `DeploymentError` if it fails."""
    answer = patient_lambda().invoke(FunctionName=name, Payload=json.dumps({"job": job}))
    said = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise DeploymentError(f"{name} fails: {said[:2000]}")
    return json.loads(said)
