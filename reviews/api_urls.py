"""Addresses of the API of reviews."""

from django.urls import path

from reviews import api

urlpatterns = [
    path("reviews", api.ReviewListView.as_view(), name="reviews"),
    path("reviews/<str:review_id>", api.ReviewView.as_view(), name="review"),
    path("reviews/<str:review_id>/answer", api.ReviewAnswerView.as_view(), name="review-answer"),
    path("providers/<str:provider_id>/reviews", api.ProviderReviewListView.as_view(), name="provider-reviews"),
]
