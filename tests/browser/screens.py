"""Every screen, for tests that look at all of them. A new page has its row here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Screen:
    """A page: a name for its picture, its address, and whose eyes see it (a stranger's, if nobody's).

    `links` are selectors of links that lead there from the address, one after the other.
    """

    name: str
    address: str
    role: str | None = None
    links: tuple[str, ...] = ()
    status: int = 200


_FOUND = "article h2 a"
_BOOKING = "main a[href^='/bookings/']"


SCREENS = (
    Screen("home", "/"),
    Screen("results", "/search?place=Austin"),
    Screen("results-empty", "/search?place=Austin&category=roofing&rating=4.5&q=nothing"),
    Screen("provider", "/search?place=Austin", links=(_FOUND,)),
    Screen("report-provider", "/search?place=Austin", "customer", links=(_FOUND, "main p a[href$='/report']")),
    Screen("report-review", "/search?place=Austin", "customer", links=(_FOUND, "a.review-report")),
    Screen("choose-a-time", "/search?place=Austin", links=(_FOUND, "main .rows a[href$='/book']")),
    Screen("book-as-a-stranger", "/search?place=Austin", links=(_FOUND, "a.slot[href*='start=']")),
    Screen("book", "/search?place=Austin", "customer", links=(_FOUND, "a.slot[href*='start=']")),
    Screen("booking", "/bookings", "customer", links=(_BOOKING,)),
    Screen("move-booking", "/bookings", "customer", links=(_BOOKING, "a[href$='/move']")),
    Screen("cancel-booking", "/bookings", "customer", links=(_BOOKING, "a[href$='/cancel']")),
    Screen("review-booking", "/bookings", "customer", links=("a[href$='/review']",)),
    Screen("styleguide", "/styleguide"),
    Screen("how-it-works", "/how-it-works"),
    Screen("help", "/help"),
    Screen("terms", "/terms"),
    Screen("privacy", "/privacy"),
    Screen("problems", "/problems"),
    Screen("problem", "/problems/forbidden"),
    Screen("sign-in", "/account/sign-in"),
    Screen("sign-up", "/account/sign-up"),
    Screen("forgotten-password", "/account/forgotten-password"),
    Screen("confirm", "/account/confirm"),
    Screen("new-code", "/account/confirm/new-code"),
    Screen("reset-password", "/account/reset-password"),
    Screen("not-found", "/nothing", status=404),
    Screen("forbidden", "/provider", "customer", status=403),
    Screen("offline", "/offline"),
    Screen("api", "/api/v1/services?category=plumbing"),
    Screen("api-bookings", "/api/v1/bookings", "customer"),
    Screen("bookings", "/bookings", "customer"),
    Screen("profile", "/account/profile", "customer"),
    Screen("add-address", "/account/addresses/add", "customer"),
    Screen("change-password", "/account/password", "customer"),
    Screen("second-factor", "/account/second-factor", "customer"),
    Screen("close-account", "/account/erase", "customer"),
    Screen("notifications", "/notifications", "customer"),
    Screen("notifications-provider", "/notifications", "provider"),
    Screen("favourites", "/favourites", "customer"),
    Screen("emails", "/account/notifications", "customer"),
    Screen("inbox", "/inbox"),
    Screen("metrics", "/metrics"),
    Screen("decline-request", "/provider/requests", "provider", links=(_BOOKING, "a[href$='/decline']")),
    Screen("booking-of-a-provider", "/provider/bookings", "provider", links=(_BOOKING,)),
    Screen("provider-service", "/provider/services", "provider", links=("main .rows a[href^='/provider/services/']",)),
    Screen("provider-answer", "/provider/reviews", "provider", links=("a[href$='/answer']",)),
    Screen("provider-day", "/provider", "provider"),
    Screen("provider-requests", "/provider/requests", "provider"),
    Screen("provider-calendar", "/provider/calendar", "provider"),
    Screen("provider-bookings", "/provider/bookings", "provider"),
    Screen("provider-services", "/provider/services", "provider"),
    Screen("provider-add-service", "/provider/services/add", "provider"),
    Screen("provider-hours", "/provider/hours", "provider"),
    Screen("provider-days", "/provider/hours/days", "provider"),
    Screen("provider-own-time", "/provider/own-time", "provider"),
    Screen("provider-edit-own-time", "/provider/own-time", "provider", links=("main a[href^='/provider/own-time/']",)),
    Screen("provider-call", "/provider/bookings/add", "provider"),
    Screen("choose-a-time-for-a-caller", "/provider/bookings/add", "provider", links=("main .rows a",)),
    Screen("provider-rules", "/provider/hours/rules", "provider"),
    Screen("provider-profile", "/provider/profile", "provider"),
    Screen("provider-photos", "/provider/profile", "provider", links=("a[data-photo-link]", "main .aside a")),
    Screen("provider-add-photo", "/provider/profile", "provider", links=("a[data-photo-link]",)),
    Screen("provider-start", "/provider/start", "provider"),
    Screen("provider-trade", "/provider/start", "provider", links=("a[href^='/provider/start/trade']",)),
    Screen("provider-reviews", "/provider/reviews", "provider"),
    Screen("provider-money", "/provider/money", "provider"),
)
