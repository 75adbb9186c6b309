"""Addresses that exist on a laptop alone."""

from django.urls import path

from marketplace.laptop import views
from pages.about.views import StyleGuide

urlpatterns = [
    path("inbox", views.inbox_list, name="inbox"),
    path("inbox/<str:email_id>", views.inbox_email, name="inbox-email"),
    path("inbox/<str:email_id>/<int:number>", views.inbox_part, name="inbox-part"),
    path("metrics", views.metrics, name="metrics"),
    path("styleguide", StyleGuide.as_view(), name="styleguide"),
    path("static/<path:path>", views.static_file),
]
