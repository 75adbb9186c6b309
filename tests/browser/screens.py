"""Every screen, for tests that look at all of them. A new page has its row here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Screen:
    """A page: a name for its picture, its address, and whose eyes see it (a stranger's, if nobody's)."""

    name: str
    address: str
    role: str | None = None


SCREENS = (
    Screen("home", "/"),
    Screen("results", "/search?place=Austin"),
    Screen("results-empty", "/search?place=Austin&category=roofing&rating=4.5&q=nothing"),
    Screen("styleguide", "/styleguide"),
    Screen("how-it-works", "/how-it-works"),
    Screen("help", "/help"),
    Screen("terms", "/terms"),
    Screen("privacy", "/privacy"),
    Screen("problems", "/problems"),
    Screen("sign-in", "/account/sign-in"),
    Screen("sign-up", "/account/sign-up"),
    Screen("forgotten-password", "/account/forgotten-password"),
    Screen("confirm", "/account/confirm"),
    Screen("bookings", "/bookings", "customer"),
    Screen("profile", "/account/profile", "customer"),
    Screen("change-password", "/account/password", "customer"),
    Screen("second-factor", "/account/second-factor", "customer"),
    Screen("close-account", "/account/erase", "customer"),
    Screen("notifications", "/notifications", "customer"),
    Screen("notifications-provider", "/notifications", "provider"),
    Screen("favourites", "/favourites", "customer"),
    Screen("emails", "/account/notifications", "customer"),
    Screen("inbox", "/inbox"),
    Screen("provider-day", "/provider", "provider"),
    Screen("provider-requests", "/provider/requests", "provider"),
    Screen("provider-calendar", "/provider/calendar", "provider"),
    Screen("provider-bookings", "/provider/bookings", "provider"),
    Screen("provider-services", "/provider/services", "provider"),
    Screen("provider-add-service", "/provider/services/add", "provider"),
    Screen("provider-hours", "/provider/hours", "provider"),
    Screen("provider-days", "/provider/hours/days", "provider"),
    Screen("provider-own-time", "/provider/own-time", "provider"),
    Screen("provider-call", "/provider/bookings/add", "provider"),
    Screen("provider-rules", "/provider/hours/rules", "provider"),
    Screen("provider-profile", "/provider/profile", "provider"),
    Screen("provider-start", "/provider/start", "provider"),
    Screen("provider-reviews", "/provider/reviews", "provider"),
    Screen("provider-money", "/provider/money", "provider"),
)
