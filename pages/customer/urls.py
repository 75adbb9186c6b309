"""Addresses of a customer's own pages."""

from django.urls import path

from pages.customer import views

urlpatterns = [path("bookings", views.Bookings.as_view(), name="bookings")]
