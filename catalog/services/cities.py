"""How many providers take bookings in each city: kept in one item, so that no page counts."""

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from catalog.models import CitiesItem, ProviderItem
from catalog.queries.cities import CITIES_KEY, count_name, label_name
from kernel import storage


def count_city(*, provider_id: str) -> bool:
    """Count the provider in the city in which it takes bookings now, and in no other; whether it was not already.

    The provider's item says where it is counted, and both are changed in one transaction: repeated, late or out of
    order, it is counted once. Raises `BusyError`.
    """
    return storage.retrying(lambda: _count(provider_id))


def _count(provider_id: str) -> bool:
    row = storage.get_row(ProviderItem, provider_id)
    if row is None:
        return False
    counted, listed = row.get("counted_city"), row.get("listed_city")
    if counted == listed:
        return False
    is_same = ProviderItem.version == row["version"]
    is_same &= ProviderItem.counted_city == counted if counted else ProviderItem.counted_city.does_not_exist()
    counting = ProviderItem.counted_city.set(listed) if listed else ProviderItem.counted_city.remove()
    changes: list[Action] = [Path([count_name(city)]).add(step) for city, step in ((counted, -1), (listed, 1)) if city]
    if listed:
        changes.append(Path([label_name(listed)]).set(row["city"]))
    storage.transact(
        [
            storage.update("provider", ProviderItem, provider_id, actions=[counting], condition=is_same),
            storage.update("cities", CitiesItem, CITIES_KEY, actions=changes),
        ]
    )
    return True
