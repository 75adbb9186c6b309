"""Addresses of the pages of notifications."""

from django.urls import path

from pages.notifications import views

urlpatterns = [
    path("notifications", views.Notes.as_view(), name="notification-list"),
    path("notifications/unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("account/notifications", views.Preferences.as_view(), name="notification-preferences"),
]
