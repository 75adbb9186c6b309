"""What an invoice says, how its numbers and taxes come out, and what its PDF makes of hostile text."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import UnidentifiedImageError
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject
from reportlab.platypus import Paragraph

from bookings.domain import Action, Invoice, included_tax, new_invoice
from bookings.invoices import InvoiceReader, draw_invoice
from bookings.invoices import text as invoice_text
from bookings.invoices.directions import in_visual_order, levels
from bookings.invoices.text import BOLD, REGULAR, Typesetter
from kernel.money import CURRENCY_EXPONENTS, Money
from tests.factories.catalog import build_provider
from tests.factories.letters import make_booking

ISSUED_AT = datetime(2026, 3, 11, 9, tzinfo=UTC)
READER = InvoiceReader(
    customer_name="Robin Reed", address="12 Elm Street, Springfield", language="en", site_name="Lintel"
)


def make_invoice(**values: Any) -> Invoice:
    booking = make_booking(Action.CONFIRM, Action.COMPLETE, Action.PAY)
    provider = build_provider(
        provider_id=booking.provider_id,
        name="Elm Plumbing",
        city="Paris",
        country="FR",
        tax_rate_basis_points=2000,
        tax_number="FR12345678901",
    )
    return replace(new_invoice(booking, provider, number=42, issued_at=ISSUED_AT), **values)


def read(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


# --- Amounts, numbers, names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "rate", "tax"),
    [
        (15_000, 1900, 2395),
        (10_000, 0, 0),
        (0, 1900, 0),
        (119, 1900, 19),
        (1, 1900, 0),
        (3, 5000, 1),
        (12_345, 825, 941),
    ],
)
def test_the_tax_is_contained_in_the_price(total: int, rate: int, tax: int) -> None:
    assert included_tax(Money(total, "EUR"), rate) == Money(tax, "EUR")


@given(st.integers(0, 100_000_000), st.integers(0, 5000))
def test_net_and_tax_are_the_total_and_agree_to_half_a_unit(amount: int, rate: int) -> None:
    tax = included_tax(Money(amount, "EUR"), rate).amount
    net = amount - tax
    assert 0 <= tax <= amount
    # |net * rate - tax| <= 1/2, for the exact net.
    assert abs(tax * (10_000 + rate) - amount * rate) * 2 <= 10_000 + rate
    assert net >= 0


def test_the_document_is_kept_under_the_year_of_the_providers_calendar() -> None:
    invoice = make_invoice(issued_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC), time_zone="Europe/Paris")
    assert invoice.document_name == f"invoices/{invoice.provider_id}/2027/INV-00042.pdf"
    assert replace(invoice, time_zone="America/Chicago").document_name.split("/")[2] == "2026"


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_everything() -> None:
    text = read(draw_invoice(make_invoice(), READER))
    for part in (
        "Invoice", "INV-00042", "Elm Plumbing", "Paris, FR", "FR12345678901", "Robin Reed", "12 Elm Street",
        "Leak repair", "10 March 2026, 10:00–11:00", "11 March 2026", "1,041.67 EUR", "208.33 EUR", "Tax, 20 %",
        "1,250.00 EUR", "Paid in full",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("name", ["Jose\u0301 Mu\u0308ller", "A\u030angstro\u0308m", "Nguye\u0302\u0303n"])
def test_letters_that_were_taken_apart_are_drawn_as_one(name: str) -> None:
    text = read(draw_invoice(make_invoice(provider_name=name), replace(READER, customer_name=name)))
    assert text.count(normalize("NFC", name)) >= 2
    assert name not in text


def test_an_appointment_over_a_clock_change_has_the_offset_of_each_end() -> None:
    starts_at = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    invoice = make_invoice(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), time_zone="America/Chicago")
    text = read(draw_invoice(invoice, READER))
    assert "7 November 2027, 01:30 (UTC-5) \u2013 01:30 (UTC-6) (Chicago time)" in text


def test_an_appointment_over_midnight_has_both_dates_of_service() -> None:
    starts_at = datetime(2026, 12, 31, 23, tzinfo=UTC)
    invoice = make_invoice(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), time_zone="UTC")
    text = read(draw_invoice(invoice, READER))
    assert "31 December 2026" in text
    assert "\u2013 1 January 2027" in text
    assert "23:00 \u2013 Friday 1 January 2027, 01:00 (UTC)" in text


def test_the_longest_names_are_printed_in_full() -> None:
    name = "Compagnie Générale des Travaux de Plomberie et de Chauffage du Bassin Parisien et de ses Environs SARL"
    customer = "Jean-Baptiste-Emmanuel de la Très Longue Rue Sans Fin Montmorency-Luxembourg et Villeneuve-la-Garenne"
    reader = replace(READER, customer_name=customer)
    text = " ".join(read(draw_invoice(make_invoice(provider_name=name), reader)).split())
    assert text.count(name) == 2
    assert customer in text
    assert "through Lintel." in text


def test_without_a_tax_there_is_no_word_of_it() -> None:
    invoice = make_invoice(tax_rate_basis_points=0, tax=Money(0, "EUR"), tax_number="")
    text = read(draw_invoice(invoice, READER))
    assert "Tax" not in text
    assert "Net" not in text


def test_it_is_written_in_french() -> None:
    text = read(draw_invoice(make_invoice(tax_rate_basis_points=550), replace(READER, language="fr")))
    for part in ("Facture", "Facturé à", "11 mars 2026", "TVA, 5,5 %", "1 250,00 EUR"):
        assert part in text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("currency", CURRENCY_EXPONENTS)
def test_every_currency_is_written_with_its_own_decimals(currency: str) -> None:
    text = read(draw_invoice(make_invoice(total=Money(123_456, currency), tax=Money(0, currency)), READER))
    assert ("123,456 JPY" if currency == "JPY" else f"1,234.56 {currency}") in text


@pytest.mark.parametrize(("country", "size"), [("FR", (595, 842)), ("US", (612, 792))])
def test_the_paper_is_the_countrys(country: str, size: tuple[int, int]) -> None:
    box = PdfReader(io.BytesIO(draw_invoice(make_invoice(provider_country=country), READER))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_the_same_invoice_gives_the_same_bytes() -> None:
    assert draw_invoice(make_invoice(), READER) == draw_invoice(make_invoice(), READER)


@given(st.text(max_size=300), st.floats(20, 400), st.integers(1, 5))
def test_no_line_is_too_long_and_no_text_takes_too_many(text: str, space: float, most: int) -> None:
    typesetter = Typesetter()
    lines = typesetter.wrapped(text, REGULAR, 9.5, space, most=most)
    assert 1 <= len(lines) <= most
    assert all(typesetter.width(line, REGULAR, 9.5) <= space for line in lines)


def test_no_word_is_lost_in_wrapping() -> None:
    text = " ".join(f"word{number}" for number in range(30))
    assert " ".join(Typesetter().wrapped(text, REGULAR, 9.5, 120, most=99)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë 🚿 Ünal\u202e gpj.exe\x00\n", "Zoë Ünal gpj.exe"),
        ("❤\ufe0f Zoë 👩\u200d🔧", "❤ Zoë"),
        ("12 Elm Street, 山田ビル 渋谷 3", "12 Elm Street, […] 3"),
        ("山田 太郎", "[In letters that this document cannot show]"),
    ],
)
def test_what_no_font_shows_is_left_out_and_words_are_told_to_be_missing(text: str, shown: str) -> None:
    typesetter = Typesetter()
    assert typesetter.printable(text) == shown
    assert typesetter.is_incomplete == ("[" in shown)


def test_the_page_says_that_letters_are_missing_and_has_no_boxes() -> None:
    pdf = draw_invoice(make_invoice(provider_name="山田 太郎"), replace(READER, address="तिलक नगर 12"))
    text = read(pdf)
    assert "[In letters that this document cannot show]" in text
    assert "[…] 12" in text
    assert "the booking on Lintel has them" in text
    assert "has them" not in read(draw_invoice(make_invoice(), READER))


def test_what_is_read_from_the_right_is_drawn_so() -> None:
    # In Unicode's own notation: capitals stand for letters that are read from the right.
    for logical, visual in (
        ("car THE CAR in", "car RAC EHT in"),
        ("HE SAID car 12.", ".car 12 DIAS EH"),
        ("12 HERZL, 3 FLOOR", "ROOLF 3 ,LZREH 12"),
        ("EXIT 12:30 - 14", "14 - 12:30 TIXE"),
    ):
        hebrew = "".join(chr(0x05D0 + ord(each) - 65) if each.isupper() else each for each in logical)
        runs = [(level, char) for level, char in zip(levels(hebrew), logical, strict=True)]
        assert "".join(char for _level, char in in_visual_order(runs)) == visual


def test_joined_letters_are_joined_and_what_is_copied_is_the_text() -> None:
    pdf = draw_invoice(make_invoice(provider_name="مرحبا"), READER)
    page = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert page is not None
    assert ("\ufeff" + "مرحبا").encode("utf-16-be").hex().encode() in page.get_data()
    typesetter = Typesetter()
    # The forms in which letters are joined differ from those in which they stand alone.
    joined, alone = (typesetter.width(text, REGULAR, 10) for text in ("مرحبا", "\u200c".join("مرحبا")))
    assert joined < alone


def test_a_font_that_is_at_hand_draws_the_letters_of_its_script(monkeypatch: pytest.MonkeyPatch) -> None:
    # A packaged font stands in for that of a script which the packaged ones are made to lack.
    packaged = invoice_text._glyphs(REGULAR)
    lacking = {point: glyph for point, glyph in packaged.items() if not 0x0590 <= point <= 0x05FF}
    monkeypatch.setattr(invoice_text, "_glyphs", lambda font: lacking)
    contents = {"fonts/hebrew.ttf": Path(invoice_text.__file__).with_name("fonts") / "DejaVuSansCondensed.ttf"}
    assert Typesetter().printable("שלום 12") == "[…] 12"

    typesetter = Typesetter(lambda name: contents[name].read_bytes() if name in contents else None)

    assert typesetter.printable("שלום 12") == "שלום 12"
    assert [run.font for run in typesetter._runs("שלום", REGULAR)] == ["fonts/hebrew.ttf, shaped"]
    assert typesetter.width("שלום", BOLD, 10) > 0


def test_only_fonts_of_scripts_that_are_needed_are_asked_for() -> None:
    asked: list[str] = []

    def find_font(name: str) -> bytes | None:
        asked.append(name)
        return None

    Typesetter(find_font).printable("हिन्दी ไทย 日本 தமிழ்")
    assert asked == ["fonts/devanagari.ttf", "fonts/thai.ttf", "fonts/japanese.ttf"]


def test_no_letter_is_parted_from_its_marks() -> None:
    for text in ("e\u0301\u0327" * 40, "क्षि" * 40, "ก็" * 40):
        for line in Typesetter().wrapped(text, REGULAR, 9.5, 60, most=50):
            assert not combining(line[0])


# --- Hostile text ----------------------------------------------------------------------------------------------------

PAYLOADS = {
    "image over http": '<img src="http://169.254.169.254/latest/meta-data/" width="10" height="10"/>',
    "image over https": '<img src="https://attacker.example/x.png"/>',
    "image of a file": '<img src="file:///etc/passwd"/>',
    "image of a path": '<img src="/etc/passwd"/>',
    "image of data": '<img src="data:image/png;base64,iVBORw0KGgo="/>',
    "link": '<a href="http://attacker.example">pay here</a>',
    "link to a script": '<link href="javascript:alert(1)">x</link>',
    "script": "<script>new XMLHttpRequest().open('GET','http://169.254.169.254')</script>",
    "iframe": '<iframe src="http://169.254.169.254/"></iframe>',
    "object": '<object data="file:///etc/passwd"></object>',
    "attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "style import": '<style>@import url("http://attacker.example/x.css");</style>',
    "style url": '<div style="background:url(http://attacker.example)">x</div>',
    "font file": '<font name="/etc/passwd" size="99">x</font>',
    "colour that is code": "<font color=\"[[[getattr(pow, Word('__globals__'))['os'].system('id')]]]\">x</font>",
    "paragraph attributes": '<para backColor="red" fontSize="200">x</para>',
    "unclosed tag": "<b><i><u><para",
    "many open tags": "<b>" * 500,
    "entities": "&lt;b&gt; &amp; &#x41; &nbsp; &undefined;",
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "end of a PDF string": ") Tj ET endstream endobj << /S /JavaScript /JS (app.alert(1)) >>",
    "PDF action": "/OpenAction << /S /URI /URI (http://attacker.example) >>",
    "PDF escapes": "\\) \\( \\\\ \\101 \\n (((",
    "PDF comment": "%%EOF\n%PDF-1.7",
    "template": "{{ settings.SECRET_KEY }}{% include '/etc/passwd' %}%(secret)s{0.__class__}",
    "right to left": "\u202e\u2067\u05e9\u05dc\u05d5\u05dd\u2069 \u0645\u0631\u062d\u0628\u0627",
    "emoji": "👩\u200d🔧🚿🏳️\u200d🌈" * 30,
    "control characters": "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029\ufeff",
    "huge": "W" * 100_000,
    "huge of words": "word " * 20_000,
    "combining marks": "a" + "\u0301" * 2_000,
    "lone surrogates": "\ud800x\udfff",
    "null and beyond": "\x00\U0010ffff\ufffe",
}  # fmt: skip


_WATCHED = {"open", "socket", "subprocess", "os", "urllib", "ctypes"}


class _Watch:
    """Notes what this process opens, connects to, asks for or starts, while it is told to."""

    def __init__(self) -> None:
        self.touched: list[str] | None = None
        # Of everything that Python does; it cannot be taken away again.
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.touched is not None and event.split(".")[0] in _WATCHED:
            self.touched.append(f"{event} {arguments!r:.200}")


@cache
def _watch() -> _Watch:
    return _Watch()


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is touched meanwhile. The fonts are loaded before, once and for all."""
    draw_invoice(make_invoice(), READER)
    watch = _watch()
    touched: list[str] = []
    watch.touched = touched
    try:
        yield touched
    finally:
        watch.touched = None


