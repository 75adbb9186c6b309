"""All addresses of the site."""

from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path, re_path

from marketplace import views
from marketplace.health import RootHealthView
from marketplace.rest import unknown_resource

urlpatterns = [
    # First what is asked for most: an address is compared with one after the other.
    path("api/v1/", include("marketplace.api_urls")),
    path("", views.home, name="home"),
    path("problems", views.problems, name="problems"),
    path("problems/<slug:code>", views.problem, name="problem"),
    path("health", RootHealthView.as_view(), name="root-health"),
    path("account/", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("api/v1", views.ApiRootView.as_view(), name="api-root"),
    # So that a wrong address under /api is answered as the API answers, with DEBUG, too.
    re_path("^api/", unknown_resource),
    # With DEBUG only; a deployed stage serves them from S3.
    *staticfiles_urlpatterns(),
]

handler400 = "marketplace.problems.bad_request"
handler403 = "marketplace.problems.permission_denied"
handler404 = "marketplace.problems.page_not_found"
handler500 = "marketplace.problems.server_error"
