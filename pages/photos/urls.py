"""Addresses of photos: where they are managed, and their files."""

from django.urls import path

from pages.photos import views

urlpatterns = [
    path("photos/uploads", views.AskForUpload.as_view(), name="photo-uploads"),
    path("photos/claims/<str:token>", views.ClaimUploaded.as_view(), name="photo-claim"),
    path("photos/<str:kind>/<str:owner_id>", views.ManagePhotos.as_view(), name="photos"),
    path("photos/<str:kind>/<str:owner_id>/add", views.AddPhoto.as_view(), name="add-photo"),
    path("media/public/<str:photo_id>/<str:name>", views.show_public_photo, name="public-photo"),
    path("media/bookings/<str:booking_id>/<str:photo_id>/<str:name>", views.JobPhoto.as_view(), name="job-photo"),
]
