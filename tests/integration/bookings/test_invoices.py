"""Invoices on the embedded cloud: issued with the payment, numbered without gaps, drawn once, for their owners."""

import random
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pypdf import PdfReader

from bookings.domain import Booking, Invoice, Status
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem, InvoiceNumbersItem
from bookings.records import INVOICES
from bookings.services import change_status, ensure_invoice_stored, get_invoice_file, get_invoice_link
from catalog.services import change_profile
from kernel import storage
from kernel.aws import client
from kernel.clock import now as clock_now
from kernel.errors import BusyError, ConflictError, NotFoundError
from tests import mutants
from tests.factories.accounts import make_admin, make_customer, make_provider
from tests.factories.bookings import Scene, next_day
from tests.factories.notifications import enroll, make_addressed_scene

COMPLETED = (Status.CONFIRMED, Status.COMPLETED)
PAID = (*COMPLETED, Status.PAID)


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene(tax_rate_basis_points=1900, tax_number="DE123456789")


def stored_invoice(booking: Booking) -> Invoice | None:
    row = storage.get_row(InvoiceItem, booking.booking_id)
    return INVOICES.read(row) if row else None


def last_number(scene: Scene) -> int:
    row = storage.get_row(InvoiceNumbersItem, scene.provider_id)
    return row["last_number"] if row else 0


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


# --- Issuing ---------------------------------------------------------------------------------------------------------


def test_a_payment_issues_the_invoice(scene: Scene, dynamodb_calls: list[str]) -> None:
    booking = scene.bring(scene.book(), *COMPLETED)
    assert stored_invoice(booking) is None
    dynamodb_calls.clear()
    now = clock_now()
    paid = scene.bring(booking, Status.PAID, now=now)
    assert dynamodb_calls == ["BatchGetItem", "TransactWriteItems"]
    invoice = stored_invoice(paid)
    assert invoice is not None
    assert (invoice.number, invoice.issued_at, invoice.total, invoice.tax.amount) == (1, now, booking.price, 1597)
    assert (invoice.tax_number, invoice.stored_at) == ("DE123456789", None)


def test_the_tax_rate_is_that_of_the_day_of_the_job_whenever_it_is_paid(scene: Scene) -> None:
    jobs = [scene.bring(scene.book(next_day(12, days=days)), *COMPLETED) for days in (3, 5)]
    # Whoever moves with the change moves no day of a job.
    changes = {"tax_rate_basis_points": 700, "time_zone": "Pacific/Honolulu"}
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=changes, now=next_day(7, days=4))
    issued = [stored_invoice(scene.bring(job, Status.PAID, now=next_day(days=9))) for job in jobs]
    assert [invoice and invoice.tax_rate_basis_points for invoice in issued] == [1900, 700]


def test_a_function_that_cannot_set_the_script_says_that_it_is_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    # A letter with a mark that it has no sign with.
    scene = make_addressed_scene(name="Spin\u0308al Plumbing")
    booking = scene.bring(scene.book(), *PAID)
    # ReportLab looks for it once, when it is loaded.
    import_module("reportlab.pdfbase.ttfonts")
    # As in the web function's package, which does not have it.
    monkeypatch.setitem(sys.modules, "uharfbuzz", None)
    with pytest.raises(BusyError):
        get_invoice_link(actor=scene.customer, booking_id=booking.booking_id, now=clock_now())
    monkeypatch.undo()
    ensure_invoice_stored(booking_id=booking.booking_id, now=clock_now())
    assert get_invoice_link(actor=scene.customer, booking_id=booking.booking_id, now=clock_now()).url


def test_paying_again_changes_nothing(scene: Scene) -> None:
    booking = scene.bring(scene.book(), *PAID)
    before = stored_invoice(booking)
    assert scene.bring(booking, Status.PAID) == booking
    with pytest.raises(ConflictError):
        change_status(
            actor=scene.admin, booking_id=booking.booking_id, status=Status.PAID, expected_version=None, now=clock_now()
        )
    assert stored_invoice(booking) == before
    assert last_number(scene) == 1


def test_a_payment_that_fails_uses_no_number(scene: Scene) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    with pytest.raises(ConflictError):
        scene.bring(booking, Status.PAID)
    assert last_number(scene) == 0
    assert stored_invoice(booking) is None


