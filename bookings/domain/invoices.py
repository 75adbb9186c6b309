"""Invoices: what a paid booking is billed as. Issued once, in the transaction that records the payment."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bookings.domain.entities import Booking
from catalog.domain import Provider
from kernel.money import Money
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Invoice:
    """The invoice of one booking as it was issued; nothing of it changes later but `stored_at`.

    `number` counts the provider's invoices from 1, without gaps. `total` is what the customer paid, `tax` (at
    `tax_rate_basis_points`, hundredths of a percent) is part of it. `stored_at`: since when its PDF is kept.
    """

    booking_id: str
    number: int
    issued_at: datetime
    provider_id: str
    provider_name: str
    provider_city: str
    provider_country: str
    tax_number: str
    # None where the provider booked for somebody without an account.
    customer_id: str | None
    service_name: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    tax_rate_basis_points: int
    tax: Money
    total: Money
    stored_at: datetime | None = None

    @property
    def net(self) -> Money:
        return Money(self.total.amount - self.tax.amount, self.total.currency)

    @property
    def number_text(self) -> str:
        """The number as it is printed: `INV-00042`."""
        return f"INV-{self.number:05d}"

    @property
    def file_name(self) -> str:
        """Under which name people get the PDF."""
        return f"{self.number_text}.pdf"

    @property
    def document_name(self) -> str:
        """Under which name the PDF is kept; the year is that of the provider's calendar."""
        year = self.issued_at.astimezone(ZoneInfo(self.time_zone)).year
        return f"invoices/{self.provider_id}/{year}/{self.file_name}"

    @property
    def month(self) -> str:
        """The month of the job, `2026-11`, by the calendar of its place."""
        return f"{self.starts_at.astimezone(ZoneInfo(self.time_zone)):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Earned:
    """What a provider's invoices for the jobs of one month sum up to, in one currency."""

    # `2026-11`, by the calendar of the place of the job.
    month: str
    invoices: int
    tax: Money
    total: Money

    @property
    def net(self) -> Money:
        return Money(self.total.amount - self.tax.amount, self.total.currency)


def earned_with(earnings: tuple[Earned, ...], invoice: Invoice) -> tuple[Earned, ...]:
    """The months with one more invoice, counted in the month of its job; the earliest month first."""
    month, currency = invoice.month, invoice.total.currency
    sums = {(each.month, each.total.currency): each for each in earnings}
    none = Money(0, currency)
    before = sums.get((month, currency), Earned(month, 0, none, none))
    sums[month, currency] = Earned(
        month,
        before.invoices + 1,
        Money(before.tax.amount + invoice.tax.amount, currency),
        Money(before.total.amount + invoice.total.amount, currency),
    )
    return tuple(sums[key] for key in sorted(sums))


def included_tax(total: Money, rate_basis_points: int) -> Money:
    """The tax that a price contains, half a unit rounded up."""
    whole = 10_000 + rate_basis_points
    return Money((2 * total.amount * rate_basis_points + whole) // (2 * whole), total.currency)


def new_invoice(booking: Booking, provider: Provider, *, number: int, issued_at: datetime) -> Invoice:
    """The invoice of a booking that was just paid: at the booking's frozen price, with the tax of the day of the job.

    The price includes the tax, so the rate does not change what the customer owes, and what the law asks for is the
    rate at the time of the job, neither of the booking nor of the payment.
    """
    tax_rate = provider.tax_rate_at(booking.starts_at)
    return Invoice(
        booking_id=booking.booking_id,
        number=number,
        issued_at=issued_at,
        provider_id=provider.provider_id,
        provider_name=provider.name,
        provider_city=provider.city,
        provider_country=provider.country,
        tax_number=provider.tax_number,
        customer_id=booking.customer_id,
        service_name=booking.service_name,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.time_zone,
        tax_rate_basis_points=tax_rate,
        tax=included_tax(booking.price, tax_rate),
        total=booking.price,
    )
