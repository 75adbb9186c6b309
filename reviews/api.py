"""The API of reviews."""

from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kernel.idempotency import Outcome
from kernel.web.integrators import absolute_address
from kernel.web.permissions import AnyOne, SignedIn
from kernel.web.rest import ApiView, PageQuery, documented
from reviews import queries, services
from reviews.domain import Review, review_not_found
from reviews.representation import represent_review, represent_without_words, represent_words
from reviews.serializers import AnswerRequest, ReviewRequest, ReviewSchema, ReviewsQuery


class _ReviewsView(ApiView):
    """Base of the views that answer with reviews."""

    def _created(self, request: Request, outcome: Outcome[Review]) -> HttpResponseBase:
        review_id, version = outcome.answer["id"], outcome.answer["version"]
        review = outcome.created or queries.find_review(review_id)
        if review is None:
            raise review_not_found()
        words = represent_words(review)
        return self.created(
            outcome.answer | words,
            replayed=outcome.replayed,
            version=version,
            location=absolute_address(request, reverse("review", args=[review_id])),
        )


class ReviewListView(_ReviewsView):
    """Writing reviews, and the lists of them."""

    def get_permissions(self) -> list[BasePermission]:
        return [AnyOne() if self.request.method in ("GET", "HEAD", "OPTIONS") else SignedIn()]

    @documented(summary="List reviews", parameters=[ReviewsQuery], responses={200: ReviewSchema(many=True)})
    def get(self, request: Request) -> HttpResponseBase:
        """Newest first: those of a provider, for everyone; or those that you wrote or, as a provider, received."""
        query = self.query(ReviewsQuery, request)
        limit, cursor = query["limit"], query["cursor"]
        if query["provider_id"] is None:
            page = queries.list_own_reviews(actor=self.actor(request), limit=limit, cursor=cursor)
        else:
            page = queries.list_provider_reviews(provider_id=query["provider_id"], limit=limit, cursor=cursor)
        return self.list_response(request, page, represent_review)

    @documented(
        summary="Review a booking",
        request=ReviewRequest,
        responses={201: ReviewSchema},
        refusals=("forbidden", "not_found", "conflict"),
        repeatable=True,
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Rate a completed booking, once. Everyone sees the review, nobody who wrote it."""
        actor = self.actor(request)
        idempotency = self.idempotent_request(request, actor, represent_without_words)
        body = self.validated(ReviewRequest, request.data)
        submitted = services.submit_review(
            actor=actor,
            booking_id=body["booking_id"],
            rating=body["rating"],
            comment=body["comment"],
            idempotency=idempotency,
            now=self.now(),
        )
        return self._created(request, submitted)


class ProviderReviewListView(_ReviewsView):
    """The reviews of one provider."""

    permission_classes = (AnyOne,)

    @documented(summary="List a provider's reviews", parameters=[PageQuery], responses={200: ReviewSchema(many=True)})
    def get(self, request: Request, provider_id: str) -> HttpResponseBase:
        """Newest first."""
        query = self.query(PageQuery, request)
        page = queries.list_provider_reviews(provider_id=provider_id, limit=query["limit"], cursor=query["cursor"])
        return self.list_response(request, page, represent_review)


class ReviewView(_ReviewsView):
    """One review."""

    permission_classes = (AnyOne,)

    @documented(summary="Show a review", responses={200: ReviewSchema}, refusals=("not_found",))
    def get(self, request: Request, review_id: str) -> HttpResponseBase:
        """The review, and the provider's answer once there is one."""
        review = queries.get_review(review_id)
        return self.detail(represent_review(review), review.version)


class ReviewAnswerView(_ReviewsView):
    """The provider's answer to a review."""

    permission_classes = (SignedIn,)

    @documented(
        summary="Answer a review",
        request=AnswerRequest,
        responses={201: ReviewSchema},
        refusals=("forbidden", "not_found", "conflict"),
        repeatable=True,
    )
    def post(self, request: Request, review_id: str) -> HttpResponseBase:
        """Answer a review of your own work, once."""
        actor = self.actor(request)
        idempotency = self.idempotent_request(request, actor, represent_without_words)
        answered = services.answer_review(
            actor=actor,
            review_id=review_id,
            answer=self.validated(AnswerRequest, request.data)["answer"],
            idempotency=idempotency,
            now=self.now(),
        )
        return self._created(request, answered)
