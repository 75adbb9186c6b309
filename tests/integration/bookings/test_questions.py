"""What a provider asks at booking: shown with the offer, answered with it, and kept with what is personal."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest

from bookings.domain import Status
from bookings.models import BookingItem
from bookings.personal_data import erase, export
from catalog.domain import Question, QuestionKind
from catalog.queries import get_offer
from catalog.services import change_service
from kernel import storage
from kernel.clock import now, to_rfc3339
from tests.factories.accounts import ApiClient
from tests.factories.bookings import ADDRESS, Scene, make_scene, next_day

Api = Callable[..., ApiClient]
FLOOR = Question("Which floor?", QuestionKind.TEXT, required=True)
LIFT = Question("Is there a lift?", QuestionKind.YES_NO)


@pytest.fixture
def scene() -> Scene:
    return asked(make_scene(), FLOOR, LIFT)


def asked(scene: Scene, *questions: Question) -> Scene:
    """The provider asks these, and no others."""
    change_service(actor=scene.provider, service_id=scene.service_id, changes={"questions": questions}, now=now())
    return scene


def post(client: ApiClient, scene: Scene, answers: dict[str, str] | None, key: str = "", **values: Any) -> Any:
    shown = get_offer(scene.service_id, fresh=True)
    body = {
        "service_id": scene.service_id,
        "offer_version": shown.terms.version,
        "starts_at": to_rfc3339(next_day(9)),
        "address": ADDRESS,
        "answers": answers,
        **values,
    }
    if answers is None:
        del body["answers"]
    return client.post("/api/v1/bookings", body, headers={"Idempotency-Key": key or uuid4().hex})


def show(client: ApiClient, booking_id: str) -> Any:
    return client.get(f"/api/v1/bookings/{booking_id}").json()


def test_service_and_times_show_what_is_asked(scene: Scene, api: Api) -> None:
    expected = [
        {"id": FLOOR.question_id, "text": "Which floor?", "kind": "text", "choices": [], "required": True},
        {"id": LIFT.question_id, "text": "Is there a lift?", "kind": "yes_no", "choices": [], "required": False},
    ]
    service = api().get(f"/api/v1/services/{scene.service_id}").json()
    times = api().get(f"/api/v1/providers/{scene.provider_id}/availability?service_id={scene.service_id}").json()

    assert service["questions"] == times["questions"] == expected
    assert service["offer_version"] == times["offer_version"]


def test_both_sides_read_the_answers_the_provider_once_it_is_confirmed(scene: Scene, api: Api) -> None:
    created = post(api(scene.customer), scene, {FLOOR.question_id: " Third", LIFT.question_id: "no"}).json()
    answers = [
        {"question": "Which floor?", "kind": "text", "answer": "Third"},
        {"question": "Is there a lift?", "kind": "yes_no", "answer": "no"},
    ]
    assert created["answers"] == answers
    assert created["offer_version"] == get_offer(scene.service_id, fresh=True).terms.version
    assert show(api(scene.customer), created["id"])["answers"] == answers
    assert show(api(scene.provider), created["id"])["answers"] is None

    scene.bring(scene.stored(created["id"]), Status.CONFIRMED)

    assert show(api(scene.provider), created["id"])["answers"] == answers


def test_a_required_answer_is_asked_for_by_the_id_of_its_question(scene: Scene, api: Api) -> None:
    for answers in (None, {}, {FLOOR.question_id: " "}):
        response = post(api(scene.customer), scene, answers)
        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == [f"answers.{FLOOR.question_id}"]
    assert scene.all_bookings() == []


def test_another_question_is_another_offer(scene: Scene, api: Api) -> None:
    shown = get_offer(scene.service_id, fresh=True).terms.version
    asked(scene, LIFT)

    response = post(api(scene.customer), scene, {FLOOR.question_id: "3"}, offer_version=shown)

    assert (response.status_code, response.json()["code"]) == (409, "offer_changed")
    assert [question["id"] for question in response.json()["offer"]["questions"]] == [LIFT.question_id]


def test_a_repeated_request_is_answered_alike_after_the_questions_changed(scene: Scene, api: Api) -> None:
    client, key = api(scene.customer), uuid4().hex
    shown = get_offer(scene.service_id, fresh=True).terms.version
    first = post(client, scene, {FLOOR.question_id: "3"}, key)
    asked(scene)

    second = post(client, scene, {FLOOR.question_id: "3"}, key, offer_version=shown)

    assert second.status_code == 201
    assert second.json() == first.json()


def test_a_booking_keeps_the_words_that_were_answered(scene: Scene, api: Api) -> None:
    created = post(api(scene.customer), scene, {FLOOR.question_id: "3"}).json()
    asked(scene)
    found = show(api(scene.customer), created["id"])
    assert found["answers"][0]["question"] == "Which floor?"
    assert found["offer_version"] == created["offer_version"]


def test_answers_stay_out_of_the_booking_leave_with_the_export_and_are_erased(scene: Scene, api: Api) -> None:
    word = f"canary{uuid4().hex}"
    created = post(api(scene.customer), scene, {FLOOR.question_id: word}).json()

    assert word not in str(storage.get_row(BookingItem, created["id"]))
    assert word in orjson.dumps(export(scene.customer.user_id, now=now())).decode()

    erase(scene.customer.user_id, now=now())

    assert show(api(scene.customer), created["id"])["answers"] is None


def _questions(client: ApiClient, scene: Scene, questions: Any) -> Any:
    return client.patch(f"/api/v1/provider/services/{scene.service_id}", {"questions": questions})


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ([{"kind": "text"}], "questions.0.text"),
        ([{"text": "Which floor?"}], "questions.0.kind"),
        ([{"text": "Which floor?", "kind": "essay"}], "questions.0.kind"),
        ([{"text": "Which floor?", "kind": "text", "required": "yes"}], "questions.0.required"),
        ([{"text": "Which way?", "kind": "choice", "choices": ["Left"]}], "questions.0.choices"),
        ([{"text": f"Which {number}?", "kind": "text"} for number in range(6)], "questions"),
        ("Which floor?", "questions"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(scene: Scene, api: Api, questions: Any, field: str) -> None:
    response = _questions(api(scene.provider), scene, questions)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"].startswith(field)


def test_a_provider_asks_in_the_api(scene: Scene, api: Api) -> None:
    choice = {"text": "Which way?", "kind": "choice", "choices": ["Left", "Right"], "required": True}
    response = _questions(api(scene.provider), scene, [choice])
    assert response.status_code == 200
    assert [{name: each[name] for name in choice} for each in response.json()["questions"]] == [choice]
    assert _questions(api(scene.provider), scene, []).json()["questions"] == []
