"""Addresses of booking."""

from django.urls import path

from pages.booking import views

urlpatterns = [
    path("services/<str:service_id>/book", views.Book.as_view(), name="book"),
    path("bookings/<str:booking_id>", views.ShowBooking.as_view(), name="booking"),
]
