"""Addresses of a provider's own pages."""

from django.urls import path

from pages.provider import bookings, hours, lists, money, offer, own_time, setup, views

urlpatterns = [
    path("provider", views.ShowDay.as_view(), name="provider-day"),
    path("provider/requests", views.Requests.as_view(), name="provider-requests"),
    path("provider/calendar", lists.Calendar.as_view(), name="provider-calendar"),
    path("provider/bookings", bookings.Bookings.as_view(), name="provider-bookings"),
    path("provider/bookings/add", views.ChooseService.as_view(), name="provider-call"),
    path("provider/bookings/export", bookings.ExportBookings.as_view(), name="provider-bookings-export"),
    path("provider/money", money.Money.as_view(), name="provider-money"),
    path("provider/money/export", money.ExportInvoices.as_view(), name="provider-money-export"),
    path("provider/reviews", lists.Reviews.as_view(), name="provider-reviews"),
    path("provider/reviews/<str:review_id>/answer", lists.AnswerReview.as_view(), name="provider-answer"),
    path("provider/start", setup.Start.as_view(), name="provider-start"),
    path("provider/start/trade", setup.Trades.as_view(), name="provider-trades"),
    path("provider/profile", setup.Profile.as_view(), name="provider-profile"),
    path("provider/services", offer.Services.as_view(), name="provider-services"),
    path("provider/services/add", offer.AddService.as_view(), name="provider-add-service"),
    path("provider/services/<str:service_id>", offer.EditService.as_view(), name="provider-edit-service"),
    path("provider/services/<str:service_id>/arrange", offer.ArrangeService.as_view(), name="provider-arrange-service"),
    path("provider/hours", hours.Hours.as_view(), name="provider-hours"),
    path("provider/hours/days", hours.Exceptions.as_view(), name="provider-exceptions"),
    path("provider/own-time", own_time.OwnTimes.as_view(), name="provider-own-times"),
    path("provider/own-time/<str:own_time_id>", own_time.EditOwnTime.as_view(), name="provider-own-time"),
    path("provider/hours/rules", hours.Rules.as_view(), name="provider-rules"),
]
