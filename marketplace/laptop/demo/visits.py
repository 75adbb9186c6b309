"""The plan of the demo data: which customer books which firm, on which day counted from today, and what comes of it.

It is the same every day; only the dates that are made of it differ.
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from random import Random

from kernel.values import dataclass
from marketplace.laptop.demo.chance import seeded
from marketplace.laptop.demo.firms import Firm
from marketplace.laptop.demo.people import Person


class Journey(StrEnum):
    """What becomes of a booking."""

    PAID = "paid"
    COMPLETED = "completed"
    NO_SHOW = "no-show"
    UNCONFIRMED = "unconfirmed"
    CANCELLED_EARLY = "cancelled early"
    CANCELLED_LATE = "cancelled late"
    CANCELLED_BY_PROVIDER = "cancelled by provider"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    PENDING = "pending"
    CALLED = "called"


@dataclass(frozen=True, slots=True)
class Course:
    """How many bookings go this way, on which days they are (0 is today), and how long before they were requested.

    `least_lead_days` is added to the days until the appointment, if it is still to come.
    """

    count: int
    first_day: int
    last_day: int
    least_lead_days: int = 1


COURSES = {
    Journey.PAID: Course(640, -120, -2),
    Journey.COMPLETED: Course(260, -25, -1),
    Journey.NO_SHOW: Course(50, -100, -2),
    Journey.UNCONFIRMED: Course(20, -60, -9),
    Journey.CANCELLED_EARLY: Course(70, -90, 14, least_lead_days=5),
    Journey.CANCELLED_LATE: Course(40, -90, -1, least_lead_days=2),
    Journey.CANCELLED_BY_PROVIDER: Course(25, -90, 10, least_lead_days=5),
    Journey.WITHDRAWN: Course(35, -60, 10, least_lead_days=3),
    Journey.DECLINED: Course(70, -60, 10, least_lead_days=3),
    Journey.EXPIRED: Course(80, -60, 4, least_lead_days=3),
    Journey.CONFIRMED: Course(490, 0, 26),
    Journey.PENDING: Course(217, 2, 20),
    Journey.CALLED: Course(3, 0, 9),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned booking: positions in the lists of firms and customers, the day counted from today, the outcome.

    No customer: somebody without an account calls.
    """

    firm: int
    customer: int | None
    journey: Journey
    day: int


# The bookings of the demo accounts, customer 0 and firm 0, which must show something of everything.
_DEMO_CUSTOMER = {
    Journey.PENDING: ((0, 3), (7, 5)),
    # The first has just taken place: it waits to be completed.
    Journey.CONFIRMED: ((0, -1), (0, 2), (1, 6), (4, 9), (11, 16)),
    Journey.COMPLETED: ((0, -4), (2, -6), (3, -9)),
    Journey.PAID: ((0, -18), (0, -43), (0, -97), (1, -30), (2, -64), (3, -77), (5, -25), (8, -52), (10, -110)),
    Journey.CANCELLED_EARLY: ((0, -35),),
    Journey.CANCELLED_LATE: ((3, -21),),
    Journey.DECLINED: ((6, -14),),
    Journey.EXPIRED: ((9, -28),),
    Journey.NO_SHOW: ((12, -58),),
    Journey.UNCONFIRMED: ((13, -33),),
}
_DEMO_FIRM_DAYS = {
    Journey.CONFIRMED: (0, 0, 0, 0, 1, 1, 2, 4, 5, 8, 12),
    Journey.PENDING: (2, 4, 6),
    Journey.COMPLETED: (-1, -1, -2),
    Journey.PAID: tuple(range(-3, -91, -3)),
    Journey.NO_SHOW: (-40,),
    Journey.CANCELLED_LATE: (-26, -61),
    Journey.CANCELLED_BY_PROVIDER: (-15,),
    Journey.WITHDRAWN: (7,),
    Journey.DECLINED: (-8, 3),
    Journey.EXPIRED: (-12, 1),
    Journey.CALLED: (0, 3, 9),
}


def plan_visits(firms: Sequence[Firm], customers: Sequence[Person]) -> list[Visit]:
    """All visits. `firms[0]` and `customers[0]` are those of the demo accounts."""
    customers_by_city: dict[str, list[int]] = defaultdict(list)
    for position, customer in enumerate(customers):
        customers_by_city[customer.city.name].append(position)

    def somebody_near(firm: int, rng: Random) -> int:
        # Never the demo customer, whose bookings are all listed above.
        return rng.choice([position for position in customers_by_city[firms[firm].city.name] if position])

    visits = [
        Visit(firm, 0, journey, day) for journey, appointments in _DEMO_CUSTOMER.items() for firm, day in appointments
    ]
    rng = seeded("visits of the demo firm")
    visits += [
        Visit(0, None if journey is Journey.CALLED else somebody_near(0, rng), journey, day)
        for journey, days in _DEMO_FIRM_DAYS.items()
        for day in days
    ]
    rng = seeded("visits")
    taking_bookings = [position for position, firm in enumerate(firms) if position and firm.provider.accepting_bookings]
    for journey, course in COURSES.items():
        for _ in range(course.count - sum(visit.journey is journey for visit in visits)):
            firm = rng.choice(taking_bookings)
            day = rng.randint(course.first_day, course.last_day)
            visits.append(Visit(firm, somebody_near(firm, rng), journey, day))
    return visits
