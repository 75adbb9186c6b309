"""Reviews in the admin."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.admin import Person
from catalog.admin import Provider
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.models import DynamoModel
from kernel.listing import LIST_KEYS
from reviews.models import ReviewItem


class Review(DynamoModel):
    """A customer's review of one booking."""

    item = ReviewItem
    partitions: ClassVar[Any] = {"list_key": ((), lambda: LIST_KEYS)}

    provider = models.ForeignKey(Provider, models.DO_NOTHING, verbose_name=_("provider"))
    customer = models.ForeignKey(Person, models.DO_NOTHING, verbose_name=_("customer"))
    service_name = models.CharField(_("service"), max_length=100)
    rating = models.IntegerField(_("stars"))
    comment = models.TextField(_("comment"))
    answer = models.TextField(_("answer"), null=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("written at"))

    class Meta:
        app_label = "reviews"
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.rating}/5 · {self.service_name}"


class ReviewAdmin(ItemAdmin):
    """Listed as a whole, of a provider or by a customer; found by the booking's id."""

    operations = frozenset()
    list_display = ("service_name", "rating", "provider", "customer", "created_at")
    list_filter = (("provider", ValueFilter), ("customer", ValueFilter))
    search_fields = ("review_id",)
    date_hierarchy = "created_at"
    export_columns = ("review_id", "provider_id", "rating", "created_at")
    fields = (
        "review_id",
        "provider",
        "customer",
        "service_name",
        "rating",
        "comment",
        "answer",
        "created_at",
        "answered_at",
    )


ADMIN_CLASSES = ((Review, ReviewAdmin),)
