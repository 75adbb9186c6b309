"""Addresses of the API of bookings."""

from django.urls import path

from bookings import api, photo_api

urlpatterns = [
    path("providers/<str:provider_id>/availability", api.AvailabilityView.as_view(), name="availability"),
    path("bookings", api.BookingListView.as_view(), name="bookings"),
    path("bookings/<str:booking_id>", api.BookingView.as_view(), name="api-booking"),
    path("bookings/<str:booking_id>/status", api.BookingStatusView.as_view(), name="booking-status"),
    path("bookings/<str:booking_id>/cancel", api.BookingCancellationView.as_view(), name="booking-cancel"),
    path("bookings/<str:booking_id>/reschedule", api.BookingRescheduleView.as_view(), name="booking-reschedule"),
    path("bookings/<str:booking_id>/proposal", api.BookingProposalView.as_view(), name="booking-proposal"),
    path(
        "bookings/<str:booking_id>/proposal/accept",
        api.BookingProposalAcceptanceView.as_view(),
        name="booking-proposal-acceptance",
    ),
    path(
        "bookings/<str:booking_id>/proposal/refuse",
        api.BookingProposalRefusalView.as_view(),
        name="booking-proposal-refusal",
    ),
    path("bookings/<str:booking_id>/caller", api.BookingCallerView.as_view(), name="booking-caller"),
    path("provider/bookings", api.CallerBookingView.as_view(), name="caller-bookings"),
    path("bookings/<str:booking_id>/photos", photo_api.JobPhotoListView.as_view(), name="booking-photos"),
    path("bookings/<str:booking_id>/photos/<str:photo_id>", photo_api.JobPhotoView.as_view(), name="booking-photo"),
    path("bookings/<str:booking_id>/invoice", api.BookingInvoiceView.as_view(), name="booking-invoice"),
]
