"""The addresses of all pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("pages.about.urls")),
    path("", include("pages.discover.urls")),
    path("", include("pages.booking.urls")),
    path("", include("pages.customer.urls")),
    path("", include("pages.provider.urls")),
    path("", include("pages.photos.urls")),
    path("account/", include("pages.account.urls")),
    path("", include("pages.notifications.urls")),
]
