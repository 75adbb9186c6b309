"""Who gets which answer where: the one table of access, for every address and method of the site.

A customer A has a booking with provider A, a customer B one with provider B. Somebody else's is absent (404), what a
role may not do is forbidden (403). `test_access` fails for an address or method that is not listed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import UserItem
from accounts.services import ensure_account, save_address
from bookings.domain import Booking, Status
from bookings.services import claim_job_photo, propose_move
from catalog.domain import OwnTimeKind
from catalog.queries import get_provider
from catalog.representation import represent_own_service, represent_own_time
from catalog.services import OwnTimeValues, add_service, block_time, claim_photo
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import now, to_rfc3339
from kernel.money import Money
from notifications.links import unsubscribe_url
from notifications.services import announce
from photos.domain import Owner, OwnerKind
from tests.factories.bookings import Scene, idempotency_of, make_scene, next_day
from tests.factories.letters import event_of
from tests.factories.photos import upload
from tests.factories.reviews import completed_booking, review

ROLES = ("anonymous", "customer A", "customer B", "provider A", "provider B", "admin", "support", "auditor")
STAFF = ("admin", "support", "auditor")
PASSWORD = "Copper-Kettle-41"


class World:
    """The people of the table, with real accounts, and what is theirs."""

    def __init__(self, stamp: str) -> None:
        self.emails = {role: f"{role.replace(' ', '-').lower()}-{stamp}@example.com" for role in ROLES[1:]}
        self.people: dict[str, Actor | None] = {"anonymous": None} | {
            name: self._make_person(name, email) for name, email in self.emails.items()
        }
        self.addresses = {who: f"{stamp} Hidden Lane {who}" for who in ("A", "B")}
        self.scene = self._make_scene("A")
        self._scene_b = self._make_scene("B")
        self._free_hours = iter(next_day(hour, days=day) for day in range(3, 50) for hour in range(24))
        self._past_hours = iter(next_day(hour, days=-day) for day in range(2, 20) for hour in range(24))
        self.pending_a = self.booking()
        self.pending_b = self._scene_b.book(next_day(9), address=self.addresses["B"])
        self.kept_address_id = self.keep_address()
        self.reviewed = completed_booking(self.scene, hour=23, days=55)
        review(self.scene, self.reviewed)
        self.paid = self.booking(Status.CONFIRMED, Status.COMPLETED, Status.PAID)
        announce(event=event_of(self.pending_a), now=now())
        announce(event=event_of(self.paid), now=now())
        # What the embedded cloud leaves of an email that it takes.
        Path(str(settings.INBOX_DIR), "1.eml").write_bytes(b"Subject: Hello\nTo: ada@example.com\n\nHello!\n")

    def _make_person(self, name: str, email: str) -> Actor:
        role = Role(name.split()[0])
        user_id = ensure_account(email=email, password=PASSWORD, name=name.title(), role=role, now=now())
        if name in STAFF:
            # The admin asks for it.
            storage.write(storage.update("user", UserItem, user_id, actions=[UserItem.second_factor.set(True)]))
        return Actor(user_id=user_id, role=role)

    def _make_scene(self, who: str) -> Scene:
        return make_scene(provider=self.people[f"provider {who}"], customer=self.people[f"customer {who}"])

    def user_id(self, role: str) -> str:
        person = self.people[role]
        assert person is not None
        return person.user_id

    def keep_address(self) -> str:
        """The id of another address of customer A."""
        actor = self.scene.customer
        kept = save_address(actor=actor, user_id=actor.user_id, label="Home", address=self.addresses["A"])
        return kept.address_id

    def free_hour(self) -> datetime:
        """A start at which provider A has no booking yet."""
        return next(self._free_hours)

    def own_time(self) -> str:
        """The id of new own time of provider A, long after all that is booked."""
        day = (now() + timedelta(days=300)).date()
        blocked = block_time(
            actor=self.scene.provider,
            provider_id=self.scene.provider_id,
            values=OwnTimeValues(OwnTimeKind.PRIVATE, day, day),
            idempotency=idempotency_of(self.scene.provider, {}, represent_own_time),
            now=now(),
        )
        return str(blocked.answer["id"])

    def called_off(self) -> Booking:
        """A new booking that provider A made for a caller, who has called it off."""
        return self.scene.bring(self.scene.book_for_caller(self.free_hour()), Status.CANCELLED)

    def booking(self, *path: Status) -> Booking:
        """A new booking of customer A with provider A, which has gone through the statuses."""
        booking = self.scene.book(self.free_hour(), address=self.addresses["A"])
        return self.scene.bring(booking, *path)

    def done_booking(self) -> Booking:
        """A confirmed booking of customer A with provider A whose time is over."""
        starts_at = next(self._past_hours)
        booked_at = starts_at - timedelta(days=1)
        booking = self.scene.book(starts_at, address=self.addresses["A"], now=booked_at)
        return self.scene.bring(booking, Status.CONFIRMED, now=booked_at)

    def photo(self) -> str:
        """A new photo of provider A, nothing of it looked at."""
        photo_id = upload(self.scene.provider)
        owner = Owner(OwnerKind.PROVIDER, self.scene.provider_id)
        claim_photo(actor=self.scene.provider, owner=owner, upload_id=photo_id, now=now())
        return photo_id

    def job_photo(self) -> str:
        """A new photo, below the booking that customer A makes with it, nothing of it looked at."""
        booking_id, photo_id = self.booking().booking_id, upload(self.scene.customer)
        claim_job_photo(actor=self.scene.customer, booking_id=booking_id, upload_id=photo_id, now=now())
        return f"{booking_id}/photos/{photo_id}"

    def photos(self) -> list[str]:
        """The ids of provider A's photos."""
        return [photo.photo_id for photo in get_provider(self.scene.provider_id).photos]

    def proposed_by_provider(self) -> Booking:
        """A confirmed booking of customer A for which provider A has proposed another time."""
        booking = self.booking(Status.CONFIRMED)
        proposed, _ = propose_move(
            actor=self.scene.provider,
            booking_id=booking.booking_id,
            starts_at=self.free_hour(),
            expected_version=None,
            now=now(),
        )
        return proposed

    def secrets_from(self, role: str) -> list[str]:
        """What nobody in that role may ever be told."""
        secrets = {
            "A": [self.user_id("customer A"), self.emails["customer A"], self.addresses["A"]],
            "B": [self.user_id("customer B"), self.emails["customer B"], self.addresses["B"]],
        }
        hidden = {
            "anonymous": secrets["A"] + secrets["B"],
            "customer A": secrets["B"],
            "customer B": secrets["A"],
            # A provider learns no address for mail, and nothing of where before confirming. Customer B books here, too.
            "provider A": [
                self.emails["customer B"],
                self.addresses["B"],
                self.emails["customer A"],
                self.addresses["A"],
            ],
            "provider B": [*secrets["A"], self.emails["customer B"], self.addresses["B"]],
            "admin": [],
            "support": [],
            "auditor": [],
        }
        owners = [self.user_id(other) for other in ("provider A", "provider B") if role not in (other, *STAFF)]
        return hidden[role] + owners


