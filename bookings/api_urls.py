"""Addresses of the API of bookings."""

from django.urls import path

from bookings import api

urlpatterns = [
    path("bookings", api.BookingListView.as_view(), name="bookings"),
    path("bookings/<str:booking_id>", api.BookingView.as_view(), name="api-booking"),
    path("bookings/<str:booking_id>/status", api.BookingStatusView.as_view(), name="booking-status"),
    path("bookings/<str:booking_id>/cancel", api.BookingCancellationView.as_view(), name="booking-cancel"),
    path("bookings/<str:booking_id>/reschedule", api.BookingRescheduleView.as_view(), name="booking-reschedule"),
    path("bookings/<str:booking_id>/invoice", api.BookingInvoiceView.as_view(), name="booking-invoice"),
]
