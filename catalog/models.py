"""The tables of the catalog: providers, their services, and the claims on their time.

What search needs of a provider (place, rating, whether it takes bookings) is copied to its services in the same
transaction that changes it, so that each search is answered by Queries of one index. A `listed…` key is present only
while the service can be booked: the indexes are sparse.
"""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from kernel.listing import ListedItem
from kernel.outbox import OutboxItem
from kernel.storage import InstantAttribute, Item, physical_name


class LocationIndex(GlobalSecondaryIndex["ProviderItem"]):
    """Providers of one city that take bookings, by rating."""

    class Meta:
        index_name = "location-index"
        projection = AllProjection()

    listed_city = UnicodeAttribute(hash_key=True, attr_name="listedCity")
    rating_rank = NumberAttribute(range_key=True, attr_name="ratingRank")


class AvailabilityIndex(GlobalSecondaryIndex["ProviderItem"]):
    """All providers that take bookings, by rating, spread over a few partitions."""

    class Meta:
        index_name = "availability-index"
        projection = AllProjection()

    accepting_key = UnicodeAttribute(hash_key=True, attr_name="acceptingKey")
    rating_rank = NumberAttribute(range_key=True, attr_name="ratingRank")


class ProviderItem(OutboxItem, ListedItem):
    """A provider: profile, place, working hours, booking rules, rating and the ids of its services."""

    class Meta:
        table_name = physical_name("providers-table")

    provider_id = UnicodeAttribute(hash_key=True, attr_name="providerId")
    owner_id = UnicodeAttribute(attr_name="ownerId")
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    city = UnicodeAttribute()
    country = UnicodeAttribute()
    latitude = UnicodeAttribute()
    longitude = UnicodeAttribute()
    geohash = UnicodeAttribute()
    time_zone = UnicodeAttribute(attr_name="timeZone")
    # {"mon": [["09:00", "17:00"], …], …}; exceptions {"2026-12-24": [], …} replace the whole day.
    weekly_hours = JSONAttribute(attr_name="weeklyHours")
    hours_exceptions = JSONAttribute(attr_name="hoursExceptions")
    minimum_notice_minutes = NumberAttribute(attr_name="minimumNoticeMinutes")
    horizon_days = NumberAttribute(attr_name="horizonDays")
    buffer_before_minutes = NumberAttribute(attr_name="bufferBeforeMinutes")
    buffer_after_minutes = NumberAttribute(attr_name="bufferAfterMinutes")
    free_cancellation_hours = NumberAttribute(attr_name="freeCancellationHours")
    late_cancellation_percent = NumberAttribute(attr_name="lateCancellationPercent")
    # Absent on providers from before there was a grace: they have the default.
    cancellation_grace_minutes = NumberAttribute(attr_name="cancellationGraceMinutes", null=True)
    tax_rate_basis_points = NumberAttribute(attr_name="taxRateBasisPoints")
    # [["2027-01-01T06:00:00Z", 1900], …]: until when which rate applied, the oldest first; absent before any change.
    former_tax_rates = JSONAttribute(attr_name="formerTaxRates", null=True)
    tax_number = UnicodeAttribute(attr_name="taxNumber")
    # The next three are absent on providers from before there were such.
    phone = UnicodeAttribute(null=True)
    trades = ListAttribute[UnicodeAttribute](of=UnicodeAttribute, null=True)
    travel_radius_km = NumberAttribute(attr_name="travelRadiusKm", null=True)
    accepting_bookings = BooleanAttribute(attr_name="acceptingBookings")
    service_ids = ListAttribute[UnicodeAttribute](of=UnicodeAttribute, attr_name="serviceIds")
    categories = ListAttribute[UnicodeAttribute](of=UnicodeAttribute)
    rating_sum = NumberAttribute(attr_name="ratingSum")
    rating_count = NumberAttribute(attr_name="ratingCount")
    # How many have one star, two, and so on; absent in items from before it was kept.
    rating_numbers = JSONAttribute(attr_name="ratingNumbers", null=True)
    # Hundredths of a star, 0 without reviews.
    rating_average = NumberAttribute(attr_name="ratingAverage")
    # By what lists order: the average, drawn towards four stars while there are few ratings.
    rating_rank = NumberAttribute(attr_name="ratingRank")
    created_at = InstantAttribute(attr_name="createdAt")
    updated_at = InstantAttribute(attr_name="updatedAt")
    listed_city = UnicodeAttribute(attr_name="listedCity", null=True)
    accepting_key = UnicodeAttribute(attr_name="acceptingKey", null=True)
    # Each as `photos.domain.photo_value` writes it, in the order in which they are shown.
    photos = JSONAttribute(null=True)
    verified_at = InstantAttribute(attr_name="verifiedAt", null=True)
    # Only while it is suspended.
    suspended_at = InstantAttribute(attr_name="suspendedAt", null=True)
    suspension_reason = UnicodeAttribute(attr_name="suspensionReason", null=True)
    # The version that suspended or reinstated it last.
    suspension_version = NumberAttribute(attr_name="suspensionVersion", null=True)
    # The `listed_city` under which `CitiesItem` counts the provider.
    counted_city = UnicodeAttribute(attr_name="countedCity", null=True)

    location_index = LocationIndex()
    availability_index = AvailabilityIndex()


class CategoryIndex(GlobalSecondaryIndex["ServiceItem"]):
    """Services of one category, by price."""

    class Meta:
        index_name = "category-index"
        projection = AllProjection()

    listed_category = UnicodeAttribute(hash_key=True, attr_name="listedCategory")
    price_amount = NumberAttribute(range_key=True, attr_name="priceAmount")


