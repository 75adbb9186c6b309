"""The API of the catalog: search and details for everyone, and what providers keep up themselves."""

from collections.abc import Sequence
from typing import Any, cast

from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import queries, services
from catalog.domain import CATEGORIES, OwnTime, Provider, Service, ServiceValues, parse_hours
from catalog.representation import (
    represent_category,
    represent_hours,
    represent_listed_provider,
    represent_listed_service,
    represent_offer,
    represent_own_provider,
    represent_own_service,
    represent_own_time,
    represent_provider,
)
from catalog.serializers import (
    CategorySchema,
    HoursBody,
    HoursSchema,
    ListedProviderSchema,
    ListedServiceSchema,
    OwnerQuery,
    OwnProviderSchema,
    OwnServiceSchema,
    OwnTimeBody,
    OwnTimeSchema,
    ProfileBody,
    ProviderSchema,
    ProvidersQuery,
    ServiceBody,
    ServiceSchema,
    ServicesQuery,
)
from kernel.actors import Actor, Role
from kernel.errors import InvalidInputError
from kernel.lists import ListPage
from kernel.sentences import sentence
from kernel.web.integrators import absolute_address
from kernel.web.permissions import AnyOne, HasRole
from kernel.web.rest import ApiView, documented
from kernel.web.throttling import ApiThrottle, SearchThrottle

# --- For everyone ----------------------------------------------------------------------------------------------------


class CategoryListView(ApiView):
    """The trades."""

    permission_classes = (AnyOne,)

    @documented(summary="List the categories", responses={200: CategorySchema(many=True)})
    def get(self, request: Request) -> HttpResponseBase:
        """All categories of services, on one page."""
        return self.list_response(request, ListPage(CATEGORIES), represent_category)


