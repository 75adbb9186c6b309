"""The PDF of an invoice: one page, drawn piece by piece."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from threading import Lock

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from bookings.domain import Invoice
from bookings.invoices.text import BOLD, REGULAR, FindFont, Typesetter, no_fonts
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.text import one_line
from kernel.wording.times import format_date, format_dates, format_span

_INK, _SOFT, _LINE = HexColor(0x201C15), HexColor(0x575247), HexColor(0xDCD7CD)
_GREEN, _GREEN_WASH = HexColor(0x185B37), HexColor(0xDEF3E4)
_MARGIN = 22 * mm
# ReportLab knows fonts by names of the process.
_drawing = Lock()
_LETTER_COUNTRIES = frozenset({"CA", "CL", "CO", "CR", "MX", "PH", "US"})


@dataclass(frozen=True, slots=True)
class InvoiceReader:
    """Whom the invoice is for, empty where that is not known any more, and its language (ISO 639-1)."""

    customer_name: str
    address: str
    language: str
    site_name: str


def draw_invoice(invoice: Invoice, reader: InvoiceReader, find_font: FindFont = no_fonts) -> bytes:
    """The PDF; the same bytes for the same invoice. Dates are those of the provider's calendar.

    `find_font` has the contents of fonts for scripts that the packaged fonts lack; words in letters that none has are
    told to be missing.
    """
    buffer = BytesIO()
    with _drawing, translation.override(reader.language):
        type_ = Typesetter(find_font)
        page = LETTER if invoice.provider_country in _LETTER_COUNTRIES else A4
        canvas = Canvas(buffer, pagesize=page, invariant=True, lang=reader.language, initialFontName=REGULAR)
        canvas.setTitle(_("Invoice") + f" {invoice.number_text}")
        canvas.setAuthor(one_line(invoice.provider_name).encode(errors="ignore").decode())
        canvas.setCreator(reader.site_name)
        _Sheet(canvas, page, invoice, reader, type_).draw()
        canvas.showPage()
        canvas.save()
    return buffer.getvalue()


class _Sheet:
    """One page, filled from the top; `y` is where the next piece goes, in points from the bottom."""

    def __init__(
        self,
        canvas: Canvas,
        page: tuple[float, float],
        invoice: Invoice,
        reader: InvoiceReader,
        type_: Typesetter,
    ) -> None:
        self.canvas = canvas
        self.invoice = invoice
        self.reader = reader
        self.type = type_
        self.left, self.right = _MARGIN, page[0] - _MARGIN
        self.middle = self.left + 0.56 * (self.right - self.left)
        self.y = page[1] - _MARGIN

    def draw(self) -> None:
        self._head()
        self._parties()
        self._job()
        self._totals()
        self._foot()

    # --- Pieces, from top to bottom -----------------------------------------------------------------------------------

    def _head(self) -> None:
        canvas, invoice = self.canvas, self.invoice
        canvas.setFillColor(_GREEN)
        canvas.rect(0, self.y + _MARGIN - 2.5 * mm, self.right + _MARGIN, 2.5 * mm, stroke=0, fill=1)
        top = self.y - 14
        self._write(_("Invoice"), self.right, top - 4, BOLD, 24, _GREEN, to_left=True)
        self._write(invoice.number_text, self.right, top - 22, REGULAR, 10.5, _SOFT, to_left=True)
        # Whose invoice it is, and whom it bills, are said in full: the longest names take four lines.
        name = self.type.wrapped(invoice.provider_name, BOLD, 15, self.middle - self.left, most=4)
        y = self._lines(name, self.left, top, BOLD, 15, _INK, leading=19)
        place = f"{self.type.printable(invoice.provider_city)}, {self.type.printable(invoice.provider_country)}"
        facts = self.type.wrapped(place, REGULAR, 9.5, self.middle - self.left, most=2)
        if invoice.tax_number:
            facts += self.type.wrapped(
                _("Tax number") + f" {invoice.tax_number}", REGULAR, 9.5, self.middle - self.left, most=1
            )
        self.y = self._lines(facts, self.left, y, REGULAR, 9.5, _SOFT, leading=14) - 26

    def _parties(self) -> None:
        reader, invoice = self.reader, self.invoice
        space = self.middle - self.left - 8 * mm
        self._write(_("Billed to"), self.left, self.y, REGULAR, 8.5, _SOFT)
        name = self.type.wrapped(reader.customer_name or invoice.customer_id or "–", BOLD, 10.5, space, most=4)
        y = self._lines(name, self.left, self.y - 16, BOLD, 10.5, _INK, leading=15)
        address = self.type.wrapped(reader.address, REGULAR, 9.5, space, most=5)
        y = self._lines(address, self.left, y, REGULAR, 9.5, _INK, leading=14)
        served = format_dates(invoice.starts_at, invoice.ends_at, invoice.time_zone)
        facts = (
            (_("Date of issue"), format_date(invoice.issued_at, invoice.time_zone)),
            (_("Date of service"), served[0]),
            # The night through: the second date below the first.
            *(("", f"– {day}") for day in served[1:]),
        )
        fact_y = self.y
        for label, value in facts:
            self._write(label, self.middle, fact_y, REGULAR, 9.5, _SOFT)
            self._write(value, self.right, fact_y, REGULAR, 9.5, _INK, to_left=True)
            fact_y -= 16
        self.y = min(y, fact_y) - 26

    def _job(self) -> None:
        invoice, canvas = self.invoice, self.canvas
        self._write(_("Description"), self.left, self.y, REGULAR, 8.5, _SOFT)
        self._write(_("Amount"), self.right, self.y, REGULAR, 8.5, _SOFT, to_left=True)
        self._rule(self.y - 8, _INK)
        y = self.y - 27
        self._write(format_money(invoice.total), self.right, y, REGULAR, 10.5, _INK, to_left=True)
        name = self.type.wrapped(invoice.service_name, BOLD, 10.5, self.middle - self.left, most=3)
        y = self._lines(name, self.left, y, BOLD, 10.5, _INK, leading=15)
        when = self.type.wrapped(self._when(), REGULAR, 9.5, self.right - self.left, most=2)
        y = self._lines(when, self.left, y, REGULAR, 9.5, _SOFT, leading=14)
        canvas.setStrokeColor(_LINE)
        self._rule(y + 2, _LINE)
        self.y = y - 22

    def _totals(self) -> None:
        invoice = self.invoice
        if invoice.tax_rate_basis_points:
            rate = number_format(Decimal(invoice.tax_rate_basis_points) / 100)
            for label, money in ((_("Net amount"), invoice.net), (_("Tax, %(rate)s %%") % {"rate": rate}, invoice.tax)):
                self._write(label, self.middle, self.y, REGULAR, 9.5, _SOFT)
                self._write(format_money(money), self.right, self.y, REGULAR, 9.5, _INK, to_left=True)
                self.y -= 17
            self.y -= 4
        height = 30
        self.canvas.setFillColor(_GREEN_WASH)
        self.canvas.roundRect(self.middle - 10, self.y - 17, self.right - self.middle + 20, height, 5, stroke=0, fill=1)
        self._write(_("Total"), self.middle, self.y - 6, BOLD, 11.5, _GREEN)
        self._write(format_money(invoice.total), self.right, self.y - 6, BOLD, 13, _GREEN, to_left=True)
        paid = _("Paid in full on %(date)s. Nothing is owed.") % {
            "date": format_date(invoice.issued_at, invoice.time_zone)
        }
        self._write(paid, self.right, self.y - 36, REGULAR, 9, _SOFT, to_left=True)

    def _foot(self) -> None:
        issued = _("Issued by %(provider)s through %(site)s.") % {
            "provider": self.type.printable(self.invoice.provider_name),
            "site": self.reader.site_name,
        }
        self._rule(_MARGIN + 16, _LINE)
        lines = self.type.wrapped(issued, REGULAR, 8, self.right - self.left, most=2)
        lines.append(_("Booking") + f" {self.invoice.booking_id}")
        if self.type.is_incomplete:
            missing = _("[…] stands for letters that this document cannot show; the booking on %(site)s has them.")
            note = self.type.wrapped(
                missing % {"site": self.reader.site_name}, REGULAR, 8, self.right - self.left, most=2
            )
            self._lines(note, self.left, _MARGIN + 22 + 12 * len(note), REGULAR, 8, _SOFT, leading=12)
        self._lines(lines, self.left, _MARGIN + 2, REGULAR, 8, _SOFT, leading=12)

    # --- Means --------------------------------------------------------------------------------------------------------

    def _when(self) -> str:
        return str(format_span(self.invoice.starts_at, self.invoice.ends_at, self.invoice.time_zone))

    def _write(
        self, text: str, x: float, y: float, font: str, size: float, color: HexColor, *, to_left: bool = False
    ) -> None:
        """One line that begins at x, or, `to_left`, ends there."""
        self.canvas.setFillColor(color)
        start = x - (self.type.width(text, font, size) if to_left else 0)
        self.type.draw(self.canvas, text, start, y, font, size)

    def _lines(
        self, lines: Sequence[str], x: float, y: float, font: str, size: float, color: HexColor, *, leading: float
    ) -> float:
        """The lines below each other, the first at y; where the next would be."""
        for line in lines:
            self._write(line, x, y, font, size, color)
            y -= leading
        return y

    def _rule(self, y: float, color: HexColor) -> None:
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(self.left, y, self.right, y)
