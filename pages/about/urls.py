"""Addresses of the start page, of the language switch and of the pages that explain."""

from django.urls import path

from pages.about import offline, views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("language", views.choose_language, name="language"),
    path("how-it-works", views.HowItWorks.as_view(), name="how-it-works"),
    path("help", views.Help.as_view(), name="help"),
    path("terms", views.Terms.as_view(), name="terms"),
    path("privacy", views.Privacy.as_view(), name="privacy"),
    path("offline", offline.offline, name="offline"),
    path("service-worker.js", offline.service_worker, name="service-worker"),
    path("robots.txt", views.robots, name="robots"),
    path("problems", views.problems, name="problems"),
    path("problems/<slug:code>", views.problem, name="problem"),
]