class CategoryRatingIndex(GlobalSecondaryIndex["ServiceItem"]):
    """Services of one category, by their provider's rating."""

    class Meta:
        index_name = "categoryRating-index"
        projection = AllProjection()

    listed_category = UnicodeAttribute(hash_key=True, attr_name="listedCategory")
    rating_rank = NumberAttribute(range_key=True, attr_name="ratingRank")


class CityPriceIndex(GlobalSecondaryIndex["ServiceItem"]):
    """Services of one category in one city, by price."""

    class Meta:
        index_name = "cityPrice-index"
        projection = AllProjection()

    listed_city = UnicodeAttribute(hash_key=True, attr_name="listedCity")
    price_amount = NumberAttribute(range_key=True, attr_name="priceAmount")


class CityRatingIndex(GlobalSecondaryIndex["ServiceItem"]):
    """Services of one category in one city, by their provider's rating."""

    class Meta:
        index_name = "cityRating-index"
        projection = AllProjection()

    listed_city = UnicodeAttribute(hash_key=True, attr_name="listedCity")
    rating_rank = NumberAttribute(range_key=True, attr_name="ratingRank")


class AreaIndex(GlobalSecondaryIndex["ServiceItem"]):
    """Services of one category in one geohash cell, by price."""

    class Meta:
        index_name = "area-index"
        projection = AllProjection()

    listed_area = UnicodeAttribute(hash_key=True, attr_name="listedArea")
    price_amount = NumberAttribute(range_key=True, attr_name="priceAmount")


class ServiceItem(ListedItem):
    """A service that a provider offers, with the copies of the provider's attributes that search needs."""

    class Meta:
        table_name = physical_name("services-table")

    service_id = UnicodeAttribute(hash_key=True, attr_name="serviceId")
    provider_id = UnicodeAttribute(attr_name="providerId")
    version = NumberAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    category = UnicodeAttribute()
    price_amount = NumberAttribute(attr_name="priceAmount")
    price_currency = UnicodeAttribute(attr_name="priceCurrency")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    active = BooleanAttribute()
    # Present only where a booking is confirmed at once.
    instant = BooleanAttribute(null=True)
    # [{"text", "kind", "choices", "required"}, …]; present only where something is asked.
    questions = JSONAttribute(null=True)
    created_at = InstantAttribute(attr_name="createdAt")
    updated_at = InstantAttribute(attr_name="updatedAt")
    photos = JSONAttribute(null=True)
    # Copies of the provider's attributes.
    photo = JSONAttribute(null=True)
    provider_name = UnicodeAttribute(attr_name="providerName")
    # Present only where the provider is verified.
    provider_verified = BooleanAttribute(attr_name="providerVerified", null=True)
    city = UnicodeAttribute()
    country = UnicodeAttribute()
    latitude = UnicodeAttribute()
    longitude = UnicodeAttribute()
    # Absent on services from before there was one: they are found from as far as anybody searches.
    travel_radius_km = NumberAttribute(attr_name="travelRadiusKm", null=True)
    rating_count = NumberAttribute(attr_name="ratingCount")
    rating_average = NumberAttribute(attr_name="ratingAverage")
    # By what lists order: the average, drawn towards four stars while there are few ratings.
    rating_rank = NumberAttribute(attr_name="ratingRank")
    # "plumbing"; "plumbing#us/austin"; "plumbing#9v6k".
    listed_category = UnicodeAttribute(attr_name="listedCategory", null=True)
    listed_city = UnicodeAttribute(attr_name="listedCity", null=True)
    listed_area = UnicodeAttribute(attr_name="listedArea", null=True)

    category_index = CategoryIndex()
    category_rating_index = CategoryRatingIndex()
    city_price_index = CityPriceIndex()
    city_rating_index = CityRatingIndex()
    area_index = AreaIndex()


# The attributes of the 96 quarter hours of a day: who claims it, and the second from which a hold counts no more.
CLAIM_ATTRIBUTES = tuple(f"c{position:02}" for position in range(96))
HOLD_ATTRIBUTES = tuple(f"x{position:02}" for position in range(96))


class SlotClaimsItem(Item):
    """One UTC day of one provider: which booking holds which of its 96 quarter hours.

    Attribute `c37` is the id of the booking that claims the time from 09:15 to 09:30, and `x37`, present only while
    that booking is a hold, the second from which the claim counts no more. `ownTime` says which of the day its provider
    keeps for themselves.
    """

    class Meta:
        table_name = physical_name("slot-claims-table")

    provider_id = UnicodeAttribute(hash_key=True, attr_name="providerId")
    day = UnicodeAttribute(range_key=True)
    # What `catalog.domain.parts_text` writes; absent on most days.
    own_time = UnicodeAttribute(attr_name="ownTime", null=True)
    purge_at = NumberAttribute(attr_name="purgeAt", null=True)


class OwnTimesItem(Item):
    """The times that a provider keeps for themselves: one item beside the days of claims, which have the parts."""

    class Meta:
        table_name = physical_name("slot-claims-table")

    provider_id = UnicodeAttribute(hash_key=True, attr_name="providerId")
    day = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    # [[id, version, kind, starts at, ends at, time zone, is whole days], …]
    own_times = JSONAttribute(attr_name="ownTimes")


class CitiesItem(Item):
    """The cities with providers who take bookings: one item of the counters table, two attributes for each city.

    `count us/austin` is how many there are, `name us/austin` what the last of them calls the city.
    """

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")


class DraftItem(Item):
    """What somebody has said of their business before there was enough of it for a profile."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    trades = ListAttribute[UnicodeAttribute](of=UnicodeAttribute)
    expires_at = NumberAttribute(attr_name="expiresAt")


class FavouritesItem(Item):
    """The providers whom a person keeps as favourites; DynamoDB has no empty sets."""

    class Meta:
        table_name = physical_name("favourites-table")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    providers = UnicodeSetAttribute(null=True)
