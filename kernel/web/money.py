"""Amounts of money as the API shows them everywhere."""

from typing import Any

from rest_framework import serializers

from kernel.money import Money


def represent_money(money: Money) -> dict[str, Any]:
    """The amount, ready for JSON."""
    return {"amount": money.amount, "currency": money.currency}


class MoneySchema(serializers.Serializer[Any]):
    """Minor units of an ISO 4217 currency."""

    amount = serializers.IntegerField()
    currency = serializers.CharField()
