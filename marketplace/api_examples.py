"""What successful answers look like in the OpenAPI document: one example for each kind of thing, of one story.

Robin Reed asks Elm Plumbing in Austin for the repair of a leak on Monday 14 December 2026 at 9:30.
"""

from typing import Any

_AT = "2026-11-28T17:05:00Z"
_PERSON_ID = "3f0c1c52-7a0e-4f4c-9d36-0e7f0b8f1d2a"
_PROVIDER_ID = "r2bx00b1ab4c"
_SERVICE_ID = f"{_PROVIDER_ID}-cpxk4eddr0e130"
_BOOKING_ID = f"{_PROVIDER_ID}-q8mzt2n6w1h5vd"
_ZONE = "America/Chicago"
_SITE = "https://lintel.example"


def _money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


_PRICE = _money(9500)
_RATING = {"average": 4.7, "count": 12}
_NUMBERED_RATING = {**_RATING, "numbers": {"1": 0, "2": 0, "3": 1, "4": 2, "5": 9}}
_PHOTO = {
    "id": "01jdt6c9m4k2",
    "width": 1600,
    "height": 1200,
    "files": [{"url": f"{_SITE}/media/photos/01jdt6c9m4k2/640.webp", "width": 640}],
}
_OWN_PHOTO = {**_PHOTO, "state": "ready", "reason": None}
_TERMS = {"free_until_hours_before": 24, "late_fee_percent": 50, "grace_minutes": 60}
_WEEKDAYS = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
_HOURS = {
    "time_zone": _ZONE,
    "weekly": {**_WEEKDAYS, "sat": [], "sun": []},
    "exceptions": {"2026-12-24": [["09:00", "12:00"]], "2026-12-25": []},
}
_QUESTION = {
    "id": "b1946ac9",
    "text": "Is the water turned off?",
    "kind": "yes_no",
    "choices": [],
    "required": True,
}
_PLACE = {"id": _PROVIDER_ID, "name": "Elm Plumbing", "city": "Austin", "country": "US", "rating": _RATING}
_SERVICE = {
    "id": _SERVICE_ID,
    "name": "Leak repair",
    "description": "Finding and sealing one leak, material included.",
    "category": "plumbing",
    "price": _PRICE,
    "duration_minutes": 60,
}
_SERVICE_WITH_PHOTOS = {**_SERVICE, "provider_id": _PROVIDER_ID, "photos": [_PHOTO]}
_PROFILE = {
    "id": _PROVIDER_ID,
    "name": "Elm Plumbing",
    "description": "Two plumbers and a van, in Austin since 2009.",
    "city": "Austin",
    "country": "US",
    "time_zone": _ZONE,
    "categories": ["plumbing"],
}
_BOOKING = {
    "id": _BOOKING_ID,
    "status": "pending",
    "version": 1,
    "service_id": _SERVICE_ID,
    "service_name": "Leak repair",
    "provider_id": _PROVIDER_ID,
    "provider_name": "Elm Plumbing",
    "customer_id": _PERSON_ID,
    "starts_at": "2026-12-14T15:30:00Z",
    "ends_at": "2026-12-14T16:30:00Z",
    "time_zone": _ZONE,
    "price": _PRICE,
    "expires_at": "2026-11-29T17:05:00Z",
    "proposal": None,
    "created_at": _AT,
    "updated_at": _AT,
    "actions": ["cancel", "reschedule"],
}
_TODAY = {
    "booking_id": _BOOKING_ID,
    "version": 1,
    "status": "pending",
    "service_name": "Leak repair",
    "starts_at": _BOOKING["starts_at"],
    "ends_at": _BOOKING["ends_at"],
    "price": _PRICE,
    "expires_at": _BOOKING["expires_at"],
    "actions": ["confirm", "decline", "cancel", "propose"],
}

