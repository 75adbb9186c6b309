"""Addresses of the start page and of the pages about problems."""

from django.urls import path

from pages.about import views

urlpatterns = [
    path("", views.home, name="home"),
    path("problems", views.problems, name="problems"),
    path("problems/<slug:code>", views.problem, name="problem"),
]
