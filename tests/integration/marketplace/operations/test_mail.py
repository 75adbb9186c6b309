"""What a deployment says of SES, and when Cognito sends its codes through it."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.mail import mail_standing, sender_parameters
from marketplace.operations.provisioning import EMAIL, parameters_so_far, provision, remove


@pytest.fixture
def sandbox() -> Iterator[None]:
    """SES sends to verified addresses only, as in every new account."""
    provision(settings.STAGE)
    client("sesv2").put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://lintel.example", ProductionAccessEnabled=False
    )
    yield
    client("sesv2").put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://lintel.example", ProductionAccessEnabled=True
    )


def test_an_account_that_sends_to_anybody_needs_nothing() -> None:
    provision(settings.STAGE)
    assert mail_standing().advice() == []
    sender = sender_parameters()
    assert sender["SenderArn"].endswith(":identity/lintel.example")
    assert sender["Sender"] == "Lintel <no-reply@lintel.example>"


def test_in_the_sandbox_codes_come_from_cognito_and_the_operator_learns_what_to_do(sandbox: None) -> None:
    assert sender_parameters() == {"SenderArn": "", "Sender": ""}
    advice = "\n".join(mail_standing().advice())
    assert "production access" in advice
    assert "deploy again" in advice


def test_a_domain_that_is_not_known_yet_is_said_with_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMAIL_FROM_ADDRESS", "no-reply@unknown.example")
    assert "SES sends nothing from unknown.example" in mail_standing().advice()[0]


def test_a_second_stage_sends_from_the_domain_that_the_first_one_has() -> None:
    provision(settings.STAGE)
    provision("second", templates=[EMAIL])
    try:
        assert parameters_so_far(EMAIL, settings.STAGE)["WithIdentity"] == "true"
        assert parameters_so_far(EMAIL, "second")["WithIdentity"] == "false"
        # And again, now that both are there.
        provision("second", templates=[EMAIL])
        assert parameters_so_far(EMAIL, "second")["WithIdentity"] == "false"
    finally:
        remove(EMAIL, "second")
