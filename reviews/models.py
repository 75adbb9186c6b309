"""The reviews table. A review has the id of its booking, so there cannot be two for one booking."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

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


class ReviewItem(Item):
    """A customer's review of one booking, and the provider's answer once there is one."""

    class Meta:
        table_name = physical_name("reviews-table")

    review_id = UnicodeAttribute(hash_key=True, attr_name="reviewId")
    version = NumberAttribute()
    provider_id = UnicodeAttribute(attr_name="providerId")
    service_id = UnicodeAttribute(attr_name="serviceId")
    service_name = UnicodeAttribute(attr_name="serviceName")
    customer_id = UnicodeAttribute(attr_name="customerId")
    rating = NumberAttribute()
    comment = UnicodeAttribute()
    created_at = InstantAttribute(attr_name="createdAt")
    answer = UnicodeAttribute(null=True)
    answered_at = InstantAttribute(attr_name="answeredAt", null=True)

    provider_reviews_index = ProviderReviewsIndex()
    customer_reviews_index = CustomerReviewsIndex()