def pay(attempt: tuple[Booking, Any]) -> str:
    """What somebody is told who marks the booking as paid, however long it takes."""
    booking, actor = attempt
    while True:
        try:
            change_status(
                actor=actor,
                booking_id=booking.booking_id,
                status=Status.PAID,
                expected_version=None,
                now=clock_now(),
            )
        except ConflictError as refusal:
            return refusal.code
        except BusyError:
            continue
        else:
            return "paid"


def invoices_of_one_booking(scene: Scene, *, payments: int, readers: int, threads: int) -> tuple[int, int]:
    """How many numbers were used up, and how many PDFs kept, after so many payments and readers at the same time."""
    booking = scene.bring(scene.book(), *COMPLETED)
    with ThreadPoolExecutor(threads) as pool:
        outcomes = set(pool.map(pay, payments * [(booking, scene.provider)]))
        pdfs = set(
            pool.map(lambda _: get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content, range(readers))
        )
    # Whoever was late is told that it is paid already, or given the same answer; whoever reads gets the same PDF.
    assert outcomes <= {"paid", "invalid_transition"}
    assert len(pdfs) == 1
    invoice = stored_invoice(booking)
    assert invoice is not None
    kept = client("s3").list_object_versions(Bucket=settings.DOCUMENTS_BUCKET_NAME, Prefix=invoice.document_name)[
        "Versions"
    ]
    return last_number(scene), len(kept)


def test_five_hundred_payments_of_one_booking(scene: Scene) -> None:
    assert invoices_of_one_booking(scene, payments=500, readers=20, threads=50) == (1, 1)