class ServiceListView(ApiView):
    """The search of services."""

    permission_classes = (AnyOne,)
    throttle_classes = (ApiThrottle, SearchThrottle)

    @documented(
        summary="Search services",
        parameters=[ServicesQuery],
        responses={200: ListedServiceSchema(many=True)},
        refusals=("unprocessable",),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Services that can be booked. A page can have fewer rows than `limit` and yet a `next`."""
        query = self.query(ServicesQuery, request)
        page = queries.search_services(query["search"], limit=query["limit"], cursor=query["cursor"], now=self.now())
        return self.list_response(request, page, represent_listed_service)


class ServiceView(ApiView):
    """One service."""

    permission_classes = (AnyOne,)

    @documented(summary="Show a service", responses={200: ServiceSchema}, refusals=("not_found",))
    def get(self, request: Request, service_id: str) -> HttpResponseBase:
        """A service with its provider and terms."""
        return self.detail(represent_offer(queries.get_public_offer(service_id)))


class ProviderListView(ApiView):
    """The search of providers."""

    permission_classes = (AnyOne,)
    throttle_classes = (ApiThrottle, SearchThrottle)

    @documented(
        summary="Search providers", parameters=[ProvidersQuery], responses={200: ListedProviderSchema(many=True)}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Providers that take bookings, the best rated first."""
        query = self.query(ProvidersQuery, request)
        page = queries.search_providers(query["search"], limit=query["limit"], cursor=query["cursor"])
        return self.list_response(request, page, represent_listed_provider)


class ProviderView(ApiView):
    """One provider."""

    permission_classes = (AnyOne,)

    @documented(summary="Show a provider", responses={200: ProviderSchema}, refusals=("not_found",))
    def get(self, request: Request, provider_id: str) -> HttpResponseBase:
        """A provider with its hours, terms and services."""
        provider = queries.get_public_provider(provider_id)
        return self.detail(represent_provider(provider, queries.list_provider_services(provider)))


# --- For providers, and for admins in their place --------------------------------------------------------------------


class ManagingView(ApiView):
    """Base of the views of what a provider keeps up itself."""

    permission_classes: Sequence[Any] = (HasRole(Role.PROVIDER, Role.ADMIN),)

    def _provider_id(self, request: Request, actor: Actor) -> str:
        provider_id = self.query(OwnerQuery, request)["provider_id"] or actor.provider_id
        if provider_id is None:
            raise InvalidInputError.of("provider_id", sentence("Name the provider."), "required")
        return str(provider_id)

    def _profile(self, provider: Provider) -> HttpResponseBase:
        return self.detail(represent_own_provider(provider), provider.version)

    def _hours(self, provider: Provider) -> HttpResponseBase:
        return self.detail(represent_hours(provider), provider.version)

    def _service(self, service: Service) -> HttpResponseBase:
        return self.detail(represent_own_service(service), service.version)


class OwnProviderView(ManagingView):
    """A provider's profile and booking rules."""

    @documented(
        summary="Show your profile",
        parameters=[OwnerQuery],
        responses={200: OwnProviderSchema},
        refusals=("not_found",),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """404 until it was created by PUT."""
        actor = self.actor(request)
        return self._profile(queries.get_own_provider(actor=actor, provider_id=self._provider_id(request, actor)))

    @documented(
        summary="Create or replace your profile",
        parameters=[OwnerQuery],
        request=ProfileBody,
        responses={200: OwnProviderSchema, 201: OwnProviderSchema},
        refusals=("not_found",),
        versioned=True,
    )
    def put(self, request: Request) -> HttpResponseBase:
        """Values left out take their defaults. Hours and services stay. Only its owner can create a profile."""
        actor = self.actor(request)
        saved = services.put_profile(
            actor=actor,
            provider_id=self._provider_id(request, actor),
            profile=self.validated(ProfileBody, request.data),
            expected_version=self.expected_version(request),
            now=self.now(),
        )
        if not saved.created:
            return self._profile(saved.provider)
        location = absolute_address(request, reverse("own-provider"))
        return self.created(represent_own_provider(saved.provider), version=saved.provider.version, location=location)

    @documented(
        summary="Change your profile",
        parameters=[OwnerQuery],
        request=ProfileBody(partial=True),
        responses={200: OwnProviderSchema},
        refusals=("not_found",),
        versioned=True,
    )
    def patch(self, request: Request) -> HttpResponseBase:
        """Values left out stay."""
        actor = self.actor(request)
        provider = services.change_profile(
            actor=actor,
            provider_id=self._provider_id(request, actor),
            changes=self.validated(ProfileBody, request.data, partial=True),
            expected_version=self.expected_version(request),
            now=self.now(),
        )
        return self._profile(provider)


class OwnHoursView(ManagingView):
    """A provider's working hours."""

    @documented(
        summary="Show your working hours",
        parameters=[OwnerQuery],
        responses={200: HoursSchema},
        refusals=("not_found",),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The weekly plan and the exceptions."""
        actor = self.actor(request)
        return self._hours(queries.get_own_provider(actor=actor, provider_id=self._provider_id(request, actor)))

    @documented(
        summary="Replace your working hours",
        parameters=[OwnerQuery],
        request=HoursBody,
        responses={200: HoursSchema},
        refusals=("not_found",),
        versioned=True,
    )
    def put(self, request: Request) -> HttpResponseBase:
        """Days left out are closed. Appointments outside of the new hours stay."""
        actor, body = self.actor(request), self.validated(HoursBody, request.data)
        provider = services.replace_hours(
            actor=actor,
            provider_id=self._provider_id(request, actor),
            hours=parse_hours(body["weekly"], body["exceptions"]),
            expected_version=self.expected_version(request),
            now=self.now(),
        )
        return self._hours(provider)


class _OwnTimeView(ManagingView):
    """Base of the views of own time: who would block what is booked is told which bookings that are."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.TimeIsBookedError):
            exc.members = {"bookings": list(exc.bookings)}
        return super().handle_exception(exc)

    def _own_time(self, own_time: OwnTime) -> HttpResponseBase:
        return self.detail(represent_own_time(own_time), own_time.version)


class OwnTimeListView(_OwnTimeView):
    """The times that a provider keeps free."""

    @documented(
        summary="List your own time",
        parameters=[OwnerQuery],
        responses={200: OwnTimeSchema(many=True)},
        refusals=("not_found",),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """All that is not over, on one page, by start."""
        actor = self.actor(request)
        provider_id = self._provider_id(request, actor)
        own_times = queries.list_own_times(actor=actor, provider_id=provider_id, now=self.now())
        return self.list_response(request, ListPage(own_times), represent_own_time)

    @documented(
        summary="Block time",
        parameters=[OwnerQuery],
        request=OwnTimeBody,
        responses={201: OwnTimeSchema},
        refusals=("not_found", "conflict", "unprocessable"),
        repeatable=True,
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Nobody can book the time from then on. What is booked in it is named first, and stays only if you say so."""
        actor = self.actor(request)
        blocked = services.block_time(
            actor=actor,
            provider_id=self._provider_id(request, actor),
            idempotency=self.idempotent_request(request, actor, represent_own_time),
            **self.validated(OwnTimeBody, request.data),
            now=self.now(),
        )
        own_time = blocked.answer
        location = absolute_address(request, reverse("own-time", args=[own_time["id"]]))
        return self.created(own_time, replayed=blocked.replayed, version=own_time["version"], location=location)


class OwnTimeView(_OwnTimeView):
    """A time that a provider keeps free."""

    def _named(self, request: Request, own_time_id: str) -> dict[str, Any]:
        actor = self.actor(request)
        return {"actor": actor, "provider_id": self._provider_id(request, actor), "own_time_id": own_time_id}

    @documented(
        summary="Show own time", parameters=[OwnerQuery], responses={200: OwnTimeSchema}, refusals=("not_found",)
    )
    def get(self, request: Request, own_time_id: str) -> HttpResponseBase:
        """Its span and kind."""
        return self._own_time(queries.get_own_time(**self._named(request, own_time_id)))

    @documented(
        summary="Change own time",
        parameters=[OwnerQuery],
        request=OwnTimeBody,
        responses={200: OwnTimeSchema},
        refusals=("not_found", "conflict", "unprocessable"),
        versioned=True,
    )
    def put(self, request: Request, own_time_id: str) -> HttpResponseBase:
        """What it gives up can be booked at once. What is booked in what it gains is named first, as in blocking."""
        own_time = services.change_own_time(
            **self._named(request, own_time_id),
            **self.validated(OwnTimeBody, request.data),
            expected_version=self.expected_version(request),
            now=self.now(),
        )
        return self._own_time(own_time)

    @documented(
        summary="Free own time",
        parameters=[OwnerQuery],
        responses={200: OwnTimeSchema},
        refusals=("not_found",),
        versioned=True,
    )
    def delete(self, request: Request, own_time_id: str) -> HttpResponseBase:
        """The time can be booked again. Answers with what it was."""
        own_time = services.free_own_time(
            **self._named(request, own_time_id), expected_version=self.expected_version(request), now=self.now()
        )
        return self._own_time(own_time)


class OwnServiceListView(ManagingView):
    """The services of a provider."""

    @documented(
        summary="List your services",
        parameters=[OwnerQuery],
        responses={200: OwnServiceSchema(many=True)},
        refusals=("not_found",),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """All services, also inactive ones, on one page, in the order in which they were added."""
        actor = self.actor(request)
        provider = queries.get_own_provider(actor=actor, provider_id=self._provider_id(request, actor))
        return self.list_response(request, ListPage(queries.list_provider_services(provider)), represent_own_service)

    @documented(
        summary="Add a service",
        parameters=[OwnerQuery],
        request=ServiceBody,
        responses={201: OwnServiceSchema},
        refusals=("not_found", "conflict"),
        repeatable=True,
    )
    def post(self, request: Request) -> HttpResponseBase:
        """A provider can have 50 services."""
        actor = self.actor(request)
        added = services.add_service(
            actor=actor,
            provider_id=self._provider_id(request, actor),
            idempotency=self.idempotent_request(request, actor, represent_own_service),
            values=cast("ServiceValues", self.validated(ServiceBody, request.data)),
            now=self.now(),
        )
        service = added.answer
        location = absolute_address(request, reverse("own-service", args=[service["id"]]))
        return self.created(service, replayed=added.replayed, version=service["version"], location=location)


class OwnServiceView(ManagingView):
    """A service, as its provider sees it."""

    @documented(summary="Show your service", responses={200: OwnServiceSchema}, refusals=("not_found",))
    def get(self, request: Request, service_id: str) -> HttpResponseBase:
        """The service, also while it is inactive."""
        return self._service(queries.get_own_service(actor=self.actor(request), service_id=service_id))

    @documented(
        summary="Change your service",
        request=ServiceBody(partial=True),
        responses={200: OwnServiceSchema},
        refusals=("not_found",),
        versioned=True,
    )
    def patch(self, request: Request, service_id: str) -> HttpResponseBase:
        """Values left out stay. Bookings made before keep the old ones."""
        service = services.change_service(
            actor=self.actor(request),
            service_id=service_id,
            changes=cast("ServiceValues", self.validated(ServiceBody, request.data, partial=True)),
            expected_version=self.expected_version(request),
            now=self.now(),
        )
        return self._service(service)

    @documented(
        summary="Deactivate your service", responses={200: OwnServiceSchema}, refusals=("not_found",), versioned=True
    )
    def delete(self, request: Request, service_id: str) -> HttpResponseBase:
        """Nobody can find or book it any more; it is kept, because bookings refer to it."""
        service = services.deactivate_service(
            actor=self.actor(request),
            service_id=service_id,
            expected_version=self.expected_version(request),
            now=self.now(),
        )
        return self._service(service)
