"""Addresses of the server profile alone."""

from django.urls import path

from marketplace.serving.static_files import static_file

urlpatterns = [path("static/<path:name>", static_file, name="static-file")]
