"""Addresses of the pages of notifications."""

from django.urls import path

from pages.notifications import views

urlpatterns = [path("notifications/unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe")]
