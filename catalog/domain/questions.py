"""What a provider asks of whoever books a service, and which answers it takes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from kernel.errors import FieldError, InvalidInputError
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass
from kernel.wording.text import TextRule, clean_text, text_errors

MAX_QUESTIONS = 5
MIN_CHOICES, MAX_CHOICES = 2, 10
QUESTION = TextRule(3, 200)
CHOICE = TextRule(1, 80)
ANSWER = TextRule(0, 500, has_lines=True)
YES, NO = "yes", "no"


class QuestionKind(StrEnum):
    """How a question is answered: in words, by one of its choices, or by yes or no."""

    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a provider. `choices` are the answers to choose from; empty unless the kind is `choice`."""

    text: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def question_id(self) -> str:
        """A short text that is another for another question, so that no answer comes to stand below it."""
        return _digest(self.text, str(self.kind), self.choices)[:8]

    @property
    def options(self) -> tuple[str, ...]:
        """The answers that the question takes; empty for one that is answered in words."""
        return (YES, NO) if self.kind is QuestionKind.YES_NO else self.choices

    def values(self) -> dict[str, Any]:
        """`{"text": …, "kind": …, "choices": […], "required": …}`: how the question is stored and shown."""
        return {
            "text": self.text,
            "kind": str(self.kind),
            "choices": list(self.choices),
            "required": self.required,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer beside the words of its question, as they were when it was given. To yes and no, `yes` or `no`."""

    question: str
    kind: QuestionKind
    answer: str


def questions_version(questions: Sequence[Question]) -> str | None:
    """A short text that is another for other questions; None without any."""
    if not questions:
        return None
    return _digest(*((each.text, str(each.kind), each.choices, each.required) for each in questions))[:12]


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


def clean_questions(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions in the spelling in which they are kept."""
    return tuple(
        replace(each, text=clean_text(each.text), choices=tuple(map(clean_text, each.choices))) for each in questions
    )


def question_errors(questions: Sequence[Question]) -> list[FieldError]:
    """What is wrong with clean questions, by `questions.<position from 0>.text` or `….choices`."""
    if len(questions) > MAX_QUESTIONS:
        message = sentence("Ask at most %(most)s questions.", most=MAX_QUESTIONS)
        return [FieldError("questions", "too_many", message)]
    errors = []
    asked: set[str] = set()
    for position, question in enumerate(questions):
        name = f"questions.{position}"
        errors += text_errors(f"{name}.text", question.text, QUESTION)
        if question.text in asked:
            errors.append(FieldError(f"{name}.text", "repeated", sentence("This is asked already.")))
        asked.add(question.text)
        errors += _choice_errors(f"{name}.choices", question)
    return errors


def _choice_errors(name: str, question: Question) -> Iterator[FieldError]:
    if question.kind is not QuestionKind.CHOICE:
        if question.choices:
            yield FieldError(name, "unexpected", sentence("Only a question of the kind “choice” has choices."))
        return
    if not MIN_CHOICES <= len(question.choices) <= MAX_CHOICES:
        message = sentence("Give %(least)s to %(most)s choices.", least=MIN_CHOICES, most=MAX_CHOICES)
        yield FieldError(name, "number", message)
    if len(set(question.choices)) < len(question.choices):
        yield FieldError(name, "repeated", sentence("Each choice must be another."))
    for choice in question.choices:
        refusals = text_errors(name, choice, CHOICE)
        if refusals:
            yield refusals[0]
            return


def checked_answers(questions: Sequence[Question], given: Mapping[str, str]) -> tuple[Answer, ...]:
    """The answers, by the ids of their questions, as they are kept; what was left empty is left out.

    Raises `InvalidInputError` naming `answers.<id>` for each answer that is missing, that its question does not take,
    or whose question is not asked.
    """
    asked = {question.question_id for question in questions}
    not_asked = sentence("Answer the questions of this service alone.")
    errors = [FieldError(f"answers.{name}", "unknown", not_asked) for name in given if name not in asked]
    answers = []
    for question in questions:
        name = f"answers.{question.question_id}"
        text = clean_text(given.get(question.question_id, ""))
        refusals = text_errors(name, text, ANSWER)
        message = None if refusals else _answer_refusal(question, text)
        if message is not None:
            refusals = [FieldError(name, "invalid" if text else "required", message)]
        errors += refusals
        if text and not refusals:
            answers.append(Answer(question.text, question.kind, text))
    if errors:
        raise InvalidInputError(errors)
    return tuple(answers)


def _answer_refusal(question: Question, text: str) -> Sentence | None:
    if not text:
        return sentence("Answer this question.") if question.required else None
    if question.options and text not in question.options:
        return sentence("Give one of these answers: %(answers)s.", answers=question.options)
    return None