@dataclass(frozen=True)
class Call:
    """One request, but for who sends it."""

    path: str
    body: Any = None


@dataclass(frozen=True)
class Case:
    """What each role is answered, in the order of `ROLES`. `reveals` says that the body has personal data by right.

    Support and auditors, the last two, are answered as admins are, unless `staff` says otherwise.
    """

    route: str
    statuses: str
    call: Callable[[World], Call]
    title: str = ""
    reveals: bool = field(default=False)
    staff: str = ""

    def __str__(self) -> str:
        return f"{self.route} {self.title}".strip()

    def all_statuses(self) -> list[str]:
        statuses = self.statuses.split()
        return statuses + (self.staff.split() or [statuses[-1]] * (len(ROLES) - len(statuses)))

    def status(self, role: str) -> int:
        return int(self.all_statuses()[ROLES.index(role)])


def _plain(path: str, body: Any = None) -> Callable[[World], Call]:
    return lambda world: Call(path, body)


def _of_booking(suffix: str, body: Any, *path: Status) -> Callable[[World], Call]:
    return lambda world: Call(f"{V1}/bookings/{world.booking(*path).booking_id}{suffix}", body)


V1 = "/api/v1"
EVERYONE = "200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200"
SIGNED_IN_PAGE = "302 200 200 200 200 200"
SIGNED_IN_FORM = "302 400 400 400 400 400"
PROVIDERS_PAGE = "302 403 403 200 200 403"
PROVIDERS_FORM = "302 403 403 400 400 403"
OPEN_FORM = "400 400 400 400 400 400"
PROFILE = {
    "name": "Elm Plumbing",
    "city": "Springfield",
    "country": "US",
    "latitude": 39.8,
    "longitude": -89.6,
    "time_zone": "UTC",
    "minimum_notice_minutes": 0,
}
SERVICE = {
    "name": "Drain cleaning",
    "category": "plumbing",
    "price": {"amount": 9000, "currency": "USD"},
    "duration_minutes": 60,
}
HOURS = {"weekly": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
_LATE = f"{now() + timedelta(days=350):%Y-%m-%d}"
OWN_TIME = {"kind": "private", "from": _LATE, "to": _LATE}

CASES = [
    # --- For everyone ---
    Case("GET /", EVERYONE, _plain("/")),
    *(Case(f"GET {path}", EVERYONE, _plain(path)) for path in ("/how-it-works", "/help", "/terms", "/privacy")),
    Case("GET /offline", EVERYONE, _plain("/offline")),
    Case("GET /service-worker.js", EVERYONE, _plain("/service-worker.js")),
    Case("GET /robots.txt", EVERYONE, _plain("/robots.txt")),
    Case("GET /sitemap.xml", "404 404 404 404 404 404", _plain("/sitemap.xml"), title="before it is written"),
    Case("GET /problems", EVERYONE, _plain("/problems")),
    Case("GET /problems/{code}", EVERYONE, _plain("/problems/forbidden")),
    Case("GET /health", EVERYONE, _plain("/health")),
    Case("GET /api/v1", EVERYONE, _plain(V1)),
    Case("GET /api/v1/health", EVERYONE, _plain(f"{V1}/health")),
    Case("GET /api/v1/schema", EVERYONE, _plain(f"{V1}/schema")),
    Case("GET /api/v1/docs", EVERYONE, _plain(f"{V1}/docs")),
    Case("GET /api/v1/categories", EVERYONE, _plain(f"{V1}/categories")),
    Case("GET /api/v1/services", EVERYONE, _plain(f"{V1}/services?category=plumbing&city=Springfield&country=US")),
    Case("GET /api/v1/services/{service_id}", EVERYONE, lambda w: Call(f"{V1}/services/{w.scene.service_id}")),
    Case("GET /api/v1/providers", EVERYONE, _plain(f"{V1}/providers?city=Springfield&country=US")),
    Case("GET /api/v1/providers/{provider_id}", EVERYONE, lambda w: Call(f"{V1}/providers/{w.scene.provider_id}")),
    Case(
        "GET /api/v1/providers/{provider_id}/availability",
        EVERYONE,
        lambda w: Call(f"{V1}/providers/{w.scene.provider_id}/availability?service_id={w.scene.service_id}"),
    ),
    Case(
        "GET /api/v1/providers/{provider_id}/reviews",
        EVERYONE,
        lambda w: Call(f"{V1}/providers/{w.scene.provider_id}/reviews"),
    ),
    Case("GET /api/v1/reviews/{review_id}", EVERYONE, lambda w: Call(f"{V1}/reviews/{w.reviewed.booking_id}")),
    Case(
        "GET /api/v1/reviews",
        EVERYONE,
        lambda w: Call(f"{V1}/reviews?provider_id={w.scene.provider_id}"),
        title="of a provider",
    ),
    Case("GET /api/v1/reviews", "401 200 200 200 200 400", _plain(f"{V1}/reviews"), title="one's own"),
    # --- Bookings ---
    Case(
        "POST /api/v1/bookings",
        "401 201 201 403 403 403",
        lambda w: Call(
            f"{V1}/bookings",
            {
                "service_id": w.scene.service_id,
                "offer_version": w.scene.offer_version,
                "starts_at": to_rfc3339(w.free_hour()),
                "address": "1 Own Street",
            },
        ),
    ),
    Case("GET /api/v1/bookings", "401 200 200 200 200 400", _plain(f"{V1}/bookings")),
    Case(
        "GET /api/v1/bookings",
        "401 403 403 403 403 200",
        lambda w: Call(f"{V1}/bookings?customer_id={w.user_id('customer A')}"),
        title="of a customer",
    ),
    Case(
        "GET /api/v1/bookings/{booking_id}",
        "401 200 404 200 404 200",
        lambda w: Call(f"{V1}/bookings/{w.pending_a.booking_id}"),
    ),
    Case(
        "PUT /api/v1/bookings/{booking_id}/status",
        "401 403 404 200 404 200",
        _of_booking("/status", {"status": "confirmed"}),
        title="confirm",
        reveals=True,
        staff="200 403",
    ),
    Case(
        "PUT /api/v1/bookings/{booking_id}/status",
        "401 403 404 200 404 200",
        _of_booking("/status", {"status": "declined"}),
        title="decline",
        staff="200 403",
    ),
    Case(
        "PUT /api/v1/bookings/{booking_id}/status",
        "401 403 404 200 404 200",
        lambda w: Call(f"{V1}/bookings/{w.done_booking().booking_id}/status", {"status": "completed"}),
        title="complete",
        reveals=True,
        staff="200 403",
    ),
    Case(
        "PUT /api/v1/bookings/{booking_id}/status",
        "401 403 404 200 404 200",
        _of_booking("/status", {"status": "paid"}, Status.CONFIRMED, Status.COMPLETED),
        title="pay",
        reveals=True,
        staff="200 403",
    ),
    Case(
        "PUT /api/v1/bookings/{booking_id}/status",
        "401 403 404 403 404 403",
        _of_booking("/status", {"status": "expired"}),
        title="expire",
    ),
    Case(
        "POST /api/v1/bookings/{booking_id}/cancel",
        "401 200 404 200 404 200",
        _of_booking("/cancel", {}),
        staff="200 403",
    ),
    Case(
        "POST /api/v1/bookings/{booking_id}/reschedule",
        "401 200 404 403 404 200",
        lambda w: Call(f"{V1}/bookings/{w.booking().booking_id}/reschedule", {"starts_at": to_rfc3339(w.free_hour())}),
        staff="200 403",
    ),
    Case(
        "GET /api/v1/providers/{provider_id}/availability",
        "401 200 404 200 404 200",
        lambda w: Call(f"{V1}/providers/{w.scene.provider_id}/availability?booking_id={w.pending_a.booking_id}"),
        title="of a booking",
    ),
    Case(
        "POST /api/v1/bookings/{booking_id}/proposal",
        "401 200 404 200 404 403",
        lambda w: Call(
            f"{V1}/bookings/{w.booking(Status.CONFIRMED).booking_id}/proposal",
            {"starts_at": to_rfc3339(w.free_hour())},
        ),
        reveals=True,
    ),
    Case(
        "POST /api/v1/bookings/{booking_id}/proposal/accept",
        "401 200 404 409 404 403",
        lambda w: Call(f"{V1}/bookings/{w.proposed_by_provider().booking_id}/proposal/accept", {}),
    ),
    Case(
        "POST /api/v1/bookings/{booking_id}/proposal/refuse",
        "401 200 404 409 404 403",
        lambda w: Call(f"{V1}/bookings/{w.proposed_by_provider().booking_id}/proposal/refuse", {}),
    ),
    Case(
        "GET /api/v1/bookings/{booking_id}/invoice",
        "401 200 404 200 404 200",
        lambda w: Call(f"{V1}/bookings/{w.paid.booking_id}/invoice"),
    ),
    # --- Reviews ---
    Case(
        "POST /api/v1/reviews",
        "401 201 404 403 404 403",
        lambda w: Call(
            f"{V1}/reviews",
            {
                "booking_id": w.booking(Status.CONFIRMED, Status.COMPLETED).booking_id,
                "rating": 5,
                "comment": "Quick and clean.",
            },
        ),
    ),
    Case(
        "POST /api/v1/reviews/{review_id}/answer",
        "401 403 403 201 404 403",
        lambda w: Call(f"{V1}/reviews/{_new_review(w)}/answer", {"answer": "Thank you."}),
    ),
    # --- A provider's own ---
    Case("GET /api/v1/provider", "401 403 403 200 200 400", _plain(f"{V1}/provider"), staff="403 403"),
    Case(
        "GET /api/v1/provider",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider?provider_id={w.scene.provider_id}"),
        title="of provider A",
        reveals=True,
        staff="403 403",
    ),
    Case(
        "PUT /api/v1/provider",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider?provider_id={w.scene.provider_id}", PROFILE),
        reveals=True,
        staff="403 403",
    ),
    Case(
        "PATCH /api/v1/provider",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider?provider_id={w.scene.provider_id}", {"description": "Since 1998."}),
        reveals=True,
        staff="403 403",
    ),
    Case(
        "GET /api/v1/provider/hours",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/hours?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "PUT /api/v1/provider/hours",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/hours?provider_id={w.scene.provider_id}", HOURS),
        staff="403 403",
    ),
    Case(
        "POST /api/v1/provider/bookings",
        "401 403 403 201 404 403",
        lambda w: Call(
            f"{V1}/provider/bookings",
            {
                "service_id": w.scene.service_id,
                "offer_version": w.scene.offer_version,
                "starts_at": to_rfc3339(w.free_hour()),
                "name": "Robin Reed",
                "phone": "+12175550123",
                "email": "robin@example.com",
            },
        ),
        staff="403 403",
    ),
    Case(
        "DELETE /api/v1/bookings/{booking_id}/caller",
        "401 404 404 200 404 200",
        lambda w: Call(f"{V1}/bookings/{w.called_off().booking_id}/caller"),
        staff="403 403",
    ),
    Case(
        "GET /api/v1/provider/own-time",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/own-time?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "POST /api/v1/provider/own-time",
        "401 403 403 201 404 201",
        lambda w: Call(f"{V1}/provider/own-time?provider_id={w.scene.provider_id}", OWN_TIME),
        staff="403 403",
    ),
    Case(
        "GET /api/v1/provider/own-time/{own_time_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/own-time/{w.own_time()}?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "PUT /api/v1/provider/own-time/{own_time_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/own-time/{w.own_time()}?provider_id={w.scene.provider_id}", OWN_TIME),
        staff="403 403",
    ),
    Case(
        "DELETE /api/v1/provider/own-time/{own_time_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/own-time/{w.own_time()}?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "GET /api/v1/provider/services",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/services?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "POST /api/v1/provider/services",
        "401 403 403 201 404 201",
        lambda w: Call(f"{V1}/provider/services?provider_id={w.scene.provider_id}", SERVICE),
        staff="403 403",
    ),
    Case(
        "GET /api/v1/provider/services/{service_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/services/{w.scene.service_id}"),
        staff="403 403",
    ),
    Case(
        "PATCH /api/v1/provider/services/{service_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/services/{w.scene.service_id}", {"description": "Day and night."}),
        staff="403 403",
    ),
    Case(
        "DELETE /api/v1/provider/services/{service_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/services/{_spare_service(w)}"),
        staff="403 403",
    ),
    # --- Photos ---
    Case(
        "GET /photos/{kind}/{owner_id}",
        "302 403 403 200 404 200",
        lambda w: Call(f"/photos/provider/{w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "POST /photos/{kind}/{owner_id}",
        "302 302 404 404 404 404",
        lambda w: Call(f"/photos/booking/{(b := w.job_photo()).split('/')[0]}", {"do": "remove", "photo": b[-32:]}),
        title="of a job",
    ),
    Case(
        "POST /photos/{kind}/{owner_id}",
        "302 403 403 302 404 302",
        lambda w: Call(f"/photos/provider/{w.scene.provider_id}", {"do": "remove", "photo": w.photo()}),
        staff="403 403",
    ),
    Case(
        "GET /photos/{kind}/{owner_id}/add",
        "302 403 403 200 404 200",
        lambda w: Call(f"/photos/provider/{w.scene.provider_id}/add"),
        reveals=True,
        staff="403 403",
    ),
    Case("POST /photos/uploads", "302 200 200 200 200 200", _plain("/photos/uploads", {"content_type": "image/png"})),
    Case("GET /photos/claims/{token}", "302 404 404 404 404 404", _plain("/photos/claims/nobody-s")),
    Case(
        "GET /media/public/{photo_id}/{name}",
        "404 404 404 404 404 404",
        _plain(f"/media/public/{'0' * 32}/0123456789abcdef-320.webp"),
        title="that is not there",
    ),
    Case(
        "GET /media/bookings/{booking_id}/{photo_id}/{name}",
        "302 404 404 404 404 404",
        lambda w: Call(f"/media/bookings/{w.pending_a.booking_id}/{'0' * 32}/0123456789abcdef-320.webp"),
        title="that is not there",
    ),
    Case(
        "GET /api/v1/bookings/{booking_id}/photos",
        "401 200 404 200 404 200",
        lambda w: Call(f"{V1}/bookings/{w.pending_a.booking_id}/photos"),
    ),
    Case(
        "POST /api/v1/bookings/{booking_id}/photos",
        "401 400 404 403 404 403",
        lambda w: Call(f"{V1}/bookings/{w.pending_a.booking_id}/photos", {"upload": "0" * 32}),
        title="of an upload that is not one's own",
    ),
    Case(
        "DELETE /api/v1/bookings/{booking_id}/photos/{photo_id}",
        "401 200 404 403 404 403",
        lambda w: Call(f"{V1}/bookings/{w.job_photo()}"),
    ),
    Case("POST /api/v1/uploads", "401 201 201 201 201 201", _plain(f"{V1}/uploads", {"content_type": "image/png"})),
    Case(
        "GET /api/v1/provider/photos",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/photos?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "POST /api/v1/provider/photos",
        "401 403 403 400 404 400",
        lambda w: Call(f"{V1}/provider/photos?provider_id={w.scene.provider_id}", {"upload": "0" * 32}),
        title="of an upload that is not one's own",
        staff="403 403",
    ),
    Case(
        "PUT /api/v1/provider/photos",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/photos?provider_id={w.scene.provider_id}", {"order": w.photos()}),
        staff="403 403",
    ),
    Case(
        "DELETE /api/v1/provider/photos/{photo_id}",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/photos/{w.photo()}?provider_id={w.scene.provider_id}"),
        staff="403 403",
    ),
    Case(
        "GET /api/v1/provider/services/{service_id}/photos",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/services/{w.scene.service_id}/photos"),
        staff="403 403",
    ),
    Case(
        "POST /api/v1/provider/services/{service_id}/photos",
        "401 403 403 400 404 400",
        lambda w: Call(f"{V1}/provider/services/{w.scene.service_id}/photos", {"upload": "0" * 32}),
        title="of an upload that is not one's own",
        staff="403 403",
    ),
    Case(
        "PUT /api/v1/provider/services/{service_id}/photos",
        "401 403 403 200 404 200",
        lambda w: Call(f"{V1}/provider/services/{w.scene.service_id}/photos", {"order": []}),
        staff="403 403",
    ),
    Case(
        "DELETE /api/v1/provider/services/{service_id}/photos/{photo_id}",
        "401 403 403 404 404 404",
        lambda w: Call(f"{V1}/provider/services/{w.scene.service_id}/photos/{'0' * 32}"),
        title="that is not there",
        staff="403 403",
    ),
    Case("GET /api/v1/provider/dashboard", "401 403 403 200 200 403", _plain(f"{V1}/provider/dashboard")),
    # --- Notifications: everyone has their own ---
    Case("GET /api/v1/notifications", SIGNED_IN, _plain(f"{V1}/notifications")),
    Case("GET /api/v1/notifications/bell", SIGNED_IN, _plain(f"{V1}/notifications/bell")),
    Case(
        "PUT /api/v1/notifications/read-mark",
        "401 200 400 200 400 400",
        _plain(f"{V1}/notifications/read-mark", {"up_to": 1}),
        title="of a note that only A's have",
    ),
    Case("GET /api/v1/notifications/preferences", SIGNED_IN, _plain(f"{V1}/notifications/preferences")),
    Case("PUT /api/v1/notifications/preferences", SIGNED_IN, _plain(f"{V1}/notifications/preferences", {"muted": []})),
    # --- People ---
    Case(
        "GET /api/v1/users/{user_id}",
        "401 200 404 404 404 200",
        lambda w: Call(f"{V1}/users/{w.user_id('customer A')}"),
    ),
    Case(
        "PATCH /api/v1/users/{user_id}",
        "401 200 404 404 404 200",
        lambda w: Call(f"{V1}/users/{w.user_id('customer A')}", {"time_zone": "Europe/Paris"}),
        staff="403 403",
    ),
    # --- For whoever has the link of an email ---
    Case("GET /notifications/unsubscribe/{token}", EVERYONE, lambda w: Call(_link(w))),
    Case("POST /notifications/unsubscribe/{token}", EVERYONE, lambda w: Call(_link(w), {})),
    # --- On a laptop alone: everywhere else they are absent for everyone ---
    Case("GET /inbox", EVERYONE, _plain("/inbox"), reveals=True),
    Case("GET /inbox/{email_id}", EVERYONE, _plain("/inbox/1"), reveals=True),
    Case("GET /inbox/{email_id}/{number}", EVERYONE, _plain("/inbox/1/0"), reveals=True),
    Case("GET /metrics", EVERYONE, _plain("/metrics"), reveals=True),
    Case("GET /static/{path}", EVERYONE, _plain("/static/img/mark.svg"), reveals=True),
    Case("GET /styleguide", EVERYONE, _plain("/styleguide")),
    # --- Pages for everyone ---
    Case("GET /search", EVERYONE, _plain("/search?category=plumbing&place=Springfield")),
    Case("GET /search/free", EVERYONE, lambda w: Call(f"/search/free?services={w.scene.service_id}")),
    Case("GET /providers/{provider_id}", EVERYONE, lambda w: Call(f"/providers/{w.scene.provider_id}")),
    Case("POST /language", "302 302 302 302 302 302", _plain("/language", {"language": "fr"})),
    # --- Pages for booking ---
    Case(
        "GET /services/{service_id}/book",
        EVERYONE,
        lambda w: Call(f"/services/{w.scene.service_id}/book"),
        reveals=True,
    ),
    Case(
        "POST /services/{service_id}/book",
        "302 400 400 403 403 403",
        lambda w: Call(f"/services/{w.scene.service_id}/book", {}),
    ),
    Case(
        "GET /bookings/{booking_id}",
        "302 200 404 200 404 200",
        lambda w: Call(f"/bookings/{w.booking().booking_id}"),
    ),
    Case(
        "POST /bookings/{booking_id}/status",
        "302 404 404 404 404 404",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/status", {}),
        title="without an action",
    ),
    Case(
        "POST /bookings/{booking_id}/proposal",
        "302 404 404 404 404 404",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/proposal", {}),
        title="without an answer",
    ),
    Case(
        "GET /bookings/{booking_id}/decline",
        "302 302 404 200 404 200",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/decline"),
        staff="200 302",
    ),
    Case(
        "POST /bookings/{booking_id}/decline",
        "302 400 404 400 404 400",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/decline", {}),
    ),
    Case(
        "GET /bookings/{booking_id}/cancel",
        "302 200 404 200 404 200",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/cancel"),
        staff="200 302",
    ),
    Case(
        "POST /bookings/{booking_id}/cancel",
        "302 400 404 400 404 400",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/cancel", {}),
    ),
    Case(
        "GET /bookings/{booking_id}/payment",
        "302 302 404 302 404 302",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/payment"),
        title="before it is completed",
    ),
    Case(
        "POST /bookings/{booking_id}/payment",
        "302 400 404 400 404 400",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/payment", {}),
    ),
    Case(
        "GET /bookings/{booking_id}/move",
        "302 200 404 200 404 200",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/move"),
        staff="200 302",
    ),
    Case(
        "POST /bookings/{booking_id}/move",
        "302 400 404 400 404 400",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/move", {}),
    ),
    Case(
        "GET /bookings/{booking_id}/review",
        "302 200 404 302 404 403",
        lambda w: Call(f"/bookings/{w.booking(Status.CONFIRMED, Status.COMPLETED).booking_id}/review"),
    ),
    Case(
        "POST /bookings/{booking_id}/review",
        "302 400 404 400 404 403",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/review", {}),
    ),
    Case(
        "GET /bookings/{booking_id}/calendar.ics",
        "302 200 404 200 404 200",
        lambda w: Call(f"/bookings/{w.booking(Status.CONFIRMED).booking_id}/calendar.ics"),
        reveals=True,
    ),
    Case(
        "GET /bookings/{booking_id}/invoice.pdf",
        "302 404 404 404 404 404",
        lambda w: Call(f"/bookings/{w.booking().booking_id}/invoice.pdf"),
        title="before it is paid",
    ),
    Case("GET /bookings", "302 200 200 302 302 403", _plain("/bookings")),
    # --- Favourites and reports ---
    Case("GET /favourites", "302 200 200 403 403 403", _plain("/favourites")),
    Case(
        "POST /providers/{provider_id}/favourite",
        "302 302 302 403 403 403",
        lambda w: Call(f"/providers/{w.scene.provider_id}/favourite", {"keep": "1"}),
    ),
    Case(
        "GET /providers/{provider_id}/report",
        SIGNED_IN_PAGE,
        lambda w: Call(f"/providers/{w.scene.provider_id}/report"),
    ),
    Case(
        "POST /providers/{provider_id}/report",
        SIGNED_IN_FORM,
        lambda w: Call(f"/providers/{w.scene.provider_id}/report", {}),
    ),
    Case(
        "GET /reviews/{review_id}/report",
        SIGNED_IN_PAGE,
        lambda w: Call(f"/reviews/{w.reviewed.booking_id}/report"),
    ),
    Case(
        "POST /reviews/{review_id}/report",
        SIGNED_IN_FORM,
        lambda w: Call(f"/reviews/{w.reviewed.booking_id}/report", {}),
    ),
    # --- Notifications ---
    Case("GET /notifications", SIGNED_IN_PAGE, _plain("/notifications")),
    Case("POST /notifications", "302 302 400 302 400 400", _plain("/notifications", {"up_to": 1}), title="as read"),
    # --- A provider's own pages ---
    Case("GET /provider", PROVIDERS_PAGE, _plain("/provider")),
    Case("GET /provider/requests", PROVIDERS_PAGE, _plain("/provider/requests")),
    Case("GET /provider/calendar", PROVIDERS_PAGE, _plain("/provider/calendar")),
    Case("GET /provider/bookings", PROVIDERS_PAGE, _plain("/provider/bookings")),
    Case("GET /provider/bookings/export", PROVIDERS_PAGE, _plain("/provider/bookings/export")),
    Case("GET /provider/money", PROVIDERS_PAGE, _plain("/provider/money")),
    Case("GET /provider/money/export", PROVIDERS_PAGE, _plain("/provider/money/export")),
    Case("GET /provider/reviews", PROVIDERS_PAGE, _plain("/provider/reviews")),
    Case(
        "GET /provider/reviews/{review_id}/answer",
        "302 403 403 200 404 403",
        lambda w: Call(f"/provider/reviews/{w.reviewed.booking_id}/answer"),
    ),
    Case(
        "POST /provider/reviews/{review_id}/answer",
        "302 403 403 400 404 403",
        lambda w: Call(f"/provider/reviews/{w.reviewed.booking_id}/answer", {}),
    ),
    Case("GET /provider/start", PROVIDERS_PAGE, _plain("/provider/start")),
    Case("GET /provider/start/trade", PROVIDERS_PAGE, _plain("/provider/start/trade")),
    Case("POST /provider/start/trade", "302 403 403 302 302 403", _plain("/provider/start/trade", {})),
    Case("GET /provider/profile", PROVIDERS_PAGE, _plain("/provider/profile")),
    Case("POST /provider/profile", PROVIDERS_FORM, _plain("/provider/profile", {"version": ""})),
    Case("GET /provider/services", PROVIDERS_PAGE, _plain("/provider/services")),
    Case("GET /provider/services/add", PROVIDERS_PAGE, _plain("/provider/services/add")),
    Case("POST /provider/services/add", PROVIDERS_FORM, _plain("/provider/services/add", {})),
    Case(
        "GET /provider/services/{service_id}",
        "302 403 403 200 404 403",
        lambda w: Call(f"/provider/services/{w.scene.service_id}"),
    ),
    Case(
        "POST /provider/services/{service_id}",
        "302 403 403 400 404 403",
        lambda w: Call(f"/provider/services/{w.scene.service_id}", {}),
    ),
    Case(
        "POST /provider/services/{service_id}/arrange",
        "302 403 403 302 404 403",
        lambda w: Call(f"/provider/services/{w.scene.service_id}/arrange", {"do": "up"}),
    ),
    Case("GET /provider/hours", PROVIDERS_PAGE, _plain("/provider/hours")),
    Case("POST /provider/hours", PROVIDERS_FORM, _plain("/provider/hours", {})),
    Case("GET /provider/hours/days", PROVIDERS_PAGE, _plain("/provider/hours/days")),
    Case("POST /provider/hours/days", PROVIDERS_FORM, _plain("/provider/hours/days", {})),
    Case("GET /provider/bookings/add", PROVIDERS_PAGE, _plain("/provider/bookings/add")),
    Case(
        "GET /provider/services/{service_id}/book",
        "302 403 403 200 404 403",
        lambda w: Call(f"/provider/services/{w.scene.service_id}/book"),
    ),
    Case(
        "POST /provider/services/{service_id}/book",
        "302 403 403 400 404 403",
        lambda w: Call(f"/provider/services/{w.scene.service_id}/book", {}),
    ),
    Case(
        "GET /bookings/{booking_id}/caller",
        "302 403 403 200 404 403",
        lambda w: Call(f"/bookings/{w.called_off().booking_id}/caller"),
    ),
    Case(
        "POST /bookings/{booking_id}/caller",
        "302 403 403 302 404 403",
        lambda w: Call(f"/bookings/{w.called_off().booking_id}/caller", {}),
    ),
    Case("GET /provider/own-time", PROVIDERS_PAGE, _plain("/provider/own-time")),
    Case("POST /provider/own-time", PROVIDERS_FORM, _plain("/provider/own-time", {})),
    Case(
        "GET /provider/own-time/{own_time_id}",
        "302 403 403 200 404 403",
        lambda w: Call(f"/provider/own-time/{w.own_time()}"),
    ),
    Case(
        "POST /provider/own-time/{own_time_id}",
        "302 403 403 400 404 403",
        lambda w: Call(f"/provider/own-time/{w.own_time()}", {}),
    ),
    Case("GET /provider/hours/rules", PROVIDERS_PAGE, _plain("/provider/hours/rules")),
    Case("POST /provider/hours/rules", PROVIDERS_FORM, _plain("/provider/hours/rules", {})),
    # --- Account pages ---
    Case("GET /account/notifications", SIGNED_IN_PAGE, _plain("/account/notifications")),
    Case("POST /account/notifications", "302 302 302 302 302 302", _plain("/account/notifications", {"wanted": []})),
    Case("GET /account/sign-up", EVERYONE, _plain("/account/sign-up")),
    Case("POST /account/sign-up", OPEN_FORM, _plain("/account/sign-up", {})),
    Case("GET /account/confirm", EVERYONE, _plain("/account/confirm")),
    Case("POST /account/confirm", OPEN_FORM, _plain("/account/confirm", {})),
    Case("GET /account/confirm/new-code", EVERYONE, _plain("/account/confirm/new-code")),
    Case("POST /account/confirm/new-code", OPEN_FORM, _plain("/account/confirm/new-code", {})),
    Case("GET /account/sign-in", "200 302 302 302 302 302", _plain("/account/sign-in")),
    Case("POST /account/sign-in", OPEN_FORM, _plain("/account/sign-in", {})),
    Case("GET /account/sign-in/step", "302 302 302 302 302 302", _plain("/account/sign-in/step")),
    Case("POST /account/sign-in/step", "302 302 302 302 302 302", _plain("/account/sign-in/step", {})),
    Case("GET /account/forgotten-password", EVERYONE, _plain("/account/forgotten-password")),
    Case("POST /account/forgotten-password", OPEN_FORM, _plain("/account/forgotten-password", {})),
    Case("GET /account/reset-password", EVERYONE, _plain("/account/reset-password")),
    Case("POST /account/reset-password", OPEN_FORM, _plain("/account/reset-password", {})),
    Case("POST /account/sign-out", "302 302 302 302 302 302", _plain("/account/sign-out", {})),
    Case("POST /account/stop-seeing-as", "302 302 302 302 302 302", _plain("/account/stop-seeing-as", {})),
    Case("POST /account/sign-out-everywhere", "302 302 302 302 302 302", _plain("/account/sign-out-everywhere", {})),
    Case("GET /account/profile", SIGNED_IN_PAGE, _plain("/account/profile")),
    Case("POST /account/profile", SIGNED_IN_FORM, _plain("/account/profile", {})),
    Case("GET /account/addresses/add", "302 200 200 403 403 403", _plain("/account/addresses/add")),
    Case("POST /account/addresses/add", "302 400 400 403 403 403", _plain("/account/addresses/add", {})),
    Case(
        "GET /account/addresses/{address_id}",
        "302 200 404 403 403 403",
        lambda w: Call(f"/account/addresses/{w.kept_address_id}"),
    ),
    Case(
        "POST /account/addresses/{address_id}",
        "302 400 404 403 403 403",
        lambda w: Call(f"/account/addresses/{w.kept_address_id}", {}),
    ),
    Case(
        "POST /account/addresses/{address_id}/suggest",
        "302 302 404 403 403 403",
        lambda w: Call(f"/account/addresses/{w.kept_address_id}/suggest", {}),
    ),
    Case(
        "POST /account/addresses/{address_id}/remove",
        "302 302 302 403 403 403",
        lambda w: Call(f"/account/addresses/{w.keep_address()}/remove", {}),
    ),
    Case("GET /account/password", SIGNED_IN_PAGE, _plain("/account/password")),
    Case("POST /account/password", SIGNED_IN_FORM, _plain("/account/password", {})),
    Case("GET /account/second-factor", SIGNED_IN_PAGE, _plain("/account/second-factor")),
    Case("POST /account/second-factor", SIGNED_IN_FORM, _plain("/account/second-factor", {})),
    Case("GET /account/second-factor/code", "302 302 302 302 302 302", _plain("/account/second-factor/code")),
    Case("POST /account/second-factor/code", "302 302 302 302 302 302", _plain("/account/second-factor/code", {})),
    Case("GET /account/second-factor/remove", SIGNED_IN_PAGE, _plain("/account/second-factor/remove")),
    Case("POST /account/second-factor/remove", SIGNED_IN_FORM, _plain("/account/second-factor/remove", {})),
    Case("POST /account/export", SIGNED_IN_PAGE, _plain("/account/export", {}), reveals=True),
    Case("GET /account/erase", SIGNED_IN_PAGE, _plain("/account/erase")),
    Case("POST /account/erase", SIGNED_IN_FORM, _plain("/account/erase", {})),
]


