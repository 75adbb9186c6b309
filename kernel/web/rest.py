"""What every API view stands on: JSON in and out, checked input, versions, idempotency keys, pages of lists."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import MediaType
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.exceptions import NotAcceptable, NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from kernel import clock
from kernel.actors import Actor
from kernel.encoding import to_json
from kernel.errors import FieldError, InvalidInputError, StaleVersionError
from kernel.idempotency import IdempotentRequest
from kernel.lists import ListPage
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass
from kernel.versions import ExpectedVersion
from kernel.web.authentication import actor_on
from kernel.web.integrators import absolute_address
from kernel.web.json_format import MEDIA_TYPE as JSON
from kernel.web.rest_fields import WholeNumberParameter

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20

T = TypeVar("T")
_Handler = TypeVar("_Handler", bound=Callable[..., Any])

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
# RFC 9110: a list may have empty members, and tags may have commas.
_ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_ENTITY_TAGS = re.compile(rf"[ \t,]*{_ENTITY_TAG.pattern}(?:[ \t]*,[ \t]*(?:{_ENTITY_TAG.pattern})?)*")
_VERSION = re.compile(r"0|[1-9][0-9]{0,17}")


class _Negotiation(DefaultContentNegotiation):
    """What programs send is recognised at a glance; of other Accept headers the weights count (RFC 9110).

    DRF's own takes whatever is named, also with the weight 0, which says "anything but that".
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderers = list(renderers)
        if request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", JSON):
            return renderers[0], renderers[0].media_type
        # An empty header asks for nothing in particular.
        ranges = [MediaType(each) for each in self.get_accept_list(request)] or [MediaType("*/*")]
        # Of equals the first, which is JSON.
        best = max(renderers, key=lambda renderer: _weight(renderer.media_type, ranges))
        if not _weight(best.media_type, ranges)[0]:
            raise NotAcceptable
        return best, best.media_type


def _weight(media_type: str, ranges: Iterable[MediaType]) -> tuple[float, int]:
    """How much the type is wanted, and how narrow the range is that says so: the narrowest that it is in."""
    main, sub = media_type.split("/")
    fitting = [each for each in ranges if (each.main_type, each.sub_type) in ((main, sub), (main, "*"), ("*", "*"))]
    narrowest = max(fitting, key=attrgetter("specificity", "quality"), default=None)
    return (narrowest.quality, narrowest.specificity) if narrowest else (0, 0)


# Conditions on which a request is to be carried out; those of the first are asked of reads, too.
_PRECONDITIONS = ("If-Match", "If-Unmodified-Since")
_PRECONDITIONS_OF_CHANGES = (*_PRECONDITIONS, "If-None-Match", "If-Modified-Since")


class PageQuery(serializers.Serializer[Any]):
    """The query parameters of every list; lists with filters extend it."""

    limit = WholeNumberParameter(
        min_value=1, max_value=MAX_PAGE_SIZE, default=DEFAULT_PAGE_SIZE, help_text="Rows per page."
    )
    cursor = serializers.CharField(
        required=False, default=None, max_length=2000, help_text="Taken from `next` of the page before."
    )


@dataclass(frozen=True, slots=True)
class Documentation:
    """What the OpenAPI document says of an operation beside what all operations share."""

    summary: str
    responses: Mapping[int, Any]
    request: Any
    parameters: Sequence[type[serializers.Serializer[Any]]]
    refusals: Sequence[str]
    repeatable: bool
    versioned: bool


def documented(
    *,
    summary: str,
    responses: Mapping[int, Any],
    request: Any = None,
    parameters: Sequence[type[serializers.Serializer[Any]]] = (),
    refusals: Sequence[str] = (),
    repeatable: bool = False,
    versioned: bool = False,
) -> Callable[[_Handler], _Handler]:
    """Describe a view's method by the serializers of its responses (by status), its body and its query parameters.

    A response with `many=True` is a page of a list. `refusals` are the kinds of problem (`problems.PROBLEM_TYPES`) with
    which its service refuses; those of input, authentication, limits and accidents follow by themselves. `repeatable`:
    it takes an Idempotency-Key. `versioned`: it takes If-Match.

    drf-spectacular's own decorator would load all of drf-spectacular, a tenth of a cold start, before any request.
    """

    def describe(handler: _Handler) -> _Handler:
        handler.documentation = Documentation(  # type: ignore[attr-defined]
            summary, responses, request, parameters, refusals, repeatable, versioned
        )
        return handler

    return describe


