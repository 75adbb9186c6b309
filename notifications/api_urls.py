"""Addresses of the API of notifications."""

from django.urls import path

from notifications import api

urlpatterns = [
    path("notifications", api.NotificationListView.as_view(), name="notifications"),
    path("notifications/bell", api.BellView.as_view(), name="notifications-bell"),
    path("notifications/read-mark", api.ReadMarkView.as_view(), name="notifications-read-mark"),
    path("notifications/preferences", api.PreferencesView.as_view(), name="notifications-preferences"),
]
