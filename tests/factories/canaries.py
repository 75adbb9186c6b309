"""People whose every word is unmistakable, and everything that is stored in tables."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import orjson
from pypdf import PdfReader

from accounts.services import ensure_account
from bookings.domain import Status
from bookings.services import get_invoice_file
from catalog.domain import Question, QuestionKind
from catalog.services import change_service, keep_favourite
from kernel.actors import Actor, Role
from kernel.aws import client
from kernel.clock import now
from notifications.services import announce
from reviews.domain import ReportReason
from reviews.representation import represent_without_words
from reviews.services import answer_review, report_provider
from tests.factories.bookings import idempotency_of, make_scene, next_day
from tests.factories.letters import event_of
from tests.factories.reviews import be_known, review

PASSWORD = "Copper-Kettle-41"


class Canary:
    """A person whose every word is unmistakable, with a paid, reviewed booking."""

    def __init__(self, role: Role) -> None:
        self.word = f"canary{uuid4().hex}"
        self.email = f"{self.word}@example.com"
        user_id = ensure_account(email=self.email, password=PASSWORD, name=f"Ada {self.word}", role=role, now=now())
        self.actor = Actor(user_id=user_id, role=role)
        if role is Role.PROVIDER:
            words: Any = {"name": f"{self.word} Plumbing", "description": self.word, "tax_number": self.word}
            self.scene = make_scene(provider=self.actor, **words)
        else:
            self.scene = make_scene(customer=self.actor)
        # A provider's own words are in what it asks, a customer's in what they answer.
        question = Question(f"Was {self.word} here?" if role is Role.PROVIDER else "Who lets us in?", QuestionKind.TEXT)
        change_service(
            actor=self.scene.provider,
            service_id=self.scene.service_id,
            changes={"questions": (question,)},
            now=now(),
        )
        del self.scene.offer_version
        texts: Any = (
            {}
            if role is Role.PROVIDER
            else {
                "address": f"1 {self.word} Street",
                "notes": f"Ask for {self.word}.",
                "answers": {question.question_id: self.word},
            }
        )
        booking = self.scene.book(next_day(9), **texts)
        announce(event=event_of(booking), now=now())
        self.booking = self.scene.bring(booking, Status.CONFIRMED, Status.COMPLETED, Status.PAID)
        announce(event=event_of(self.booking), now=now())
        comment = "Quick." if role is Role.PROVIDER else f"Thanks, says {self.word}."
        be_known(self.scene.customer.user_id)
        review(self.scene, self.booking, comment=comment, rating=4)
        keep_favourite(actor=self.scene.customer, provider_id=self.scene.provider_id)
        report_provider(
            actor=self.actor,
            provider_id=self.scene.provider_id,
            reason=ReportReason.OTHER,
            details=f"So thinks {self.word}.",
            now=now(),
        )
        if role is Role.PROVIDER:
            answer_review(
                actor=self.actor,
                review_id=self.booking.booking_id,
                answer=f"You are welcome, says {self.word}.",
                idempotency=idempotency_of(self.actor, {}, represent_without_words),
                now=now(),
            )

    def invoice_text(self) -> str:
        """What the PDF of the paid booking's invoice says."""
        pdf = get_invoice_file(booking_id=self.booking.booking_id, now=now()).content
        return PdfReader(BytesIO(pdf)).pages[0].extract_text()

    def places(self, text: str | None = None) -> set[str]:
        """The tables in which the word, or another text, stands."""
        return {table for table, item in every_item() if (text or self.word) in orjson.dumps(item).decode()}


def every_item() -> Iterator[tuple[str, Any]]:
    dynamodb = client("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                yield table.removeprefix("test-"), item
