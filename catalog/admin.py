"""Providers and their services in the admin. What is edited goes through the services of the catalog."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import Person
from catalog import services
from catalog.domain import CATEGORIES
from catalog.domain.rules import CITY, NAME, TAX_NUMBER
from catalog.models import ProviderItem, ServiceItem
from kernel.clock import now
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import AuditEntry
from kernel.dynamo_admin.forms import ReasonForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.uses import Use
from kernel.listing import LIST_KEYS

_CHOICES = [(category.slug, category.name) for category in CATEGORIES]


def _changes(instance: Any, form: Any) -> Any:
    """The values that were entered, as the services take them."""
    return {name: getattr(instance, name) for name in form.changed_data}


class Provider(DynamoModel):
    """A provider."""

    item = ProviderItem
    labels: ClassVar[Any] = {"provider_id": _("provider id"), "categories": _("categories")}
    partitions: ClassVar[Any] = {"list_key": ((), lambda: LIST_KEYS)}

    name = models.CharField(_("name"), max_length=NAME.most)
    owner = models.ForeignKey(Person, models.DO_NOTHING, verbose_name=_("owner"))
    description = models.TextField(_("description"), blank=True)
    city = models.CharField(_("city"), max_length=CITY.most)
    country = models.CharField(_("country"), max_length=2)
    accepting_bookings = models.BooleanField(_("takes bookings"))
    rating_count = models.IntegerField(_("reviews"))
    created_at = models.DateTimeField(_("since"))
    tax_number = models.CharField(_("tax number"), max_length=TAX_NUMBER.most, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True)
    suspension_reason = models.TextField(_("reason of the suspension"), null=True)  # noqa: DJ001

    class Meta:
        app_label = "catalog"
        verbose_name = _("provider")
        verbose_name_plural = _("providers")

    def __str__(self) -> str:
        return self.name


def _moderate(service: Callable[..., Any], done: Any, **values: Any) -> Callable[..., str]:
    """What runs a decision of the catalog's, which is written with its audit entry."""

    def run(request: HttpRequest, provider: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
        service(
            actor=entry.actor,
            provider_id=provider.pk,
            reason=cleaned["reason"],
            expected_version=provider.row["version"],
            now=now(),
            also=[entry.put_write()],
            **values,
        )
        return str(done)

    return run


class ProviderAdmin(ItemAdmin):
    """Found by id, or in the list of all."""

    operations = frozenset({"change"})
    list_display = (
        "name",
        "city",
        "country",
        "accepting_bookings",
        "verified_at",
        "suspended_at",
        "rating_count",
        "created_at",
    )
    search_fields = ("provider_id",)
    date_hierarchy = "created_at"
    # A place is more than its name: it is moved by its owner, on the map.
    editable = ("name", "description", "tax_number", "accepting_bookings")
    open_attributes = ("accepting_bookings",)
    fields = (
        "provider_id",
        "owner",
        "name",
        "description",
        "city",
        "country",
        "time_zone",
        "tax_number",
        "accepting_bookings",
        "verified_at",
        "suspended_at",
        "suspension_reason",
        "categories",
        "rating_count",
        "created_at",
        "updated_at",
        "version",
    )
    uses = (
        Use(
            "verify",
            _("Mark as verified"),
            _moderate(services.verify_provider, _("The provider is marked as verified."), is_verified=True),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda provider, actor: provider.verified_at is None,
        ),
        Use(
            "unverify",
            _("Take the mark away"),
            _moderate(services.verify_provider, _("The provider has the mark no more."), is_verified=False),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda provider, actor: provider.verified_at is not None,
        ),
        Use(
            "suspend",
            _("Suspend"),
            _moderate(
                services.suspend_provider,
                _(
                    "The provider is suspended. Open requests are declined, and who has an appointment is told that it "
                    "stays."
                ),
            ),
            consequences=_(
                "Nobody finds or books the provider. Open requests are declined, and who has an appointment is told "
                "that it stays. The owner is told the reason."
            ),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda provider, actor: provider.suspended_at is None,
            is_dangerous=True,
        ),
        Use(
            "reinstate",
            _("End the suspension"),
            _moderate(services.reinstate_provider, _("The provider can be found and booked again.")),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda provider, actor: provider.suspended_at is not None,
        ),
    )

    def write(self, request: HttpRequest, instance: Any, form: Any, entry: AuditEntry) -> None:
        services.change_profile(
            actor=entry.actor,
            provider_id=instance.pk,
            changes=_changes(instance, form),
            expected_version=instance.row["version"],
            now=now(),
            also=[entry.put_write()],
        )


class Service(DynamoModel):
    """A service that a provider offers."""

    item = ServiceItem
    labels: ClassVar[Any] = {"service_id": _("service id")}
    partitions: ClassVar[Any] = {"list_key": ((), lambda: LIST_KEYS)}

    name = models.CharField(_("name"), max_length=NAME.most)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=30, choices=_CHOICES)
    listed_category = models.CharField(_("category"), max_length=30, choices=_CHOICES, null=True)  # noqa: DJ001
    provider = models.ForeignKey(Provider, models.DO_NOTHING, verbose_name=_("provider"))
    price_amount = models.IntegerField(_("price in minor units"))
    price_currency = models.CharField(_("currency"), max_length=3)
    duration_minutes = models.IntegerField(_("minutes"))
    active = models.BooleanField(_("active"))
    created_at = models.DateTimeField(_("since"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name


class ServiceAdmin(ItemAdmin):
    """Found by id, by the category in which it can be booked, or in the list of all."""

    operations = frozenset({"change"})
    list_display = ("name", "provider", "category", "price_amount", "price_currency", "active", "created_at")
    list_filter = ("listed_category",)
    search_fields = ("service_id",)
    date_hierarchy = "created_at"
    editable = ("name", "description", "category", "active")
    open_attributes = ("category", "active")
    fields = (
        "service_id",
        "provider",
        "name",
        "description",
        "category",
        "price_amount",
        "price_currency",
        "duration_minutes",
        "active",
        "created_at",
        "updated_at",
        "version",
    )

    def write(self, request: HttpRequest, instance: Any, form: Any, entry: AuditEntry) -> None:
        services.change_service(
            actor=entry.actor,
            service_id=instance.pk,
            changes=_changes(instance, form),
            expected_version=instance.row["version"],
            now=now(),
            also=[entry.put_write()],
        )


ADMIN_CLASSES = ((Provider, ProviderAdmin), (Service, ServiceAdmin))
