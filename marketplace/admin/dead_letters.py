"""Dead letters in the admin: how many there are, what was seen of them last, and orders to look, send back and drop."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from kernel import storage
from kernel.clock import now
from kernel.dynamo_admin.audit import AuditEntry, subject_of
from kernel.dynamo_admin.forms import REASON
from kernel.dynamo_admin.orders import OrderItem, place_order
from kernel.storage import Item, physical_name
from kernel.web.forms import TextField
from marketplace.admin.watch import watch_queues
from marketplace.background.dead_letters import NAMES
from marketplace.background.orders import DROP_LETTERS, REDRIVE_LETTERS, SHOW_LETTERS

_KINDS = {"show": SHOW_LETTERS, "redrive": REDRIVE_LETTERS, "drop": DROP_LETTERS}
_LABELS = {
    "show": gettext_lazy("Look"),
    "redrive": gettext_lazy("Send the chosen back"),
    "drop": gettext_lazy("Drop the chosen"),
}
_OUTCOMES = {
    "intended": gettext_lazy("ordered, not carried out yet"),
    "done": gettext_lazy("done"),
    "refused": gettext_lazy("refused"),
}
# The end of its messages' way: they have nowhere to go back to.
_WITHOUT_WAY_BACK = "stream-failures"
_POINTERS_KEY = "dead-letter-orders"
# SQS names messages in 36 characters, and promises no more than this.
_LONGEST_ID = 100
# Of a queue about which nothing was ordered.
_NOTHING: tuple[Any, ...] = (None, None, [])


class LastOrdersItem(Item):
    """What was ordered about each queue: `{queue: [last order, last that looked into it, messages chosen since]}`."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    orders = JSONAttribute()


class OrderForm(forms.Form):
    """What to do with which messages of which queue, and why."""

    queue = forms.ChoiceField(choices=[(name, name) for name in NAMES])
    action = forms.ChoiceField(choices=[(name, name) for name in _KINDS])
    messages = forms.MultipleChoiceField(required=False)
    reason = TextField(REASON)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        sent = data.getlist("messages") if data else ()
        field: Any = self.fields["messages"]
        field.choices = [(message_id, message_id) for message_id in sent if len(message_id) <= _LONGEST_ID]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("action") in ("redrive", "drop") and not cleaned.get("messages"):
            raise forms.ValidationError(_("Choose the messages first."))
        return cleaned


def dead_letters_view(request: HttpRequest, *, context: Mapping[str, Any], may_manage: bool) -> HttpResponse:
    """The page (GET), and its orders (POST). Raises `PermissionDenied` for orders of those who only look."""
    form = OrderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_manage:
            raise PermissionDenied
        if form.is_valid():
            _order(request, form.cleaned_data)
            messages.success(request, _("Ordered: it is done in a moment."))
            return HttpResponseRedirect(reverse("admin:dead-letters"))
    values = {**context, "title": _("Dead letters"), "form": form, "may_manage": may_manage, "queues": _queues()}
    status = 400 if form.is_bound else 200
    return TemplateResponse(request, "marketplace_admin/dead_letters.html", values, status=status)


def _order(request: HttpRequest, cleaned: Mapping[str, Any]) -> None:
    queue, action = cleaned["queue"], cleaned["action"]
    arguments: dict[str, Any] = {"queue": queue}
    if action != "show":
        arguments["messages"] = cleaned["messages"]
    user: Any = request.user
    subject = subject_of("marketplace.dead-letters", queue)
    entry = AuditEntry(subject, user.actor, action, now(), {}, cleaned["reason"])
    order_id = place_order(_KINDS[action], arguments, entry, now=now())
    pointers = _pointers()
    _, last_look, chosen = pointers.get(queue, _NOTHING)
    if action == "show":
        last_look, chosen = order_id, []
    else:
        # What was seen before is not there any more.
        chosen = [*chosen, *cleaned["messages"]]
    # Two at once: one is not shown here, and stands in the audit log all the same.
    item = LastOrdersItem(counter_key=_POINTERS_KEY, orders={**pointers, queue: [order_id, last_look, chosen]})
    storage.write(storage.put("last orders", item))


def _pointers() -> dict[str, tuple[Any, ...]]:
    row = storage.get_row(LastOrdersItem, _POINTERS_KEY)
    orders = row["orders"] if row else {}
    # What was written before messages were noted has none.
    return {queue: (*kept, [])[:3] for queue, kept in orders.items()}


def _queues() -> list[dict[str, Any]]:
    """Each queue with its depth, its last order, and what was seen when somebody looked last."""
    pointers = _pointers()
    wanted = sorted({order_id for kept in pointers.values() for order_id in kept[:2] if order_id})
    rows = storage.get_rows([(OrderItem, order_id) for order_id in wanted])
    orders = dict(zip(wanted, rows, strict=True))
    found = []
    for depth in watch_queues():
        last_id, look_id, chosen = pointers.get(depth.name, _NOTHING)
        last, look = orders.get(last_id or ""), orders.get(look_id or "")
        result = (look or {}).get("result") or {}
        found.append(
            {
                "name": depth.name,
                "dead": depth.dead,
                "can_redrive": depth.name != _WITHOUT_WAY_BACK,
                "last": _described(last) if last else None,
                "letters": [
                    {"id": message_id, "at": datetime.fromtimestamp(sent_at, UTC), "about": about}
                    for message_id, sent_at, about in result.get("letters", ())
                    if message_id not in chosen
                ],
            }
        )
    return found


def _described(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": _LABELS[row["action"]],
        "at": row.get("finished_at") or row["created_at"],
        "outcome": _OUTCOMES[row["outcome"]],
        "refusal": (row.get("result") or {}).get("refusal"),
    }
