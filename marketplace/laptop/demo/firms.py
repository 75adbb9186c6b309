"""The firms of the demo data: two hundred providers and their six hundred services."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from catalog.domain import OwnTime, OwnTimeKind, Point, Provider, RatingSummary, Service, WorkingHours, parse_hours
from kernel.actors import Role
from kernel.ids import derived_child_id, provider_id_for
from kernel.money import Money
from kernel.values import dataclass
from marketplace.laptop.demo.chance import seeded
from marketplace.laptop.demo.content import CITIES, TRADES, City, District, Job, Trade
from marketplace.laptop.demo.people import Person, make_person

FIRMS_PER_CITY = 20
# The firm of the account provider@example.com.
DEMO_FIRM_NAME = "Barton Hills Plumbing"

_EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS = _EVERY_DAY[:5]


def _week(days: tuple[str, ...], *spans: tuple[str, str], **others: tuple[str, str]) -> dict[str, list[list[str]]]:
    plan = {day: [list(span) for span in spans] for day in days}
    return plan | {day: [list(span)] for day, span in others.items()}


_WEEKS_WITHOUT_BREAK = (
    _week(_WEEKDAYS, ("08:00", "17:00")),
    _week(_WEEKDAYS, ("07:00", "15:30")),
    _week(_WEEKDAYS, ("08:00", "18:00"), sat=("09:00", "16:00")),
    _week(_EVERY_DAY[1:6], ("09:00", "18:00")),
    _week(_EVERY_DAY, ("08:00", "20:00")),
    _week(_EVERY_DAY[:6], ("09:00", "19:00")),
)
_WEEKS = (*_WEEKS_WITHOUT_BREAK, _week(_WEEKDAYS, ("08:00", "12:30"), ("13:30", "18:30")))
_HALF_DAY_MINUTES = 270
# What prices include, in hundredths of a percent; in the other countries nothing.
_TAX_RATES = {"AU": 1000, "CA": 500, "DE": 1900, "GB": 2000, "IN": 1800, "JP": 1000, "PT": 2300, "SE": 2500}
_DEMO_WEEK = _week(_WEEKDAYS, ("08:00", "12:00"), ("13:00", "18:00"), sat=("09:00", "17:00"), sun=("10:00", "16:00"))


@dataclass(frozen=True, slots=True)
class Firm:
    """A provider with its services and its owner, and how many stars its customers tend to give."""

    provider: Provider
    services: tuple[Service, ...]
    owner: Person
    city: City
    mean_rating: float


def make_firms(*, demo_owner: Person, now: datetime) -> list[Firm]:
    """All firms, not rated yet, the one of the demo account first; names are unique within a city."""
    firms: list[Firm] = []
    for city in CITIES:
        names = {DEMO_FIRM_NAME}
        for number in range(FIRMS_PER_CITY):
            owner = make_person(Role.PROVIDER, city, number, now) if firms else demo_owner
            name = _firm_name(city, number, names)
            names.add(name)
            firms.append(_make_firm(owner, city, number, name, now))
    return [_with_demo_rules(firms[0]), *firms[1:]]


def _with_demo_rules(firm: Firm) -> Firm:
    """The firm open every day, so that it always has an agenda for today, and easy to book."""
    provider = replace(
        firm.provider,
        name=DEMO_FIRM_NAME,
        hours=parse_hours(_DEMO_WEEK, {}),
        minimum_notice_minutes=60,
        horizon_days=60,
        buffer_before_minutes=0,
        buffer_after_minutes=15,
        free_cancellation_hours=24,
        late_cancellation_percent=50,
        cancellation_grace_minutes=60,
        accepting_bookings=True,
    )
    return replace(firm, provider=provider, mean_rating=4.6)


def make_own_times(firm: Firm, now: datetime) -> list[OwnTime]:
    """What the firm keeps free: an hour of this afternoon, and a holiday of five days in two weeks."""
    zone = ZoneInfo(firm.city.time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    spans = (
        (OwnTimeKind.PRIVATE, midnight + timedelta(hours=17), midnight + timedelta(hours=18)),
        (OwnTimeKind.HOLIDAY, midnight + timedelta(days=15), midnight + timedelta(days=20)),
    )
    return [
        OwnTime(
            own_time_id=f"{number:012x}",
            version=1,
            kind=kind,
            starts_at=start.astimezone(UTC),
            ends_at=end.astimezone(UTC),
            time_zone=firm.city.time_zone,
            is_whole_days=kind is OwnTimeKind.HOLIDAY,
        )
        for number, (kind, start, end) in enumerate(spans, start=1)
    ]


def _rank(city: City, number: int) -> int:
    """The position of the firm in the list of all firms."""
    return CITIES.index(city) * FIRMS_PER_CITY + number


def _trade_of(city: City, number: int) -> Trade:
    # The demo firm, the first, are plumbers; after them comes every trade in turn.
    categories = sorted(TRADES)
    return TRADES[categories[(categories.index("plumbing") + _rank(city, number)) % len(categories)]]


def _district_of(city: City, number: int) -> District:
    return city.districts[number % len(city.districts)]


def _firm_name(city: City, number: int, taken: set[str]) -> str:
    rng = seeded("firm name", city.name, number)
    names = [
        pattern.format(place)
        for pattern in _trade_of(city, number).firm_names[city.language]
        for place in (_district_of(city, number).name, rng.choice(city.family_names))
    ]
    rng.shuffle(names)
    return next(name for name in names if name not in taken)


def _make_firm(owner: Person, city: City, number: int, name: str, now: datetime) -> Firm:
    rng = seeded("firm", city.name, number)
    trade, district = _trade_of(city, number), _district_of(city, number)
    created_at = owner.created_at + timedelta(hours=rng.randrange(1, 72))
    services = _make_services(provider_id_for(owner.user_id), city, number, created_at)
    today = now.astimezone(ZoneInfo(city.time_zone)).date()
    provider = Provider(
        provider_id=provider_id_for(owner.user_id),
        owner_id=owner.user_id,
        # Each service that was added, and each that was taken off the list, raised it.
        version=1 + sum(service.version for service in services),
        name=name,
        description=f"{trade.pitch} Based in {district.name}, working all over {city.name}.",
        city=city.name,
        country=city.country,
        location=Point(
            round(district.latitude + rng.uniform(-0.006, 0.006), 5),
            round(district.longitude + rng.uniform(-0.006, 0.006), 5),
        ),
        time_zone=city.time_zone,
        hours=_make_hours(rng, services, today),
        minimum_notice_minutes=rng.choice((60, 120, 120, 240, 720, 1440)),
        horizon_days=rng.choice((45, 60, 60, 90)),
        buffer_before_minutes=rng.choice((0, 0, 15)),
        buffer_after_minutes=rng.choice((0, 15, 15, 30)),
        free_cancellation_hours=rng.choice((12, 24, 24, 48)),
        late_cancellation_percent=rng.choice((0, 25, 50, 50, 100)),
        cancellation_grace_minutes=60,
        tax_rate_basis_points=_TAX_RATES.get(city.country, 0),
        former_tax_rates=(),
        tax_number=f"{city.country}{seeded('tax number', city.name, number).randrange(10**8, 10**9)}",
        phone="",
        trades=(trade.category,),
        travel_radius_km=30,
        accepting_bookings=rng.random() > 0.04,
        service_ids=tuple(service.service_id for service in services),
        categories=tuple(sorted({service.category for service in services if service.active})),
        rating=RatingSummary(),
        created_at=created_at,
        updated_at=max(service.updated_at for service in services),
    )
    return Firm(provider, services, owner, city, mean_rating=rng.triangular(3.6, 4.95, 4.7))


def _make_hours(rng: Random, services: Sequence[Service], today: date) -> WorkingHours:
    """Hours in which the longest job fits; some firms close for a few days in the coming weeks."""
    # A day with a break is too short for whole-day jobs.
    takes_all_day = max(service.duration_minutes for service in services) > _HALF_DAY_MINUTES
    weekly = rng.choice(_WEEKS_WITHOUT_BREAK if takes_all_day else _WEEKS)
    closed_days = range(rng.randrange(1, 8)) if rng.random() < 0.25 else range(0)
    first_closed = today + timedelta(days=rng.randrange(8, 40))
    return parse_hours(weekly, {(first_closed + timedelta(days=day)).isoformat(): [] for day in closed_days})


def _make_services(provider_id: str, city: City, number: int, created_at: datetime) -> tuple[Service, ...]:
    rng = seeded("services", city.name, number)
    price_list = _price_list(rng, city, number)
    level = rng.uniform(0.85, 1.25)
    # One firm in twenty took something off its list, but never the first thing.
    inactive = len(price_list) - 1 if rng.random() < 0.05 else None
    services = []
    for position, (trade, job) in enumerate(price_list):
        added_at = created_at + timedelta(minutes=7 * position + rng.randrange(1, 6))
        is_active = position != inactive
        services.append(
            Service(
                service_id=derived_child_id(provider_id, f"demo service {position}"),
                provider_id=provider_id,
                version=1 if is_active else 2,
                name=job.name,
                description=job.description,
                category=trade.category,
                price=_price(city, job, level),
                duration_minutes=job.minutes,
                active=is_active,
                instant=False,
                created_at=added_at,
                updated_at=added_at if is_active else added_at + timedelta(days=60),
            )
        )
    return tuple(services)


def _price_list(rng: Random, city: City, number: int) -> list[tuple[Trade, Job]]:
    """Two to four jobs, 600 over all firms; a firm with four has the last from a second trade."""
    trade = _trade_of(city, number)
    rank = _rank(city, number)
    # Shifted with each round of the trades, so that each of them has firms of all sizes.
    count = (4, 3, 2)[(rank - rank // len(TRADES)) % 3]
    price_list = [(trade, job) for job in rng.sample(trade.jobs, min(count, 3))]
    if count > 3:
        second_trade = TRADES[trade.second_trade]
        price_list.append((second_trade, rng.choice(second_trade.jobs)))
    return price_list


def _price(city: City, job: Job, level: float) -> Money:
    steps = round(city.price_level * job.price * level / 100 / city.price_step)
    return Money(steps * city.price_step, city.currency)