# --- The admin: addresses and use cases from its registry; who may what is said here ----------------------------------

# What admins may do to objects beside looking and using.
_EDITING: dict[str, set[str]] = {
    "catalog.provider": {"change"},
    "catalog.service": {"change"},
    "notifications.suppression": {"add", "delete"},
}
# The permission of a use case → who gets as far as the object, which is not there.
_USING = {
    "view": ("302", "302 302"),
    "see": ("302", "302 403"),
    "act": ("302", "302 403"),
    "manage": ("302", "403 403"),
}
# The lists that only open on a filter; the export of such a list leads back to it.
_FILTERED = {"bookings.invoice", "notifications.delivery", "notifications.note", "notifications.suppression"}
_OUTSIDE = "302 302 302 302 302"


def _admin_case(method: str, path: str, admin: str, staff: str, title: str = "") -> Case:
    address = path.replace("{object_id}", "nothing")
    body: dict[str, str] | None = {} if method == "POST" else None
    return Case(f"{method} {path}", f"{_OUTSIDE} {admin}", _plain(address, body), title, reveals=True, staff=staff)


def _admin_cases() -> Iterator[Case]:
    # The admin is loaded when it is asked for.
    from marketplace.admin.site import site

    yield Case("GET /admin", "302 302 302 302 302 302", _plain("/admin"))
    yield Case("GET /admin/login/", "302 403 403 403 403 302", _plain("/admin/login/"))
    yield _admin_case("GET", "/admin/", "200", "200 200")
    yield _admin_case("POST", "/admin/logout/", "200", "200 200")
    yield _admin_case("GET", "/admin/autocomplete/", "403", "403 403")
    yield _admin_case("GET", "/admin/jsi18n/", "200", "200 200")
    yield _admin_case("GET", "/admin/dead-letters/", "200", "200 200")
    yield _admin_case("POST", "/admin/dead-letters/", "400", "403 403")
    apps = sorted({model._meta.app_label for model in site._registry})
    for app in apps:
        yield Case(
            "GET /admin/{app_label}/", f"{_OUTSIDE} 200", _plain(f"/admin/{app}/"), app, reveals=True, staff="200 200"
        )
    registry: dict[Any, Any] = site._registry
    for model, admin in registry.items():
        label = model._meta.label_lower
        base, editing = f"/admin/{label.replace('.', '/')}/", _EDITING.get(label, set())
        yield _admin_case("GET", base, "200", "200 200")
        yield _admin_case("POST", base, "200", "200 200")
        export = "302" if label in _FILTERED else "200"
        yield _admin_case("GET", f"{base}export/", export, f"403 {export}")
        for method in ("GET", "POST"):
            yield _admin_case(method, f"{base}add/", "200" if "add" in editing else "403", "403 403")
        one = base + "{object_id}/"
        for address in (one, f"{one}change/"):
            yield _admin_case("GET", address, "302", "302 302")
        changing = "302" if "change" in editing else "403"
        yield _admin_case("POST", f"{one}change/", changing, "403 403")
        deleting = "302" if "delete" in editing else "403"
        for method in ("GET", "POST"):
            yield _admin_case(method, f"{one}delete/", deleting, "403 403")
        yield _admin_case("GET", f"{one}history/", "302", "302 302")
        for use in admin.uses:
            for method in ("GET", "POST"):
                call = _plain(f"{base}nothing/do/{use.name}/", {} if method == "POST" else None)
                admins, staff = _USING[use.permission]
                route = f"{method} {one}do/{{use_name}}/"
                yield Case(route, f"{_OUTSIDE} {admins}", call, use.name, reveals=True, staff=staff)


CASES += _admin_cases()


def _link(world: World) -> str:
    return urlsplit(unsubscribe_url(world.user_id("customer A"), "reminder.review")).path


def _new_review(world: World) -> str:
    booking = world.booking(Status.CONFIRMED, Status.COMPLETED)
    review(world.scene, booking)
    return booking.booking_id


def _spare_service(world: World) -> str:
    provider = world.scene.provider
    added = add_service(
        actor=provider,
        provider_id=world.scene.provider_id,
        values={"name": "Spare", "category": "plumbing", "price": Money(1000, "USD"), "duration_minutes": 30},
        idempotency=idempotency_of(provider, {}, represent_own_service),
        now=now(),
    )
    return str(added.answer["id"])
