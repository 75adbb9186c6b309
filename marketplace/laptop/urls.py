"""Addresses that exist on a laptop alone."""

from django.urls import path

from marketplace.laptop import views

urlpatterns = [
    path("inbox", views.inbox_list, name="inbox"),
    path("inbox/<str:email_id>", views.inbox_email, name="inbox-email"),
    path("inbox/<str:email_id>/<int:number>", views.inbox_part, name="inbox-part"),
    path("metrics", views.metrics, name="metrics"),
]
