"""What providers do with their profile, hours and services."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from catalog.domain import MAX_SERVICES, RatingSummary, Service, parse_hours
from catalog.models import ProviderItem, ServiceItem
from catalog.queries import get_offer, get_own_service, get_provider, list_cities, list_provider_services
from catalog.services import (
    add_service,
    change_profile,
    change_service,
    copy_rating,
    count_city,
    deactivate_service,
    offer_unchanged_write,
    put_profile,
    rating_write,
    ratings,
    replace_hours,
)
from kernel import storage
from kernel.clock import now as clock_now
from kernel.encoding import to_json
from kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    StaleVersionError,
)
from kernel.idempotency import IdempotencyKeyReusedError
from kernel.money import Money
from tests.factories.accounts import make_admin, make_customer, make_provider
from tests.factories.catalog import OFFICE_HOURS, PROFILE, Shop, idempotent, open_shop

NOW = clock_now()
LATER = NOW + timedelta(minutes=5)
SERVICE: Any = {
    "name": "Leak repair",
    "category": "plumbing",
    "price": Money(9000, "USD"),
    "duration_minutes": 60,
}


def service_row(service_id: str) -> storage.Row:
    row = storage.get_row(ServiceItem, service_id)
    assert row is not None
    return row


def own_service(shop: Shop, service_id: str) -> Service:
    return get_own_service(actor=shop.actor, service_id=service_id)


def refused(writes: list[storage.Write]) -> list[str]:
    """The names of the writes whose conditions failed; none if all were written."""
    try:
        storage.transact(writes)
    except storage.ConditionFailedError as failure:
        return list(failure.failed)
    return []


class TestProfile:
    def test_a_new_profile_has_defaults_no_hours_and_version_1(self, dynamodb_calls: list[str]) -> None:
        actor = make_provider()
        dynamodb_calls.clear()
        saved = put_profile(actor=actor, profile=PROFILE, now=NOW)
        assert dynamodb_calls == ["GetItem", "TransactWriteItems"]
        assert saved.created
        assert get_provider(str(actor.provider_id)) == saved.provider
        assert (saved.provider.version, saved.provider.owner_id) == (1, actor.user_id)
        assert saved.provider.hours == parse_hours({}, {})
        assert (saved.provider.horizon_days, saved.provider.accepting_bookings) == (60, True)

    def test_putting_the_same_profile_again_changes_nothing(self, dynamodb_calls: list[str]) -> None:
        actor = make_provider()
        first = put_profile(actor=actor, profile=PROFILE, now=NOW)
        dynamodb_calls.clear()
        again = put_profile(actor=actor, profile=PROFILE, now=LATER)
        assert dynamodb_calls == ["GetItem"]
        assert (again.provider, again.created) == (first.provider, False)

    def test_putting_another_profile_resets_what_is_left_out_and_keeps_hours_services_and_rating(self) -> None:
        shop = open_shop(horizon_days=7, description="Since 1970")
        service_id = shop.add()
        shop.rate(4)
        before = shop.provider
        saved = put_profile(actor=shop.actor, profile={**PROFILE, "name": "Oak Plumbing"}, now=LATER)
        assert saved.provider == shop.provider
        assert (saved.provider.name, saved.provider.horizon_days, saved.provider.description) == (
            "Oak Plumbing",
            60,
            "",
        )
        assert saved.provider.version == before.version + 1
        assert (saved.provider.hours, saved.provider.service_ids, saved.provider.rating) == (
            before.hours,
            (service_id,),
            before.rating,
        )

    def test_a_change_reaches_the_copies_of_active_and_inactive_services(self) -> None:
        shop = open_shop()
        active, inactive = shop.add(), shop.add(active=False, category="heating")
        change_profile(
            actor=shop.actor,
            provider_id=shop.provider_id,
            changes={"name": "Oak", "city": "Wien", "country": "AT", "latitude": 48.208, "longitude": 16.373},
            now=LATER,
        )
        row = service_row(active)
        assert (row["provider_name"], row["city"], row["latitude"]) == ("Oak", "Wien", "48.20800")
        assert (row["listed_category"], row["listed_city"], row["listed_area"]) == (
            "plumbing",
            "plumbing#at/wien",
            "plumbing#u2ed",
        )
        row = service_row(inactive)
        assert row["provider_name"] == "Oak"
        assert not {"listed_category", "listed_city", "listed_area"} & row.keys()
        provider_row = storage.get_row(ProviderItem, shop.provider_id)
        assert provider_row is not None
        assert provider_row["listed_city"] == "at/wien"

    def test_a_pause_takes_the_provider_out_of_every_index_and_its_end_puts_it_back(self) -> None:
        shop = open_shop()
        service_id = shop.add()
        before = service_row(service_id)
        for accepting in (False, True):
            change_profile(
                actor=shop.actor,
                provider_id=shop.provider_id,
                changes={"accepting_bookings": accepting},
                now=LATER,
            )
            row = service_row(service_id)
            provider_row = storage.get_row(ProviderItem, shop.provider_id)
            assert provider_row is not None
            assert {"listed_city", "accepting_key"} <= provider_row.keys() if accepting else True
            assert bool({"listed_city", "accepting_key"} & provider_row.keys()) is accepting
            assert bool({"listed_category", "listed_city", "listed_area"} & row.keys()) is accepting
        assert service_row(service_id) == before

    def test_a_rule_that_no_service_copies_costs_one_read_and_one_write(self, dynamodb_calls: list[str]) -> None:
        shop = open_shop()
        shop.add()
        dynamodb_calls.clear()
        change_profile(actor=shop.actor, provider_id=shop.provider_id, changes={"buffer_after_minutes": 30}, now=LATER)
        assert dynamodb_calls == ["GetItem", "TransactWriteItems"]
        assert shop.provider.buffer_after_minutes == 30

    def test_a_change_based_on_an_old_version_is_refused(self) -> None:
        shop = open_shop()
        version = shop.provider.version
        with pytest.raises(StaleVersionError):
            change_profile(
                actor=shop.actor,
                provider_id=shop.provider_id,
                changes={"name": "Oak"},
                expected_version=version - 1,
                now=LATER,
            )
        changed = change_profile(
            actor=shop.actor,
            provider_id=shop.provider_id,
            changes={"name": "Oak"},
            expected_version=version,
            now=LATER,
        )
        assert (changed.version, changed.updated_at, shop.provider) == (version + 1, LATER, changed)

    def test_a_version_is_expected_of_a_profile_that_does_not_exist(self) -> None:
        with pytest.raises(StaleVersionError):
            put_profile(actor=make_provider(), profile=PROFILE, expected_version=1, now=NOW)

    def test_others_may_not_change_it_and_admins_may(self) -> None:
        shop = open_shop()
        for actor, error in ((make_provider(), NotFoundError), (make_customer(), ForbiddenError)):
            with pytest.raises(error):
                change_profile(actor=actor, provider_id=shop.provider_id, changes={"name": "Mine"}, now=LATER)
            with pytest.raises(error):
                replace_hours(actor=actor, provider_id=shop.provider_id, hours=parse_hours({}, {}), now=LATER)
        change_profile(actor=make_admin(), provider_id=shop.provider_id, changes={"name": "Checked"}, now=LATER)
        assert shop.provider.name == "Checked"

    def test_only_the_owner_creates_a_profile(self) -> None:
        with pytest.raises(NotFoundError):
            put_profile(actor=make_admin(), provider_id=make_provider().provider_id, profile=PROFILE, now=NOW)
        with pytest.raises(ForbiddenError):
            put_profile(actor=make_customer(), profile=PROFILE, now=NOW)

    def test_refused_values_are_named(self) -> None:
        with pytest.raises(InvalidInputError) as caught:
            put_profile(actor=make_provider(), profile={**PROFILE, "time_zone": "Mars", "city": ""}, now=NOW)
        assert {error.field for error in caught.value.errors} == {"time_zone", "city"}

    def test_changes_of_different_values_at_once_all_survive(self) -> None:
        shop = open_shop()
        shop.add()
        changes: list[Any] = [{"name": "Oak"}, {"horizon_days": 30}, {"city": "Wien"}, {"buffer_after_minutes": 15}]
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda change: change_profile(
                        actor=shop.actor, provider_id=shop.provider_id, changes=change, now=LATER
                    ),
                    changes,
                )
            )
        provider = shop.provider
        assert (provider.name, provider.horizon_days, provider.city, provider.buffer_after_minutes) == (
            "Oak",
            30,
            "Wien",
            15,
        )


class TestHours:
    def test_hours_are_replaced_with_their_exceptions(self) -> None:
        shop = open_shop(exceptions={"2026-12-24": []})
        hours = parse_hours(OFFICE_HOURS, {"2026-12-31": [["09:00", "12:00"]]})
        changed = replace_hours(actor=shop.actor, provider_id=shop.provider_id, hours=hours, now=LATER)
        assert shop.provider == changed
        assert shop.provider.hours == hours

    def test_stale_hours_are_refused(self) -> None:
        shop = open_shop()
        with pytest.raises(StaleVersionError):
            replace_hours(
                actor=shop.actor,
                provider_id=shop.provider_id,
                hours=parse_hours({}, {}),
                expected_version=99,
                now=LATER,
            )


class TestServices:
    def test_a_service_is_added_with_the_provider_s_copies_and_raises_its_version(
        self, dynamodb_calls: list[str]
    ) -> None:
        shop = open_shop()
        before = shop.provider
        dynamodb_calls.clear()
        added = add_service(
            actor=shop.actor,
            provider_id=shop.provider_id,
            values=SERVICE,
            idempotency=idempotent(shop.actor),
            now=NOW,
        )
        assert dynamodb_calls == ["GetItem", "TransactWriteItems"]
        assert not added.replayed
        service_id = added.answer["id"]
        assert (shop.provider.version, shop.provider.service_ids) == (before.version + 1, (service_id,))
        assert shop.provider.categories == ("plumbing",)
        row = service_row(service_id)
        assert (row["provider_name"], row["listed_city"]) == (before.name, "plumbing#us/austin")
        assert own_service(shop, service_id).price == Money(9000, "USD")

    def test_a_repeated_request_gets_the_first_answer_and_adds_nothing(self) -> None:
        shop = open_shop()
        request = idempotent(shop.actor, key="once")
        answers = [
            add_service(actor=shop.actor, provider_id=shop.provider_id, values=SERVICE, idempotency=request, now=LATER)
            for _ in range(3)
        ]
        assert [answer.replayed for answer in answers] == [False, True, True]
        assert len({to_json(answer.answer) for answer in answers}) == 1
        assert len(shop.provider.service_ids) == 1
        with pytest.raises(IdempotencyKeyReusedError):
            add_service(
                actor=shop.actor,
                provider_id=shop.provider_id,
                values=SERVICE,
                idempotency=idempotent(shop.actor, key="once", body="another"),
                now=LATER,
            )

    def test_services_added_at_once_are_all_kept(self) -> None:
        shop = open_shop()
        with ThreadPoolExecutor(3) as pool:
            ids = set(pool.map(lambda number: shop.add(name=f"Service {number}"), range(3)))
        assert set(shop.provider.service_ids) == ids
        assert len(ids) == 3

    def test_the_fiftieth_is_the_last_and_its_repetition_is_still_answered(self) -> None:
        shop = open_shop()
        for number in range(MAX_SERVICES - 1):
            shop.add(name=f"Service {number}")
        request = idempotent(shop.actor)
        for replayed in (False, True):
            added = add_service(
                actor=shop.actor, provider_id=shop.provider_id, values=SERVICE, idempotency=request, now=LATER
            )
            assert added.replayed is replayed
        with pytest.raises(ConflictError) as caught:
            shop.add()
        assert caught.value.code == "too_many_services"
        # All copies of the largest provider fit into one transaction.
        change_profile(actor=shop.actor, provider_id=shop.provider_id, changes={"name": "Oak"}, now=LATER)
        shop.rate(5)
        rows = [service_row(service_id) for service_id in shop.provider.service_ids]
        assert {(row["provider_name"], row["rating_average"]) for row in rows} == {("Oak", 500)}

    def test_a_change_moves_the_service_between_indexes_and_raises_both_versions(
        self, dynamodb_calls: list[str]
    ) -> None:
        shop = open_shop()
        service_id = shop.add()
        version = shop.provider.version
        dynamodb_calls.clear()
        changed = change_service(
            actor=shop.actor,
            service_id=service_id,
            changes={"category": "heating", "price": Money(5000, "EUR")},
            expected_version=1,
            now=LATER,
        )
        assert dynamodb_calls == ["GetItem", "BatchGetItem", "TransactWriteItems"]
        assert own_service(shop, service_id) == changed
        assert (changed.version, shop.provider.version) == (2, version + 1)
        assert shop.provider.categories == ("heating",)
        assert service_row(service_id)["listed_category"] == "heating"

    def test_a_category_stays_while_another_active_service_has_it(self) -> None:
        shop = open_shop()
        first, second = shop.add(), shop.add()
        for service_id, categories in ((first, ["plumbing"]), (second, [])):
            deactivate_service(actor=shop.actor, service_id=service_id, now=LATER)
            assert list(shop.provider.categories) == categories
        assert [service.active for service in list_provider_services(shop.provider)] == [False, False]

    def test_deactivation_takes_it_out_of_search_and_may_be_repeated(self) -> None:
        shop = open_shop()
        service_id = shop.add()
        first = deactivate_service(actor=shop.actor, service_id=service_id, now=LATER)
        again = deactivate_service(actor=shop.actor, service_id=service_id, now=LATER)
        assert first == again
        assert "listed_category" not in service_row(service_id)

    def test_others_may_not_change_it(self) -> None:
        shop = open_shop()
        service_id = shop.add()
        for actor, error in ((make_provider(), NotFoundError), (make_customer(), ForbiddenError)):
            with pytest.raises(error):
                change_service(actor=actor, service_id=service_id, changes={"name": "Mine"}, now=LATER)
            with pytest.raises(error):
                add_service(
                    actor=actor,
                    provider_id=shop.provider_id,
                    values=SERVICE,
                    idempotency=idempotent(actor),
                    now=LATER,
                )
        change_service(actor=make_admin(), service_id=service_id, changes={"name": "Checked"}, now=LATER)
        assert own_service(shop, service_id).name == "Checked"

    def test_a_stale_or_unknown_service_is_refused(self) -> None:
        shop = open_shop()
        service_id = shop.add()
        with pytest.raises(StaleVersionError):
            change_service(
                actor=shop.actor, service_id=service_id, changes={"name": "X Y"}, expected_version=2, now=LATER
            )
        for unknown in (f"{shop.provider_id}-{'0' * 14}", "nonsense"):
            with pytest.raises(NotFoundError):
                change_service(actor=shop.actor, service_id=unknown, changes={"name": "X Y"}, now=LATER)


class TestOffers:
    def test_a_remembered_offer_costs_no_read_and_a_fresh_one_one(self, dynamodb_calls: list[str]) -> None:
        shop = open_shop()
        service_id = shop.add()
        dynamodb_calls.clear()
        first = get_offer(service_id)
        assert dynamodb_calls == ["BatchGetItem"]
        assert get_offer(service_id) is first
        assert dynamodb_calls == ["BatchGetItem"]
        change_profile(actor=shop.actor, provider_id=shop.provider_id, changes={"horizon_days": 9}, now=LATER)
        assert get_offer(service_id).provider.horizon_days == 60
        assert get_offer(service_id, fresh=True).provider.horizon_days == 9
        assert get_offer(service_id).provider.horizon_days == 9

    @pytest.mark.parametrize("service_id", ["nonsense", f"{'0' * 12}-{'0' * 14}"])
    def test_an_unknown_service_is_not_found(self, service_id: str) -> None:
        with pytest.raises(NotFoundError):
            get_offer(service_id)

    def test_every_change_of_provider_or_service_breaks_the_check_and_a_rating_does_not(self) -> None:
        shop = open_shop()
        service_id = shop.add()
        other_id = shop.add()

        def holds() -> bool:
            return refused([offer_unchanged_write(offer)]) == []

        offer = get_offer(service_id, fresh=True)
        shop.rate(5)
        assert holds()
        steps: list[Any] = [
            lambda: change_profile(
                actor=shop.actor, provider_id=shop.provider_id, changes={"accepting_bookings": False}, now=LATER
            ),
            lambda: change_profile(
                actor=shop.actor, provider_id=shop.provider_id, changes={"accepting_bookings": True}, now=LATER
            ),
            lambda: replace_hours(actor=shop.actor, provider_id=shop.provider_id, hours=parse_hours({}, {}), now=LATER),
            lambda: change_service(
                actor=shop.actor, service_id=service_id, changes={"price": Money(1, "USD")}, now=LATER
            ),
            lambda: deactivate_service(actor=shop.actor, service_id=other_id, now=LATER),
            lambda: shop.add(),
        ]
        for change in steps:
            offer = get_offer(service_id, fresh=True)
            change()
            assert not holds()

    def test_a_paused_provider_never_passes_the_check(self) -> None:
        shop = open_shop(accepting_bookings=False)
        offer = get_offer(shop.add(), fresh=True)
        assert refused([offer_unchanged_write(offer)]) == ["offer"]


class TestRatings:
    def test_fifty_ratings_at_once_all_count(self) -> None:
        shop = open_shop()
        service_ids = [shop.add(), shop.add(active=False)]
        version = shop.provider.version

        def rate(stars: int) -> None:
            while failed := refused([rating_write(shop.provider, stars)]):
                assert failed == ["provider"]

        ratings = [1 + number % 5 for number in range(50)]
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(rate, ratings))
        provider = shop.provider
        assert (provider.rating.count, provider.rating.sum) == (50, sum(ratings))
        assert provider.version == version
        copy_rating(provider_id=shop.provider_id)
        for service_id in service_ids:
            row = service_row(service_id)
            assert (row["rating_count"], row["rating_average"]) == (50, 300)

    def test_ratings_and_changes_of_services_at_once_leave_every_copy_right(self) -> None:
        shop = open_shop()
        shop.add()

        def rate(_: int) -> None:
            while refused([rating_write(shop.provider, 5)]):
                pass
            # As the handler of each review does.
            copy_rating(provider_id=shop.provider_id)

        with ThreadPoolExecutor(4) as pool:
            rated = [pool.submit(rate, number) for number in range(10)]
            added = [pool.submit(shop.add, name=f"Service {number}") for number in range(3)]
            for rating in rated:
                rating.result()
            for service in added:
                service.result()
        rows = [service_row(service_id) for service_id in shop.provider.service_ids]
        assert [(row["rating_count"], row["rating_average"]) for row in rows] == [(10, 500)] * 4

    def test_a_rating_does_not_mind_what_the_provider_changes(self) -> None:
        shop = open_shop()
        before = shop.provider
        shop.add()
        assert refused([rating_write(before, 5)]) == []
        assert refused([rating_write(before, 5)]) == ["provider"]

    def test_many_ratings_are_copied_together_and_once(self, dynamodb_calls: list[str]) -> None:
        shop = open_shop()
        service_ids = [shop.add(name=f"Service {number}") for number in range(5)]
        for _ in range(4):
            storage.transact([rating_write(shop.provider, 3)])
        dynamodb_calls.clear()
        assert [copy_rating(provider_id=shop.provider_id) for _ in range(4)] == [5, 0, 0, 0]
        assert dynamodb_calls.count("UpdateItem") == len(service_ids)

    def test_a_rating_that_is_counted_while_copies_are_written_is_copied_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop = open_shop()
        service_ids = [shop.add(name=f"Service {number}") for number in range(2)]
        storage.transact([rating_write(shop.provider, 1)])
        copied: list[str] = []
        copy = ratings._copy

        def copy_slowly(service_id: str, rating: RatingSummary) -> None:
            if not copied:
                # Another review comes, and its handler is quicker.
                copied.append(service_id)
                storage.transact([rating_write(shop.provider, 5)])
                copy_rating(provider_id=shop.provider_id)
            copy(service_id, rating)

        monkeypatch.setattr(ratings, "_copy", copy_slowly)
        copy_rating(provider_id=shop.provider_id)
        rows = [service_row(service_id) for service_id in service_ids]
        assert [(row["rating_count"], row["rating_average"]) for row in rows] == [(2, 300)] * 2


class TestCities:
    def counted(self, shop: Shop) -> dict[str, int]:
        names = {"Elmtown", "Oakville"}
        return {
            city.name.partition(" ")[0]: city.providers
            for city in list_cities()
            if city.name.partition(" ")[0] in names and city.name.endswith(shop.provider_id[:8])
        }

    def named(self, shop: Shop, name: str) -> str:
        return f"{name} {shop.provider_id[:8]}"

    def test_a_provider_is_counted_where_it_takes_bookings(self) -> None:
        shop = open_shop()
        steps: list[tuple[Any, dict[str, int]]] = [
            ({"city": self.named(shop, "Elmtown")}, {"Elmtown": 1}),
            ({"city": self.named(shop, "Oakville")}, {"Oakville": 1}),
            ({"accepting_bookings": False}, {}),
            ({"city": self.named(shop, "Elmtown")}, {}),
            ({"accepting_bookings": True}, {"Elmtown": 1}),
        ]
        for changes, expected in steps:
            change_profile(actor=shop.actor, provider_id=shop.provider_id, changes=changes, now=LATER)
            # Repeated as events may be.
            for _ in range(2):
                count_city(provider_id=shop.provider_id)
            assert self.counted(shop) == expected

    def test_it_is_counted_once_however_many_do_it_at_the_same_time(self) -> None:
        shop = open_shop()
        changes: Any = {"city": self.named(shop, "Elmtown")}
        change_profile(actor=shop.actor, provider_id=shop.provider_id, changes=changes, now=LATER)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: count_city(provider_id=shop.provider_id), range(16)))
        assert self.counted(shop) == {"Elmtown": 1}
