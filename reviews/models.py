"""The reviews table. A review has the id of its booking, so there cannot be two for one booking."""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from kernel.listing import ListedItem
from kernel.outbox import OutboxItem
from kernel.storage import InstantAttribute, Item, physical_name


class ProviderReviewsIndex(GlobalSecondaryIndex["ReviewItem"]):
    """A provider's reviews by date."""

    class Meta:
        index_name = "providerReviews-index"
        projection = AllProjection()

    provider_id = UnicodeAttribute(hash_key=True, attr_name="providerId")
    created_at = InstantAttribute(range_key=True, attr_name="createdAt")


class CustomerReviewsIndex(GlobalSecondaryIndex["ReviewItem"]):
    """A customer's reviews by date."""

    class Meta:
        index_name = "customerReviews-index"
        projection = AllProjection()

    customer_id = UnicodeAttribute(hash_key=True, attr_name="customerId")
    created_at = InstantAttribute(range_key=True, attr_name="createdAt")


class ReportStateIndex(GlobalSecondaryIndex["ReportItem"]):
    """Reports that wait for somebody, or do not any more, by date."""

    class Meta:
        index_name = "state-index"
        projection = AllProjection()

    state = UnicodeAttribute(hash_key=True)
    created_at = InstantAttribute(range_key=True, attr_name="createdAt")


class ReviewItem(OutboxItem, ListedItem):
    """A customer's review of one booking, and the provider's answer once there is one."""

    class Meta:
        table_name = physical_name("reviews-table")

    review_id = UnicodeAttribute(hash_key=True, attr_name="reviewId")
    provider_id = UnicodeAttribute(attr_name="providerId")
    service_id = UnicodeAttribute(attr_name="serviceId")
    service_name = UnicodeAttribute(attr_name="serviceName")
    customer_id = UnicodeAttribute(attr_name="customerId")
    rating = NumberAttribute()
    comment = UnicodeAttribute()
    created_at = InstantAttribute(attr_name="createdAt")
    answer = UnicodeAttribute(null=True)
    answered_at = InstantAttribute(attr_name="answeredAt", null=True)
    # Of the last version, where it is not the first.
    changed_at = InstantAttribute(attr_name="changedAt", null=True)
    # False while its stars are not part of the provider's rating; absent once they are.
    counted = BooleanAttribute(null=True)
    # Only while they are to be part of it later: from when on.
    counts_from = InstantAttribute(attr_name="countsFrom", null=True)
    # Only while it is hidden.
    hidden_at = InstantAttribute(attr_name="hiddenAt", null=True)

    provider_reviews_index = ProviderReviewsIndex()
    customer_reviews_index = CustomerReviewsIndex()


class CountedPairItem(Item):
    """Until when no other review of this customer about this provider counts, because one does or will."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    expires_at = NumberAttribute(attr_name="expiresAt")


class DueRatingsItem(Item):
    """The reviews whose stars count from a day on."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    reviews = UnicodeSetAttribute(null=True)


class LatestReviewsItem(Item):
    """The latest good reviews of all providers: one item of the counters table."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    # Raised by every change of the list.
    revision = NumberAttribute()
    # Newest first: [{"review_id", "provider_id", "service_name", "rating", "comment", "created_at"}, …]
    reviews = JSONAttribute()


class ReportItem(Item):
    """What somebody finds wrong with a provider or a review: `subject` is `provider#…` or `review#…`."""

    class Meta:
        table_name = physical_name("reports-table")

    reporter_id = UnicodeAttribute(hash_key=True, attr_name="reporterId")
    subject = UnicodeAttribute(range_key=True)
    reason = UnicodeAttribute()
    details = UnicodeAttribute()
    created_at = InstantAttribute(attr_name="createdAt")
    state = UnicodeAttribute()
    # Only once it is decided.
    decision = UnicodeAttribute(null=True)
    decision_reason = UnicodeAttribute(attr_name="decisionReason", null=True)
    decided_at = InstantAttribute(attr_name="decidedAt", null=True)

    state_index = ReportStateIndex()
