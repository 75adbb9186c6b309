"""Addresses of booking, and of each booking."""

from django.urls import path

from pages.booking import book, call, downloads, follow, move

urlpatterns = [
    path("services/<str:service_id>/book", book.Book.as_view(), name="book"),
    path("provider/services/<str:service_id>/book", call.BookForCaller.as_view(), name="book-for-caller"),
    path("bookings/<str:booking_id>/caller", call.EraseCaller.as_view(), name="erase-caller"),
    path("bookings/<str:booking_id>", follow.ShowBooking.as_view(), name="booking"),
    path("bookings/<str:booking_id>/status", follow.ChangeStatus.as_view(), name="change-booking"),
    path("bookings/<str:booking_id>/proposal", follow.AnswerProposal.as_view(), name="answer-proposal"),
    path("bookings/<str:booking_id>/decline", follow.Decline.as_view(), name="decline-booking"),
    path("bookings/<str:booking_id>/cancel", follow.Cancel.as_view(), name="cancel-booking"),
    path("bookings/<str:booking_id>/payment", follow.Pay.as_view(), name="pay-booking"),
    path("bookings/<str:booking_id>/move", move.Move.as_view(), name="move-booking"),
    path("bookings/<str:booking_id>/review", follow.Review.as_view(), name="review-booking"),
    path(
        "bookings/<str:booking_id>/calendar.ics",
        downloads.DownloadCalendarEntry.as_view(),
        name="download-calendar-entry",
    ),
    path("bookings/<str:booking_id>/invoice.pdf", downloads.DownloadInvoice.as_view(), name="download-invoice"),
]