class ApiView(APIView):
    """Base of all API views.

    A subclass names its `permission_classes` (the default refuses everyone) and has one short method per HTTP method:
    check the input with `validated` or `query`, call one service or query, answer with `detail`, `created` or
    `list_response`. Parameters of an address that a method does not name in `documented` are refused.
    """

    content_negotiation_class = _Negotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks and whether they may; then whether the request has what the method would not look at."""
        super().initial(request, *args, **kwargs)
        method = str(request.method).lower()
        documentation: Documentation | None = getattr(getattr(self, method, None), "documentation", None)
        # Whoever sends a condition relies on it.
        versioned = documentation is not None and documentation.versioned
        for header in _PRECONDITIONS if method in ("get", "head", "options") else _PRECONDITIONS_OF_CHANGES:
            is_sent = f"HTTP_{header.upper().replace('-', '_')}" in request.META
            if is_sent and not (header == "If-Match" and versioned):
                message = sentence("This call does not look at such a condition. Leave the header out.")
                raise InvalidInputError.of(header, message, "unsupported")
        if request.query_params and hasattr(self, method):
            _refuse_unknown_parameters(request, documentation)

    # --- The request ----------------------------------------------------------------------------------------------

    def optional_actor(self, request: Request) -> Actor | None:
        """Who is signed in; None for a stranger."""
        return actor_on(request)

    def actor(self, request: Request) -> Actor:
        """Who is signed in. Raises `NotAuthenticated` (401) for a stranger."""
        actor = actor_on(request)
        if actor is None:
            raise NotAuthenticated
        return actor

    def now(self) -> datetime:
        """The instant at which the request is judged."""
        return clock.now()

    def validated(
        self, serializer_class: type[serializers.Serializer[Any]], data: Any, *, partial: bool = False
    ) -> dict[str, Any]:
        """The body's fields as the serializer converts them; with `partial`, none is required.

        Raises `InvalidInputError` naming each refused field ("hours.mon.0") and each that does not exist.
        """
        return _validated(_serializer(serializer_class, partial=partial), data)

    def query(self, serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """The query parameters as the serializer converts them.

        Raises `InvalidInputError` naming each that is refused, does not exist or is given twice.
        """
        if not request.query_params:
            return dict(_defaults(serializer_class))
        serializer = _serializer(serializer_class)
        data: dict[str, Any] = {}
        for name, values in request.query_params.lists():
            if isinstance(serializer.fields.get(name), serializers.ListField):
                data[name] = values
            elif len(values) == 1:
                data[name] = values[0]
            else:
                raise InvalidInputError.of(name, sentence("Give this parameter once."), "repeated")
        return _validated(serializer, data)

    def idempotent_request(
        self, request: Request, actor: Actor, represent: Callable[[T], dict[str, Any]]
    ) -> IdempotentRequest[T]:
        """The creating call with its `Idempotency-Key`, which is required: 1 to 255 visible ASCII characters.

        `represent` makes the answer to be remembered of the thing that the call creates.
        """
        key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
        if not key:
            message = sentence("Send a key of your own choice, a new one for each new request, for example a UUID.")
            raise InvalidInputError.of("Idempotency-Key", message, "required")
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise InvalidInputError.of("Idempotency-Key", sentence("Send 1 to 255 visible ASCII characters."))
        return IdempotentRequest.of(
            user_id=actor.user_id,
            key=key,
            method=str(request.method),
            # With its query: an admin says there for whom the thing is made.
            path=request.get_full_path(),
            body=request.data,
            represent=represent,
        )

    def expected_version(self, request: Request) -> ExpectedVersion:
        """The versions that `If-Match` lists, any of which is right; None without the header or with `*`.

        Raises `StaleVersionError` for tags that no version can have.
        """
        header = request.META.get("HTTP_IF_MATCH", "*").strip(" \t")
        if header == "*":
            return None
        if _ENTITY_TAGS.fullmatch(header) is None:
            raise InvalidInputError.of("If-Match", sentence('Send ETags as you received them, for example "3".'))
        # RFC 9110: If-Match compares strongly, so a weak tag never matches.
        versions = frozenset(
            int(tag) for weak, tag in _ENTITY_TAG.findall(header) if not weak and _VERSION.fullmatch(tag)
        )
        if not versions:
            raise StaleVersionError(sentence("This version does not exist. Read the resource again."))
        return versions

    # --- The response ---------------------------------------------------------------------------------------------

    def detail(self, representation: Mapping[str, Any], version: int | None = None) -> HttpResponseBase:
        """200 with one thing and, if it has versions, its ETag."""
        return self._respond(representation, 200, {} if version is None else {"ETag": f'"{version}"'})

    def created(
        self,
        representation: Mapping[str, Any],
        *,
        replayed: bool = False,
        version: int | None = None,
        location: str | None = None,
    ) -> HttpResponseBase:
        """201 with the new thing; `replayed` says that it is the stored answer to the same request."""
        headers = {}
        if version is not None:
            headers["ETag"] = f'"{version}"'
        if location is not None:
            headers["Location"] = location
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return self._respond(representation, 201, headers)

    def list_response(
        self, request: Request, page: ListPage[T], represent: Callable[[T], dict[str, Any]]
    ) -> HttpResponseBase:
        """200 with one page: `results`, and in `next` the URL of the following page, or null."""
        following = None
        if page.next_cursor is not None:
            others = [pair for pair in request.query_params.lists() if pair[0] != "cursor"]
            # A cursor has colons, which may stay in a query.
            parameters = urlencode([*others, ("cursor", page.next_cursor)], doseq=True, safe=":")
            following = absolute_address(request, f"{request.path}?{parameters}")
        return self._respond({"results": [represent(result) for result in page.results], "next": following}, 200, {})

    def _respond(self, data: Any, status: int, headers: dict[str, str]) -> HttpResponseBase:
        if self.request.accepted_renderer.format == "json":
            # Spares DRF's template response, which costs more than the JSON.
            return HttpResponse(to_json(data), content_type=JSON, status=status, headers=headers)
        return Response(data, status=status, headers=headers)

    @property
    def default_response_headers(self) -> dict[str, str]:
        # Whatever a cache in between believes about the URL: answers are for the one who asked.
        return {**super().default_response_headers, "Cache-Control": "no-store"}


class _UnknownResource(ApiView):
    permission_classes = ()
    authentication_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


@csrf_exempt
def unknown_resource(request: HttpRequest) -> HttpResponseBase:
    """The answer at every unknown address under /api: a 404 problem document, for every method.

    A function, so that the browsable API's breadcrumbs take it for no parent of other resources.
    """
    return _UnknownResource.as_view()(request)


# --- Checking input --------------------------------------------------------------------------------------------------


@cache
def _serializer(
    serializer_class: type[serializers.Serializer[Any]], *, partial: bool = False
) -> serializers.Serializer[Any]:
    """One instance for all requests and threads, as copying the fields is the costly part.

    `run_validation` keeps no state in it, and the methods of our serializers must not either.
    """
    return serializer_class(partial=partial)


def _refuse_unknown_parameters(request: Request, documentation: Documentation | None) -> None:
    known = _parameter_names(documentation.parameters if documentation else ())
    message = sentence("There is no such parameter. Leave it out.")
    errors = [FieldError(name, "unknown", message) for name in request.query_params if name not in known]
    if errors:
        raise InvalidInputError(errors)


def _parameter_names(serializer_classes: Sequence[type[serializers.Serializer[Any]]]) -> set[str]:
    return {name for each in serializer_classes for name in _serializer(each).fields.keys()}  # noqa: SIM118  (its stub iterates over values)


@cache
def _defaults(serializer_class: type[serializers.Serializer[Any]]) -> Mapping[str, Any]:
    """What the serializer makes of no input at all."""
    return _validated(_serializer(serializer_class), {})


def _validated(serializer: serializers.Serializer[Any], data: Any) -> dict[str, Any]:
    errors = list(_unknown_fields(serializer, data, ""))
    values: dict[str, Any] = {}
    try:
        values = serializer.run_validation(data)
    except serializers.ValidationError as error:
        errors += _field_errors(error.detail, "")
    if errors:
        raise InvalidInputError(errors)
    return values


def _unknown_fields(field: Any, data: Any, path: str) -> Iterable[FieldError]:
    if isinstance(field, serializers.ListSerializer) and isinstance(data, list):
        for position, item in enumerate(data):
            yield from _unknown_fields(field.child, item, f"{path}.{position}")
    elif isinstance(field, serializers.Serializer) and isinstance(data, Mapping):
        for name, value in data.items():
            inner = field.fields.get(name)
            inner_path = f"{path}.{name}" if path else str(name)
            if inner is None or inner.read_only:
                yield FieldError(inner_path, "unknown", sentence("There is no such field. Leave it out."))
            else:
                yield from _unknown_fields(inner, value, inner_path)


def _field_errors(detail: Any, path: str) -> Iterable[FieldError]:
    """DRF's nested error details as a flat list; members and positions are joined by dots."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            # What a serializer says about the whole is no field of its own.
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from _field_errors(inner, ".".join(filter(None, (path, own))))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            if isinstance(inner, Mapping | list):
                if inner:
                    yield from _field_errors(inner, f"{path}.{position}" if path else str(position))
            else:
                yield FieldError(path, inner.code, Sentence(str(inner)))
    else:
        yield FieldError(path, detail.code, Sentence(str(detail)))
