"""Whether a deployment can succeed, asked before it changes anything."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from kernel.aws import client
from kernel.values import dataclass
from marketplace.operations.deploy.edge import site_domain
from marketplace.operations.deploy.mail import mail_standing
from marketplace.operations.deploy.packaging import python_of
from marketplace.operations.deploy.zappa import packages_bucket, resolved
from marketplace.settings.env import resource_prefix

# Partitions with other names of endpoints, and regions in which CloudFormation does not make senders at SES.
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")
_WITHOUT_SES = frozenset(
    {
        "ap-east-1", "ap-east-2", "ap-southeast-4", "ap-southeast-6", "ap-southeast-7", "eu-south-2", "mx-central-1",
    }
)  # fmt: skip
# Below it, a pile of emails and a few visitors use up what the account may run at once.
_ENOUGH_AT_ONCE = 100
_EXAMPLE = ".example"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `stops` if nothing should be begun before it is mended."""

    text: str
    stops: bool = False


def look(stage: str) -> list[Finding]:
    """Everything that stands in the way of a deployment, or will be in the way of its visitors; nothing is changed."""
    credentials = list(_credentials())
    if credentials:
        return credentials
    findings: list[Finding] = []
    for check in (_region, _sender, _concurrency, _zone, lambda: _buckets(stage), _mail, _python):
        try:
            findings += check()
        except (BotoCoreError, ClientError) as error:
            # Whoever deploys need not be allowed to look at everything.
            findings.append(Finding(f"could not be looked at: {error}"))
    return findings


def _credentials() -> Iterator[Finding]:
    try:
        client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        yield Finding(
            f"no credentials of an AWS account: {error}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY.",
            stops=True,
        )


def _region() -> Iterator[Finding]:
    region = settings.AWS_REGION
    if region.startswith(_OTHER_PARTITIONS) or region in _WITHOUT_SES:
        yield Finding(
            f"{region} has no SES, or names of endpoints that the site does not know: choose another AWS_REGION, for "
            "example eu-central-1 or us-east-1",
            stops=True,
        )


def _sender() -> Iterator[Finding]:
    if settings.AWS_ENDPOINT_URL is None and settings.EMAIL_FROM_ADDRESS.endswith(_EXAMPLE):
        yield Finding(
            f"EMAIL_FROM_ADDRESS is {settings.EMAIL_FROM_ADDRESS}: name an address of a domain whose DNS is yours",
            stops=True,
        )
    if not settings.OPERATOR_EMAIL:
        yield Finding("OPERATOR_EMAIL names nobody: alarms will be told to no one")


def _concurrency() -> Iterator[Finding]:
    limit = client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < _ENOUGH_AT_ONCE:
        yield Finding(
            f"the account may run {limit} functions at once, which a few visitors use up: ask for 1,000 (Service "
            "Quotas, AWS Lambda, Concurrent executions; free)"
        )


def _zone() -> Iterator[Finding]:
    if settings.HOSTED_ZONE_ID and site_domain():
        zone = client("route53").get_hosted_zone(Id=settings.HOSTED_ZONE_ID)["HostedZone"]["Name"].rstrip(".")
        if site_domain() != zone and not site_domain().endswith(f".{zone}"):
            yield Finding(f"HOSTED_ZONE_ID is the zone of {zone}, and SITE_URL is not in it", stops=True)


def _buckets(stage: str) -> Iterator[Finding]:
    account = client("sts").get_caller_identity()["Account"]
    prefix, end = resource_prefix(stage), f"{account}-{settings.AWS_REGION}"
    for name in (f"{prefix}documents-{end}", f"{prefix}static-{end}", f"{prefix}media-{end}", packages_bucket(stage)):
        try:
            client("s3").head_bucket(Bucket=name)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                yield Finding(f"the bucket {name} is somebody else's, or closed to you", stops=True)


def _mail() -> Iterator[Finding]:
    standing = mail_standing()
    # The first deployment makes the sender, and tells its records.
    if not standing.sends_to_anybody:
        yield Finding("SES is in the sandbox: emails reach verified addresses only, until AWS grants production access")


def _python() -> Iterator[Finding]:
    runtime = resolved("production")["runtime"]
    if python_of(runtime) is None:
        yield Finding(f"{runtime} is not installed here: the functions get source code and start some seconds slower")
