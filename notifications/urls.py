"""Addresses of the pages of notifications."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("notifications/unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("inbox", views.inbox_list, name="inbox"),
    path("inbox/<str:email_id>", views.inbox_email, name="inbox-email"),
    path("inbox/<str:email_id>/<int:number>", views.inbox_part, name="inbox-part"),
]