def test_mutant_the_number_is_taken_apart_from_the_payment(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.take_the_number_apart_from_the_payment(monkeypatch)
    numbers, _ = invoices_of_one_booking(scene, payments=8, readers=1, threads=8)
    assert numbers == 8


def test_mutant_a_document_may_be_written_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.write_documents_again(monkeypatch)
    assert invoices_of_one_booking(scene, payments=1, readers=4, threads=4) == (1, 4)


def test_five_hundred_payments_at_once(scene: Scene) -> None:
    """Twenty-five bookings, each paid twenty times by its provider and admins: one invoice each, no gap."""
    admins = [make_admin() for _ in range(4)]
    bookings = [
        scene.bring(scene.book(next_day(2 * hour, days=3 + day)), *COMPLETED) for day in range(3) for hour in range(9)
    ][:25]
    attempts = [(booking, actor) for booking in bookings for actor in 4 * [scene.provider, *admins]]
    random.Random(7).shuffle(attempts)  # noqa: S311  (an order, not a secret)

    with ThreadPoolExecutor(50) as pool:
        outcomes = Counter(pool.map(pay, attempts))

    assert len(attempts) == 500
    # Whoever paid gets the same answer for each try; everyone else is told that it is paid already.
    assert set(outcomes) == {"paid", "invalid_transition"}
    issued = [stored_invoice(booking) for booking in bookings]
    assert sorted(invoice.number for invoice in issued if invoice) == list(range(1, 26))
    assert last_number(scene) == 25


def test_mutant_numbers_are_given_without_a_condition(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.give_numbers_without_condition(monkeypatch)
    bookings = [scene.bring(scene.book(next_day(2 * hour)), *COMPLETED) for hour in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda booking: scene.bring(booking, Status.PAID), bookings))
    numbers = [invoice.number for invoice in map(stored_invoice, bookings) if invoice]
    assert sorted(numbers) != list(range(1, 9))


# --- The PDF ---------------------------------------------------------------------------------------------------------


def test_the_pdf_says_it_all(scene: Scene) -> None:
    booking = scene.bring(scene.book(), *PAID)
    text = text_of(get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content)
    for part in (
        "INV-00001",
        "Elm Plumbing",
        "DE123456789",
        "Robin Reed",
        "12 Elm Street",
        "Leak repair",
        "100.00 USD",
    ):
        assert part in text
    for part in ("84.03 USD", "15.97 USD", "Tax, 19 %"):
        assert part in text


def test_the_pdf_is_in_the_providers_language(scene: Scene) -> None:
    enroll(scene.provider, name="Orme", language="fr")
    booking = scene.bring(scene.book(), *PAID)
    text = text_of(get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content)
    assert "Facture" in text
    assert "Montant hors taxe" in text


def test_the_first_pdf_is_kept(scene: Scene) -> None:
    booking = scene.bring(scene.book(), *PAID)
    first = get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content
    enroll(scene.customer, name="Someone Else")
    assert get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content == first
    invoice = stored_invoice(booking)
    assert invoice is not None
    # Nor does a second writer who thinks that there is none: S3 itself refuses.
    with pytest.raises(FileExistsError):
        storages["documents"].save(invoice.document_name, ContentFile(b"another"))
    assert get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content == first


def test_who_stopped_between_storing_and_noting_is_continued(scene: Scene) -> None:
    booking = scene.bring(scene.book(), *PAID)
    invoice = stored_invoice(booking)
    assert invoice is not None
    storages["documents"].save(invoice.document_name, ContentFile(b"%PDF the first"))
    now = clock_now()
    assert ensure_invoice_stored(booking_id=booking.booking_id, now=now).stored_at == now
    assert ensure_invoice_stored(booking_id=booking.booking_id, now=now + timedelta(hours=1)).stored_at == now
    assert get_invoice_file(booking_id=booking.booking_id, now=now).content == b"%PDF the first"


def test_a_customer_who_is_gone_is_not_named(scene: Scene) -> None:
    booking = scene.bring(scene.book(customer=make_customer()), *PAID)
    storage.write(storage.delete("details", BookingDetailsItem, booking.booking_id))
    text = text_of(get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content)
    assert "Elm Street" not in text
    assert scene.customer.user_id not in text
    assert str(booking.customer_id) in text


def test_neither_booking_nor_invoice_has_personal_data(scene: Scene) -> None:
    booking = scene.bring(scene.book(notes="The key is under the mat"), *PAID)
    ensure_invoice_stored(booking_id=booking.booking_id, now=clock_now())
    for table in (BookingItem, InvoiceItem):
        row = str(storage.get_row(table, booking.booking_id))
        assert not any(secret in row for secret in ("Robin", "Elm Street", "under the mat", "@"))


# --- The link --------------------------------------------------------------------------------------------------------


def test_a_link_gives_the_pdf_for_five_minutes(scene: Scene) -> None:
    booking = scene.bring(scene.book(), *PAID)
    now = clock_now()
    link = get_invoice_link(actor=scene.customer, booking_id=booking.booking_id, now=now)
    answer = httpx.get(link.url)
    assert answer.content == get_invoice_file(booking_id=booking.booking_id, now=now).content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="INV-00001.pdf"'
    assert parse_qs(urlsplit(link.url).query)["X-Amz-Expires"] == ["300"]
    assert link.expires_at == now + timedelta(minutes=5)


def test_only_its_owners_get_an_invoice(scene: Scene, api: Callable[..., Any]) -> None:
    booking = scene.bring(scene.book(), *PAID)
    address = f"/api/v1/bookings/{booking.booking_id}/invoice"
    for owner in (scene.customer, scene.provider, scene.admin):
        response = api(owner).get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert response.json()["total"] == {"amount": 10_000, "currency": "USD"}
        assert response.json()["net"]["amount"] + response.json()["tax"]["amount"] == 10_000
        assert httpx.get(response.json()["pdf_url"]).status_code == 200
    for stranger in (make_customer(), make_provider()):
        response = api(stranger).get(address)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert api().get(address).status_code == 401


def test_before_it_is_paid_there_is_no_invoice(scene: Scene, api: Callable[..., Any]) -> None:
    booking = scene.bring(scene.book(), *COMPLETED)
    response = api(scene.customer).get(f"/api/v1/bookings/{booking.booking_id}/invoice")
    assert (response.status_code, response.json()["code"]) == (404, "no_invoice")
    # A stranger is not even told that.
    response = api(make_customer()).get(f"/api/v1/bookings/{booking.booking_id}/invoice")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    with pytest.raises(NotFoundError):
        ensure_invoice_stored(booking_id=booking.booking_id, now=clock_now())
