"""Whether SES sends for a stage: to whom, how much, and what is missing."""

from email.utils import formataddr

from django.conf import settings

from kernel.aws import client
from kernel.values import dataclass
from marketplace.operations.provisioning import mail_domain


@dataclass(frozen=True, slots=True)
class MailStanding:
    """How the account and the domain of the stage's emails stand with SES."""

    domain: str
    # Out of the sandbox, in which SES sends to addresses alone that were verified one by one.
    sends_to_anybody: bool
    is_verified: bool
    # By which SES sees in the domain's DNS whose it is: names and what they lead to.
    records: tuple[tuple[str, str], ...]
    per_day: float
    per_second: float

    @property
    def is_ready(self) -> bool:
        """Whether emails reach anybody."""
        return self.sends_to_anybody and self.is_verified

    def advice(self) -> list[str]:
        """What there is to do before emails reach anybody; nothing if they do."""
        lines = []
        if not self.is_verified:
            lines.append(f"SES sends nothing from {self.domain} before its DNS has these records:")
            lines += [f"  {name} CNAME {value}" for name, value in self.records]
        if not self.sends_to_anybody:
            lines.append(
                "SES is in the sandbox: only verified addresses get emails, 200 a day. Ask AWS for production access "
                "(SES console, Account dashboard; they answer within a day)."
            )
        if not self.is_ready:
            lines.append(
                "Until then codes for sign-up come from Cognito itself, some 50 a day; deploy again afterwards."
            )
        return lines


def mail_standing() -> MailStanding:
    """As SES says it now."""
    ses = client("sesv2")
    account = ses.get_account()
    quota = account.get("SendQuota", {})
    try:
        identity = ses.get_email_identity(EmailIdentity=mail_domain())
    except ses.exceptions.NotFoundException:
        identity = {}
    tokens = identity.get("DkimAttributes", {}).get("Tokens", [])
    return MailStanding(
        domain=mail_domain(),
        sends_to_anybody=bool(account.get("ProductionAccessEnabled")),
        is_verified=bool(identity.get("VerifiedForSendingStatus")),
        records=tuple((f"{token}._domainkey.{mail_domain()}", f"{token}.dkim.amazonses.com") for token in tokens),
        per_day=quota.get("Max24HourSend", 0.0),
        per_second=quota.get("MaxSendRate", 0.0),
    )


def sender_parameters() -> dict[str, str]:
    """What the user pool is told of who sends its codes: nobody, before SES lets our domain send to anybody."""
    if not mail_standing().is_ready:
        return {"SenderArn": "", "Sender": ""}
    account = client("sts").get_caller_identity()["Arn"].split(":")
    partition, number = account[1], account[4]
    return {
        "SenderArn": f"arn:{partition}:ses:{settings.AWS_REGION}:{number}:identity/{mail_domain()}",
        "Sender": formataddr((settings.SITE_NAME, settings.EMAIL_FROM_ADDRESS)),
    }
