"""All addresses of the site."""

from django.urls import include, path, re_path

from marketplace.rest import UnknownResource

urlpatterns = [
    path("api/v1/", include("marketplace.api_urls")),
    re_path("^api/", UnknownResource.as_view()),
]

handler400 = "marketplace.problems.bad_request"
handler403 = "marketplace.problems.permission_denied"
handler404 = "marketplace.problems.page_not_found"
handler500 = "marketplace.problems.server_error"
