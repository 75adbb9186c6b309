"""All addresses of the site."""

from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path, re_path

from marketplace import views
from marketplace.health import HealthView
from marketplace.rest import UnknownResource

urlpatterns = [
    path("", views.home, name="home"),
    path("problems", views.problems, name="problems"),
    path("problems/<slug:code>", views.problem, name="problem"),
    path("health", HealthView.as_view(schema=None), name="root-health"),
    path("", include("notifications.urls")),
    path("api/v1/", include("marketplace.api_urls")),
    # So that a wrong address under /api is answered as the API answers, with DEBUG, too.
    re_path("^api/", UnknownResource.as_view()),
    # With DEBUG only; a deployed stage serves them from S3.
    *staticfiles_urlpatterns(),
]

handler400 = "marketplace.problems.bad_request"
handler403 = "marketplace.problems.permission_denied"
handler404 = "marketplace.problems.page_not_found"
handler500 = "marketplace.problems.server_error"
