"""Reviews and reports in the admin: hidden and restored, accepted and dismissed, by the services of reviews."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import display
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import Person
from catalog.admin import Provider
from catalog.services import suspend_provider
from kernel.clock import now
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import AuditEntry, subject_of
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.forms import ReasonForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.uses import Use
from kernel.errors import ConflictError, NotFoundError
from kernel.listing import LIST_KEYS
from reviews.domain import Decision, ReportReason, ReportState
from reviews.models import ReportItem, ReviewItem
from reviews.services import decide_report, hide_review, restore_review


class Review(DynamoModel):
    """A customer's review of one booking."""

    item = ReviewItem
    labels: ClassVar[Any] = {"review_id": _("booking id"), "answered_at": _("answered at")}
    partitions: ClassVar[Any] = {"list_key": ((), lambda: LIST_KEYS)}

    provider = models.ForeignKey(Provider, models.DO_NOTHING, verbose_name=_("provider"))
    customer = models.ForeignKey(Person, models.DO_NOTHING, verbose_name=_("customer"))
    service_name = models.CharField(_("service"), max_length=100)
    rating = models.IntegerField(_("stars"))
    comment = models.TextField(_("comment"))
    answer = models.TextField(_("answer"), null=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("written at"))
    hidden_at = models.DateTimeField(_("hidden at"), null=True)

    class Meta:
        app_label = "reviews"
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.rating}/5 · {self.service_name}"


def _moderate(service: Callable[..., Any], done: Any) -> Callable[..., str]:
    def run(request: HttpRequest, review: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
        service(actor=entry.actor, review_id=review.pk, reason=cleaned["reason"], now=now(), also=[entry.put_write()])
        return str(done)

    return run


class ReviewAdmin(ItemAdmin):
    """Listed as a whole, of a provider or by a customer; found by the booking's id."""

    operations = frozenset()
    list_display = ("service_name", "rating", "provider", "customer", "created_at", "hidden_at")
    list_filter = (("provider", ValueFilter), ("customer", ValueFilter))
    search_fields = ("review_id",)
    date_hierarchy = "created_at"
    export_columns = ("review_id", "provider_id", "rating", "created_at", "hidden_at")
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
        "hidden_at",
    )
    uses = (
        Use(
            "hide",
            _("Hide"),
            _moderate(hide_review, _("The review is hidden, and its stars do not count any more.")),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda review, actor: review.hidden_at is None,
            is_bulk=True,
            is_dangerous=True,
        ),
        Use(
            "restore",
            _("Show again"),
            _moderate(restore_review, _("The review is shown again, and its stars count.")),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda review, actor: review.hidden_at is not None,
        ),
    )


_REASONS = [
    (ReportReason.FALSE.value, _("false")),
    (ReportReason.OFFENSIVE.value, _("offensive")),
    (ReportReason.PERSONAL.value, _("tells something personal")),
    (ReportReason.FRAUD.value, _("fraud")),
    (ReportReason.OTHER.value, _("something else")),
]
_STATES = [(ReportState.OPEN.value, _("open")), (ReportState.HANDLED.value, _("decided"))]
_DECISIONS = [(Decision.ACCEPTED.value, _("accepted")), (Decision.DISMISSED.value, _("dismissed"))]
_LABELS = {"provider": "catalog.provider", "review": "reviews.review"}


class Report(DynamoModel):
    """What somebody finds wrong with a provider or a review."""

    item = ReportItem
    partitions: ClassVar[Any] = {"state": ((), lambda: [state.value for state in ReportState])}

    reporter = models.ForeignKey(Person, models.DO_NOTHING, verbose_name=_("reporter"))
    subject = models.CharField(_("about"), max_length=200)
    reason = models.CharField(_("reason"), max_length=20, choices=_REASONS)
    details = models.TextField(_("details"))
    created_at = models.DateTimeField(_("reported at"))
    state = models.CharField(_("state"), max_length=20, choices=_STATES)
    decision = models.CharField(_("decision"), max_length=20, choices=_DECISIONS, null=True)  # noqa: DJ001
    decision_reason = models.TextField(_("reason of the decision"), null=True)  # noqa: DJ001
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        app_label = "reviews"
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    def __str__(self) -> str:
        return self.subject


class AcceptForm(ReasonForm):
    """Why, and whether what was reported goes."""

    acts = forms.BooleanField(label=_("Also hide the review, or suspend the provider"), required=False)


def _decide(decision: Decision, done: Any) -> Callable[..., str]:
    def run(request: HttpRequest, report: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
        if cleaned.get("acts"):
            # First: broken off in between, the report is still open, and deciding it again does no harm.
            _act(report.subject, cleaned["reason"], entry)
        decide_report(
            actor=entry.actor,
            reporter_id=report.reporter_id,
            subject=report.subject,
            decision=decision,
            reason=cleaned["reason"],
            now=now(),
            also=[entry.put_write()],
        )
        return str(done)

    return run


def _act(subject: str, reason: str, entry: AuditEntry) -> None:
    """Hide or suspend what the report is about, unless that is done already, with an audit entry of its own."""
    kind, _separator, key = subject.partition("#")
    action = "hide" if kind == "review" else "suspend"
    own = replace(entry, subject=subject_of(_LABELS[kind], key), action=action).put_write()
    with suppress(ConflictError, NotFoundError):
        if kind == "review":
            hide_review(actor=entry.actor, review_id=key, reason=reason, now=now(), also=[own])
        else:
            suspend_provider(actor=entry.actor, provider_id=key, reason=reason, now=now(), also=[own])


class ReportAdmin(ItemAdmin):
    """Open ones and decided ones, the newest first; of one person, or about one subject of theirs."""

    operations = frozenset()
    list_display = ("subject", "reason", "reporter", "state", "decision", "created_at")
    list_filter = ("state", ("reporter", ValueFilter))
    date_hierarchy = "created_at"
    export_columns = ("subject", "reason", "state", "decision", "created_at", "decided_at")
    fields = (
        "about",
        "reporter",
        "reason",
        "details",
        "created_at",
        "state",
        "decision",
        "decision_reason",
        "decided_at",
    )
    readonly_fields = ("about",)
    uses = (
        Use(
            "accept",
            _("Accept"),
            _decide(Decision.ACCEPTED, _("The report is accepted.")),
            form=AcceptForm,
            permission="manage",
            is_offered=lambda report, actor: report.state == ReportState.OPEN.value,
        ),
        Use(
            "dismiss",
            _("Dismiss"),
            _decide(Decision.DISMISSED, _("The report is dismissed.")),
            form=ReasonForm,
            permission="manage",
            is_offered=lambda report, actor: report.state == ReportState.OPEN.value,
            is_bulk=True,
        ),
    )

    @staticmethod
    @display(description=_("about"))
    def about(report: Any) -> str:
        """The way to what was reported."""
        kind, _separator, key = report.subject.partition("#")
        address = reverse(f"admin:{_LABELS[kind].replace('.', '_')}_change", args=[key])
        return format_html('<a href="{}">{}</a>', address, report.subject)


ADMIN_CLASSES = ((Review, ReviewAdmin), (Report, ReportAdmin))
