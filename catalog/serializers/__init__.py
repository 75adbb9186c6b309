"""What the API of the catalog takes in, and, for the OpenAPI document alone, what it answers."""

from catalog.serializers.bodies import HoursBody, OwnTimeBody, ProfileBody, ServiceBody
from catalog.serializers.parameters import OwnerQuery, ProvidersQuery, ServicesQuery
from catalog.serializers.schemas import (
    CategorySchema,
    HoursSchema,
    ListedProviderSchema,
    ListedServiceSchema,
    OwnProviderSchema,
    OwnServiceSchema,
    OwnTimeSchema,
    ProviderSchema,
    ServiceSchema,
)

__all__ = [
    "CategorySchema",
    "HoursBody",
    "HoursSchema",
    "ListedProviderSchema",
    "ListedServiceSchema",
    "OwnProviderSchema",
    "OwnServiceSchema",
    "OwnTimeBody",
    "OwnTimeSchema",
    "OwnerQuery",
    "ProfileBody",
    "ProviderSchema",
    "ProvidersQuery",
    "ServiceBody",
    "ServiceSchema",
    "ServicesQuery",
]