def poisoned(payload: str) -> tuple[Invoice, InvoiceReader]:
    """The payload wherever people have a say."""
    invoice = make_invoice(provider_name=payload, provider_city=payload, tax_number=payload, service_name=payload)
    return invoice, replace(READER, customer_name=payload, address=payload)


@pytest.mark.disable_socket
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_hostile_text_is_drawn_as_text(payload: str) -> None:
    with watched() as touched:
        pdf = draw_invoice(*poisoned(payload))
    assert touched == []
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    assert len(pdf) < 300_000
    assert not _actions(reader.trailer["/Root"], set())
    # The rest of the page is as it was.
    text = reader.pages[0].extract_text()
    assert "INV-00042" in text
    assert "1,250.00 EUR" in text


def _actions(value: Any, seen: set[int]) -> set[str]:
    """Names of the dictionary entries that make a PDF do, fetch or carry something."""
    if isinstance(value, IndirectObject):
        if value.idnum in seen:
            return set()
        seen.add(value.idnum)
        value = value.get_object()
    found: set[str] = set()
    if isinstance(value, DictionaryObject):
        found |= {"/OpenAction", "/AA", "/Annots", "/JS", "/URI", "/EmbeddedFiles", "/F", "/Launch"} & set(value)
        for member in value.values():
            found |= _actions(member, seen)
    elif isinstance(value, ArrayObject):
        for member in value:
            found |= _actions(member, seen)
    return found


@pytest.mark.parametrize("tag", ["<img src", "<a href", "<script>", "{{ settings"])
def test_markup_is_printed_letter_by_letter(tag: str) -> None:
    payload = next(payload for payload in PAYLOADS.values() if payload.startswith(tag))
    invoice, reader = make_invoice(), replace(READER, address=payload)
    assert tag in read(draw_invoice(invoice, reader))


def test_the_watch_sees_what_a_paragraph_would_do() -> None:
    """The mutant: text given to ReportLab's paragraphs, which obey it."""
    with watched() as touched, pytest.raises(UnidentifiedImageError):
        Paragraph(PAYLOADS["image of a path"])
    assert any("/etc/passwd" in touch for touch in touched)
