"""What API views get from `ApiView`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Any

import orjson
import pytest
from django.test import RequestFactory
from django.utils.functional import lazystr
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from kernel.errors import InvalidInputError, StaleVersionError
from kernel.lists import ListPage
from kernel.web.permissions import AnyOne
from kernel.web.rest import ApiView, PageQuery
from tests.factories.accounts import make_customer


class AddressBody(serializers.Serializer[Any]):
    street = serializers.CharField()
    number = serializers.IntegerField(default=1)


class OrderBody(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    count = serializers.IntegerField(min_value=1, required=False)
    id = serializers.CharField(read_only=True)
    address = AddressBody(required=False)
    stops = AddressBody(many=True, required=False)
    hours = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=5)), required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("name") == "mixed":
            raise serializers.ValidationError("Name and count do not go together.", code="mixed")
        return attrs


class TagQuery(PageQuery):
    tag = serializers.ListField(child=serializers.CharField(), required=False)


class View(ApiView):
    permission_classes = (AnyOne,)


def request(path: str = "/things", **headers: str) -> Request:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return View().initialize_request(RequestFactory().get(path, headers=names))


def answering(path: str = "/things", **headers: str) -> tuple[View, Request]:
    view = View()
    view.setup(RequestFactory().get(path))
    view.request = request(path, **headers)
    view.initial(view.request)
    return view, view.request


def refused(data: Any, *, partial: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as failure:
        View().validated(OrderBody, data, partial=partial)
    return sorted((error.field, error.code) for error in failure.value.errors)


# --- Bodies ----------------------------------------------------------------------------------------------------------


def test_a_body_is_converted_and_defaults_are_filled_in() -> None:
    body = {"name": "Ada", "count": "2", "address": {"street": "Elm"}}

    assert View().validated(OrderBody, body) == {
        "name": "Ada",
        "count": 2,
        "address": {"street": "Elm", "number": 1},
    }


def test_every_refused_field_is_named_with_its_place() -> None:
    body = {
        "name": "too long",
        "count": 0,
        "address": {"number": "x"},
        "stops": [{"street": "Elm"}, {}],
        "hours": [["09:00", "10:00"], ["11:00", "too late"]],
    }

    assert refused(body) == [
        ("address.number", "invalid"),
        ("address.street", "required"),
        ("count", "min_value"),
        ("hours.1.1", "max_length"),
        ("name", "max_length"),
        ("stops.1.street", "required"),
    ]


def test_unknown_fields_are_refused_beside_wrong_ones_at_every_level() -> None:
    body = {"id": "mine", "surprise": 1, "address": {"street": "Elm", "zip": 1}, "stops": [{"street": "Elm", "zip": 1}]}

    assert refused(body) == [
        ("address.zip", "unknown"),
        ("id", "unknown"),
        ("name", "required"),
        ("stops.0.zip", "unknown"),
        ("surprise", "unknown"),
    ]


def test_a_rule_about_the_whole_names_no_field() -> None:
    assert refused({"name": "mixed"}) == [("", "mixed")]


@pytest.mark.parametrize("body", [[], None, "text", 7])
def test_what_is_no_object_is_refused(body: Any) -> None:
    assert len(refused(body)) == 1


def test_of_a_partial_body_nothing_is_required_and_nothing_filled_in() -> None:
    assert View().validated(OrderBody, {}, partial=True) == {}
    assert refused({"count": 0}, partial=True) == [("count", "min_value")]
    assert refused({}) == [("name", "required")]


def test_threads_can_check_bodies_at_the_same_time() -> None:
    def check(number: int) -> bool:
        name = f"n{number % 100}"
        if number % 3 == 0:
            return refused({"name": name, "count": 0, f"x{number}": 1}) == [
                ("count", "min_value"),
                (f"x{number}", "unknown"),
            ]
        stops = [{"street": name}] * (number % 4)
        values = View().validated(OrderBody, {"name": name, "count": number + 1, "stops": stops})
        return values["name"] == name and values["count"] == number + 1 and len(values["stops"]) == number % 4

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(check, range(600)))


# --- Query parameters ------------------------------------------------------------------------------------------------


def test_pages_have_twenty_rows_unless_asked_otherwise() -> None:
    assert View().query(PageQuery, request()) == {"limit": 20, "cursor": None}
    assert View().query(PageQuery, request("/things?limit=100&cursor=abc")) == {"limit": 100, "cursor": "abc"}


def test_a_parameter_counts_once_unless_it_is_a_list() -> None:
    assert View().query(TagQuery, request("/things?tag=a&tag=b"))["tag"] == ["a", "b"]
    with pytest.raises(InvalidInputError) as failure:
        View().query(TagQuery, request("/things?limit=1&limit=1"))
    assert [(error.field, error.code) for error in failure.value.errors] == [("limit", "repeated")]


# --- Headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"3"', {3}),
        ('  "0"  ', {0}),
        ('"1", "60"', {1, 60}),
        ('"1","60" ,"2"', {1, 60, 2}),
        (', "1",, "60",', {1, 60}),
        # Weak tags and those of others never match.
        ('W/"1", "60", "a,b"', {60}),
    ],
)
def test_if_match_names_versions_of_which_any_will_do(header: str, versions: set[int]) -> None:
    assert View().expected_version(request(If_Match=header)) == frozenset(versions)


@pytest.mark.parametrize("header", ["*", " * "])
def test_if_match_may_leave_the_version_open(header: str) -> None:
    assert View().expected_version(request(If_Match=header)) is None


def test_without_if_match_any_version_will_do() -> None:
    assert View().expected_version(request()) is None


@pytest.mark.parametrize("header", ['W/"3"', '"three"', '""', '"-1"', 'W/"3", "x"', '"03"', f'"{"9" * 40}"'])
def test_tags_that_no_version_has_are_stale(header: str) -> None:
    with pytest.raises(StaleVersionError):
        View().expected_version(request(If_Match=header))


@pytest.mark.parametrize("header", ["", "  ", "3", '"3', '"3" "4"', "'3'", '"3" x', ",", '"3", *', "*, *", '"3", 4'])
def test_malformed_tags_are_refused(header: str) -> None:
    with pytest.raises(InvalidInputError) as failure:
        View().expected_version(request(If_Match=header))
    assert failure.value.errors[0].field == "If-Match"


def test_an_idempotent_request_is_told_by_person_key_path_and_body() -> None:
    def idempotent(actor: Any, key: str, path: str, body: bytes) -> Any:
        factory_request = RequestFactory().post(
            path, body, content_type="application/json", headers={"Idempotency-Key": key}
        )
        view = View()
        return view.idempotent_request(view.initialize_request(factory_request), actor, dict)

    ada, ben = make_customer(), make_customer()
    first = idempotent(ada, "k", "/things", b'{"a": 1, "b": 2}')

    assert idempotent(ada, "k", "/things", b'{"b":2,"a":1}') == first
    assert idempotent(ada, "k", "/things", b'{"a": 1, "b": 3}').fingerprint != first.fingerprint
    assert idempotent(ada, "k", "/other", b'{"a": 1, "b": 2}').fingerprint != first.fingerprint
    assert idempotent(ben, "k", "/things", b'{"a": 1, "b": 2}').storage_key != first.storage_key


def test_a_stranger_is_nobody() -> None:
    view, asked = answering()

    assert view.optional_actor(asked) is None
    with pytest.raises(NotAuthenticated):
        view.actor(asked)


def test_now_is_utc_to_the_second() -> None:
    now = View().now()

    assert now.tzinfo is UTC
    assert now.microsecond == 0


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_the_next_page_keeps_the_filters() -> None:
    view, asked = answering("/things?tag=a&limit=1&tag=b%20c&cursor=old")

    response: Any = view.list_response(asked, ListPage([1], "new+/="), lambda number: {"a": number})

    assert orjson.loads(response.content) == {
        "results": [{"a": 1}],
        "next": "http://testserver/things?tag=a&tag=b+c&limit=1&cursor=new%2B%2F%3D",
    }


def test_the_last_page_has_no_next() -> None:
    view, asked = answering("/things?cursor=old")

    response: Any = view.list_response(asked, ListPage([]), dict)

    assert orjson.loads(response.content) == {"results": [], "next": None}


def test_created_says_where_which_version_and_whether_again() -> None:
    view, _ = answering()

    first = view.created({"id": "x"}, version=1, location="/things/x")
    again = view.created({"id": "x"}, version=1, location="/things/x", replayed=True)

    assert first.status_code == again.status_code == 201
    assert (first.headers["ETag"], first.headers["Location"]) == ('"1"', "/things/x")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_detail_carries_a_version_where_there_is_one() -> None:
    view, _ = answering()

    assert view.detail({}, 0).headers["ETag"] == '"0"'
    assert "ETag" not in view.detail({}).headers


def test_translated_text_is_text_and_other_objects_are_refused() -> None:
    view, _ = answering()
    response: Any = view.detail({"text": lazystr("hello")})

    assert response.content == b'{"text":"hello"}'
    with pytest.raises(TypeError):
        view.detail({"object": object()})
