"""The addresses under /admin/."""

from marketplace.admin.site import site

urlpatterns = site.get_urls()
