"""Addresses of search."""

from django.urls import path

from pages.discover import views

urlpatterns = [
    path("search", views.Results.as_view(), name="search"),
    path("search/free", views.NextFreeTimes.as_view(), name="search-free"),
    path("providers/<str:provider_id>", views.ShowProvider.as_view(), name="provider"),
]
