from datetime import UTC, datetime

import pytest

from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_child_id, provider_id_for
from reviews.domain import Review, check_may_answer, checked_answer, checked_review

PROVIDER = Actor("provider-a", Role.PROVIDER)
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rating", "comment", "refused"),
    [
        (0, "Fine", ["rating"]),
        (6, "Fine", ["rating"]),
        (5, "", ["comment"]),
        (5, "  \r\n ", ["comment"]),
        (5, "c" * 2001, ["comment"]),
        (5, "a\x00b", ["comment"]),
        (9, "\x1b[0m", ["comment", "rating"]),
    ],
)
def test_refused_reviews_are_named(rating: int, comment: str, refused: list[str]) -> None:
    with pytest.raises(InvalidInputError) as error:
        checked_review(rating, comment)
    assert [field_error.field for field_error in error.value.errors] == refused


def test_comments_keep_their_lines_but_not_the_space_around() -> None:
    assert checked_review(1, " Quick.\r\nClean. ") == "Quick.\nClean."
    assert checked_review(5, "c" * 2000) == "c" * 2000


def test_answers_are_checked_like_comments() -> None:
    assert checked_answer(" Thanks ") == "Thanks"
    with pytest.raises(InvalidInputError) as error:
        checked_answer("")
    assert error.value.errors[0].field == "answer"


@pytest.mark.parametrize(
    ("actor", "error"),
    [
        (Actor("provider-b", Role.PROVIDER), NotFoundError),
        (Actor("customer-a", Role.CUSTOMER), ForbiddenError),
        (Actor("admin", Role.ADMIN), ForbiddenError),
    ],
)
def test_only_the_reviewed_provider_answers(actor: Actor, error: type[Exception]) -> None:
    provider_id = provider_id_for(PROVIDER.user_id)
    review_id = new_child_id(provider_id)
    review = Review(review_id, 1, provider_id, "s", "Leak repair", "customer-a", 5, "Fine", NOW, None, None)
    check_may_answer(review, PROVIDER)
    with pytest.raises(error):
        check_may_answer(review, actor)
