"""Addresses of the API of what several apps show together."""

from django.urls import path

from pages.api import DashboardView

urlpatterns = [path("provider/dashboard", DashboardView.as_view(), name="provider-dashboard")]
