"""What the API of the catalog takes in, and, for the OpenAPI document alone, what it answers."""

from catalog.serializers.answers import (
    AvailabilityAnswer,
    CategoryAnswer,
    HoursAnswer,
    ListedProviderAnswer,
    ListedServiceAnswer,
    OwnProviderAnswer,
    OwnServiceAnswer,
    ProviderAnswer,
    ServiceAnswer,
)
from catalog.serializers.bodies import HoursBody, ProfileBody, ServiceBody
from catalog.serializers.parameters import AvailabilityQuery, OwnerQuery, ProvidersQuery, ServicesQuery

__all__ = [
    "AvailabilityAnswer",
    "AvailabilityQuery",
    "CategoryAnswer",
    "HoursAnswer",
    "HoursBody",
    "ListedProviderAnswer",
    "ListedServiceAnswer",
    "OwnProviderAnswer",
    "OwnServiceAnswer",
    "OwnerQuery",
    "ProfileBody",
    "ProviderAnswer",
    "ProvidersQuery",
    "ServiceAnswer",
    "ServiceBody",
    "ServicesQuery",
]
