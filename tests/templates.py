"""What the templates of `infrastructure/` say."""

from functools import cache
from typing import Any

from marketplace.laptop.cloudformation import read_template
from marketplace.settings.env import BASE_DIR


@cache
def resources(template: str) -> dict[str, dict[str, Any]]:
    """The resources of a template by logical id."""
    found: dict[str, dict[str, Any]] = read_template(BASE_DIR / "infrastructure" / f"{template}.yaml")["Resources"]
    return found
