"""The trades of the marketplace: the one list that search, forms, pages and the API read."""

from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A trade; `slug` is its name in URLs, in the API and in keys of indexes."""

    slug: str
    name: str


CATEGORIES = (
    Category("appliances", "Appliance repair"),
    Category("carpentry", "Carpentry"),
    Category("cleaning", "Cleaning"),
    Category("electrical", "Electrical"),
    Category("gardening", "Gardening"),
    Category("handyman", "Handyman"),
    Category("heating", "Heating and cooling"),
    Category("locksmith", "Locksmith"),
    Category("moving", "Moving"),
    Category("painting", "Painting"),
    Category("plumbing", "Plumbing"),
    Category("roofing", "Roofing"),
)


def category_slugs() -> tuple[str, ...]:
    """The slugs of all categories, in the list's order."""
    return tuple(category.slug for category in CATEGORIES)
