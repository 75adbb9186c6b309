"""Addresses of the API of photos."""

from django.urls import path

from photos import api

urlpatterns = [path("uploads", api.UploadListView.as_view(), name="uploads")]