# By the name of the schema.
EXAMPLES: dict[str, Any] = {
    "Availability": {
        "results": [{"starts_at": _BOOKING["starts_at"], "ends_at": _BOOKING["ends_at"]}],
        "next": None,
        "provider_id": _PROVIDER_ID,
        "service_id": _SERVICE_ID,
        "time_zone": _ZONE,
        "duration_minutes": 60,
        "offer_version": "4.2",
        "questions": [_QUESTION],
        "from": "2026-12-14T06:00:00Z",
        "to": "2026-12-15T06:00:00Z",
    },
    "Bell": {"unread": 1, "latest": 7},
    "Booking": {
        **_BOOKING,
        "offer_version": "4.2",
        "cancellation": {
            "free_until": "2026-12-13T15:30:00Z",
            "late_fee": _money(4750),
            "fee_now": _money(0),
        },
        "cancellation_fee": None,
        "payment_method": None,
        "history": [{"action": "request", "at": _AT, "by": "customer", "from_status": None, "to_status": "pending"}],
        "address": "12 Elm Street, Austin",
        "notes": "The leak is under the sink.",
        "answers": [{"question": "Is the water turned off?", "kind": "yes_no", "answer": "yes"}],
        "caller": None,
        "photos": [],
        "reason": None,
    },
    "BookingSummary": _BOOKING,
    "Category": {"slug": "plumbing", "name": "Plumbing"},
    "Dashboard": {"unread": 1, "requests": [_TODAY], "today": [], "time_zone": _ZONE},
    "Health": {"status": "ok"},
    "Hours": _HOURS,
    "Invoice": {
        "number": "INV-00001",
        "booking_id": _BOOKING_ID,
        "provider_id": _PROVIDER_ID,
        "provider_name": "Elm Plumbing",
        "customer_id": _PERSON_ID,
        "service_name": "Leak repair",
        "issued_at": "2026-12-14T16:40:00Z",
        "net": _money(8796),
        "tax": _money(704),
        "tax_rate_basis_points": 800,
        "total": _PRICE,
        "pdf_url": "https://documents.s3.amazonaws.com/invoices/INV-00001.pdf?X-Amz-Signature=…",
        "pdf_url_expires_at": "2026-12-14T16:45:00Z",
    },
    "ListedProvider": {**_PROFILE, "rating": _RATING, "photo": _PHOTO},
    "ListedService": {**_SERVICE, "provider": {**_PLACE, "photo": _PHOTO}, "distance_km": 2.4},
    "Notification": {
        "id": 7,
        "type": "booking.requested",
        "text": "New request for Leak repair",
        "is_read": False,
        "subject": {"kind": "booking", "id": _BOOKING_ID},
        "occurred_at": _AT,
        "booking_id": _BOOKING_ID,
        "starts_at": _BOOKING["starts_at"],
        "time_zone": _ZONE,
    },
    "OwnPhoto": _OWN_PHOTO,
    "OwnProvider": {
        **_PROFILE,
        "minimum_notice_minutes": 120,
        "horizon_days": 60,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 15,
        "free_cancellation_hours": 24,
        "late_cancellation_percent": 50,
        "cancellation_grace_minutes": 60,
        "tax_rate_basis_points": 800,
        "tax_number": "TX-3204-117",
        "phone": "+15125550142",
        "trades": ["plumbing"],
        "travel_radius_km": 25,
        "accepting_bookings": True,
        "rating": _NUMBERED_RATING,
        "version": 4,
        "latitude": 30.26715,
        "longitude": -97.74306,
        "photos": [_OWN_PHOTO],
        "created_at": "2026-03-02T14:00:00Z",
        "updated_at": "2026-11-20T09:12:00Z",
    },
    "OwnService": {
        **_SERVICE,
        "provider_id": _PROVIDER_ID,
        "photos": [_OWN_PHOTO],
        "active": True,
        "instant": False,
        "questions": [_QUESTION],
        "version": 2,
        "created_at": "2026-03-02T14:10:00Z",
        "updated_at": "2026-11-20T09:15:00Z",
    },
    "OwnTime": {
        "id": "5d41402abc4b",
        "version": 1,
        "kind": "holiday",
        "starts_at": "2026-12-28T06:00:00Z",
        "ends_at": "2027-01-02T06:00:00Z",
        "time_zone": _ZONE,
        "whole_days": True,
    },
    "Person": {
        "id": _PERSON_ID,
        "email": "robin@example.com",
        "name": "Robin Reed",
        "phone": None,
        "role": "customer",
        "time_zone": _ZONE,
        "language": "en",
        "created_at": "2026-06-01T08:30:00Z",
    },
    "Preferences": {"muted": ["reminder.review"]},
    "Provider": {
        **_PROFILE,
        "rating": _NUMBERED_RATING,
        "accepting_bookings": True,
        "photos": [_PHOTO],
        "trades": ["plumbing"],
        "travel_radius_km": 25,
        "verified": True,
        "hours": _HOURS,
        "cancellation": _TERMS,
        "services": [_SERVICE_WITH_PHOTOS],
    },
    "Review": {
        "id": _BOOKING_ID,
        "version": 2,
        "provider_id": _PROVIDER_ID,
        "service_id": _SERVICE_ID,
        "service_name": "Leak repair",
        "rating": 5,
        "comment": "On time, tidy, fair, and it has not dripped since.",
        "created_at": "2026-12-15T18:20:00Z",
        "answer": "Thank you, Robin!",
        "answered_at": "2026-12-16T08:05:00Z",
    },
    "Service": {
        **_SERVICE_WITH_PHOTOS,
        "bookable": True,
        "instant": False,
        "offer_version": "4.2",
        "questions": [_QUESTION],
        "provider": {**_PLACE, "time_zone": _ZONE},
        "cancellation": _TERMS,
    },
    "Upload": {
        "id": "01jdt6c9m4k2",
        "url": "https://uploads.s3.amazonaws.com/",
        "fields": {"key": "uploads/01jdt6c9m4k2", "policy": "eyJleHBpcmF0aW9uIjoi…"},
        "expires_at": "2026-11-28T17:15:00Z",
        "max_bytes": 10_000_000,
    },
}


def add_examples(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Give each successful answer in the OpenAPI document an example; for `POSTPROCESSING_HOOKS` of drf-spectacular."""
    for methods in result["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                if status < "300" and content is not None and (example := _example_of(content["schema"])) is not None:
                    content["example"] = example
    return result


def _example_of(schema: dict[str, Any]) -> Any:
    """The example of a schema that refers to one with a name, or of a page of such things; None if there is none."""
    if "$ref" in schema:
        return EXAMPLES.get(schema["$ref"].rpartition("/")[2])
    example = _example_of(schema["properties"]["results"]["items"])
    return None if example is None else {"results": [example], "next": None}
