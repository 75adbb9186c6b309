"""What the API of the catalog takes in, and, for the OpenAPI document alone, what it answers."""

from catalog.serializers.bodies import HoursBody, ProfileBody, ServiceBody
from catalog.serializers.parameters import AvailabilityQuery, OwnerQuery, ProvidersQuery, ServicesQuery
from catalog.serializers.schemas import (
    AvailabilitySchema,
    CategorySchema,
    HoursSchema,
    ListedProviderSchema,
    ListedServiceSchema,
    OwnProviderSchema,
    OwnServiceSchema,
    ProviderSchema,
    ServiceSchema,
)

__all__ = [
    "AvailabilityQuery",
    "AvailabilitySchema",
    "CategorySchema",
    "HoursBody",
    "HoursSchema",
    "ListedProviderSchema",
    "ListedServiceSchema",
    "OwnProviderSchema",
    "OwnServiceSchema",
    "OwnerQuery",
    "ProfileBody",
    "ProviderSchema",
    "ProvidersQuery",
    "ServiceBody",
    "ServiceSchema",
    "ServicesQuery",
]
