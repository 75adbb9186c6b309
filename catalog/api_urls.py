"""Addresses of the API of the catalog."""

from django.urls import path

from catalog import api, photo_api

urlpatterns = [
    path("categories", api.CategoryListView.as_view(), name="categories"),
    path("services", api.ServiceListView.as_view(), name="services"),
    path("services/<str:service_id>", api.ServiceView.as_view(), name="service"),
    path("providers", api.ProviderListView.as_view(), name="providers"),
    path("providers/<str:provider_id>", api.ProviderView.as_view(), name="provider"),
    path("provider", api.OwnProviderView.as_view(), name="own-provider"),
    path("provider/hours", api.OwnHoursView.as_view(), name="own-hours"),
    path("provider/own-time", api.OwnTimeListView.as_view(), name="own-times"),
    path("provider/own-time/<str:own_time_id>", api.OwnTimeView.as_view(), name="own-time"),
    path("provider/services", api.OwnServiceListView.as_view(), name="own-services"),
    path("provider/services/<str:service_id>", api.OwnServiceView.as_view(), name="own-service"),
    path("provider/photos", photo_api.OwnPhotoListView.as_view(), name="own-photos"),
    path("provider/photos/<str:photo_id>", photo_api.OwnPhotoView.as_view(), name="own-photo"),
    path(
        "provider/services/<str:service_id>/photos",
        photo_api.ServicePhotoListView.as_view(),
        name="own-service-photos",
    ),
    path(
        "provider/services/<str:service_id>/photos/<str:photo_id>",
        photo_api.ServicePhotoView.as_view(),
        name="own-service-photo",
    ),
]
