"""Amounts of money: whole minor units (cents) with their currency, never floating point."""

from decimal import Decimal

from kernel.values import dataclass

# ISO 4217 exponents of the currencies that the marketplace accepts.
CURRENCY_EXPONENTS = {
    "AUD": 2, "BRL": 2, "CAD": 2, "CHF": 2, "DKK": 2, "EUR": 2, "GBP": 2, "INR": 2,
    "JPY": 0, "MXN": 2, "NOK": 2, "NZD": 2, "PLN": 2, "SEK": 2, "SGD": 2, "USD": 2,
}  # fmt: skip

# Codes in everyday use that are not the standard's, and the currency that is meant.
MEANT_CURRENCIES = {"UKP": "GBP", "STG": "GBP", "YEN": "JPY", "EURO": "EUR", "US$": "USD"}


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units of `currency` (ISO 4217)."""

    amount: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The amount in whole units of the currency: 12950 cents are 129.50."""
        return Decimal(self.amount).scaleb(-CURRENCY_EXPONENTS[self.currency])

    def percent(self, percent: int) -> "Money":
        """A share of the amount, half a unit rounded up."""
        return Money((self.amount * percent + 50) // 100, self.currency)
