"""The addresses of the API of people."""

from django.urls import path

from accounts.api import PersonView

urlpatterns = [path("users/<str:user_id>", PersonView.as_view(), name="person")]
