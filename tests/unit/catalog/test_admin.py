"""What the admin's forms take is what the catalog's rules take."""

import pytest
from django.db import models

from catalog.admin import Provider, ProviderAdmin, Service, ServiceAdmin
from catalog.domain.rules import NAME, PROFILE
from kernel.wording.text import TextRule

LENGTHS = [
    (field, rule)
    for model, editable, rules in (
        (Provider, ProviderAdmin.editable, {name: value.rule for name, value in PROFILE.items()}),
        (Service, ServiceAdmin.editable, {"name": NAME}),
    )
    for field in model._meta.get_fields()
    if isinstance(field, models.CharField)
    and field.name in editable
    and isinstance(rule := rules.get(field.name), TextRule)
]


@pytest.mark.parametrize(("field", "rule"), [pytest.param(field, rule, id=str(field)) for field, rule in LENGTHS])
def test_a_text_is_as_long_as_its_rule_allows(field: models.CharField, rule: TextRule) -> None:
    assert field.max_length == rule.most


def test_there_are_such_texts() -> None:
    assert {field.name for field, _ in LENGTHS} == {"name", "tax_number"}
