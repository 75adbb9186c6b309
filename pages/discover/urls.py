"""Addresses of search."""

from django.urls import path

from pages.discover import keeping, views

urlpatterns = [
    path("sitemap.xml", views.show_sitemap, name="sitemap"),
    path("search", views.Results.as_view(), name="search"),
    path("search/free", views.NextFreeTimes.as_view(), name="search-free"),
    path("providers/<str:provider_id>", views.ShowProvider.as_view(), name="provider"),
    path("providers/<str:provider_id>/favourite", keeping.Favourite.as_view(), name="favourite"),
    path("providers/<str:provider_id>/report", keeping.ReportProvider.as_view(), name="report-provider"),
    path("reviews/<str:review_id>/report", keeping.ReportReview.as_view(), name="report-review"),
    path("favourites", keeping.Favourites.as_view(), name="favourites"),
]
