"""What a provider may ask, and which answers count."""

from dataclasses import replace

import pytest

from catalog.domain import Answer, Question, QuestionKind, checked_answers, questions_version
from catalog.domain.questions import clean_questions, question_errors
from kernel.errors import InvalidInputError

FLOOR = Question("Which floor?", QuestionKind.TEXT, required=True)
LIFT = Question("Is there a lift?", QuestionKind.YES_NO)
KEYS = Question("How do we get in?", QuestionKind.CHOICE, ("Somebody is in", "Key box"))


def refused(questions: list[Question]) -> dict[str, str]:
    return {error.field: error.code for error in question_errors(clean_questions(questions))}


def test_up_to_five_different_questions_can_be_asked() -> None:
    assert refused([FLOOR, LIFT, KEYS]) == {}
    assert refused([FLOOR] * 6) == {"questions": "too_many"}
    assert refused([FLOOR, LIFT, replace(FLOOR, text=" Which floor? ")]) == {"questions.2.text": "repeated"}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (replace(KEYS, choices=("One",)), "number"),
        (replace(KEYS, choices=("Same", "Same ")), "repeated"),
        (replace(KEYS, choices=tuple(f"Choice {number}" for number in range(11))), "number"),
        (replace(KEYS, choices=("Left", "Ri\u202eght")), "character"),
        (replace(KEYS, choices=("Left", "")), "length"),
        (replace(LIFT, choices=("Maybe", "Perhaps")), "unexpected"),
    ],
)
def test_only_a_choice_has_choices_and_each_is_another(question: Question, code: str) -> None:
    assert refused([question]) == {"questions.0.choices": code}


def test_a_question_follows_the_rule_for_what_people_write() -> None:
    assert refused([replace(FLOOR, text="Which\x00?"), replace(FLOOR, text="?!?")]) == {
        "questions.0.text": "character",
        "questions.1.text": "no_letter",
    }


def test_answers_are_kept_beside_the_words_of_their_questions() -> None:
    given = {FLOOR.question_id: " Third ", LIFT.question_id: "no", KEYS.question_id: ""}

    assert checked_answers([FLOOR, LIFT, KEYS], given) == (
        Answer("Which floor?", QuestionKind.TEXT, "Third"),
        Answer("Is there a lift?", QuestionKind.YES_NO, "no"),
    )


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {FLOOR.question_id: "required"}),
        ({FLOOR.question_id: "\u200b "}, {FLOOR.question_id: "required"}),
        ({FLOOR.question_id: "3", LIFT.question_id: "Yes"}, {LIFT.question_id: "invalid"}),
        ({FLOOR.question_id: "3", KEYS.question_id: "Window"}, {KEYS.question_id: "invalid"}),
        ({FLOOR.question_id: "x" * 501}, {FLOOR.question_id: "length"}),
        ({FLOOR.question_id: "3\u202e"}, {FLOOR.question_id: "character"}),
    ],
)
def test_an_answer_that_its_question_does_not_take_is_named(given: dict[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        checked_answers([FLOOR, LIFT, KEYS], given)
    assert {error.field: error.code for error in refusal.value.errors} == {
        f"answers.{question_id}": code for question_id, code in errors.items()
    }


def test_each_answer_to_what_is_not_asked_is_named() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        checked_answers([LIFT], {FLOOR.question_id: "3", LIFT.question_id: "yes", "x": ""})
    assert [(error.field, error.code) for error in refusal.value.errors] == [
        (f"answers.{FLOOR.question_id}", "unknown"),
        ("answers.x", "unknown"),
    ]


def test_other_questions_are_another_version_and_none_is_none() -> None:
    versions = {
        questions_version([]),
        questions_version([FLOOR]),
        questions_version([replace(FLOOR, required=False)]),
        questions_version([FLOOR, LIFT]),
        questions_version([LIFT, FLOOR]),
    }
    assert len(versions) == 5
    assert questions_version([]) is None
