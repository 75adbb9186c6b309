"""All addresses of the site."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from kernel.web.rest import unknown_resource
from kernel.web.urls import DeferredResolver
from marketplace.api import ApiRootView
from marketplace.health import RootHealthView

urlpatterns = [
    # First what is asked for most: an address is compared with one after the other.
    path("api/v1/", include("marketplace.api_urls")),
    # The name of a module, not the module: Django imports it when an address is asked for that is not above.
    path("", ("pages.urls", None, None)),  # type: ignore[arg-type]  # The stubs know modules only.
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    # The name of any other page is no reason to load the admin.
    DeferredResolver("admin/", "marketplace.admin.urls", "admin"),
    path("health", RootHealthView.as_view(), name="root-health"),
    path("api/v1", ApiRootView.as_view(), name="api-root"),
    # So that a wrong address under /api is answered as the API answers, with DEBUG, too.
    re_path("^api/", unknown_resource),
    *([path("", include(settings.EXTRA_URLCONF))] if settings.EXTRA_URLCONF else []),
]

handler400 = "kernel.web.problems.bad_request"
handler403 = "kernel.web.problems.permission_denied"
handler404 = "kernel.web.problems.page_not_found"
handler500 = "kernel.web.problems.server_error"
