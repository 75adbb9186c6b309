"""The Celery tasks of notifications. Their messages name a delivery; what to say is looked up when it is said."""

from celery import shared_task

from kernel import clock
from notifications.services import emails


@shared_task(name="notifications.deliver_email")  # type: ignore[untyped-decorator]
def deliver_email(delivery_id: str) -> None:
    """Send one email of the ledger. May run twice and at the same time; a failure goes back to the queue."""
    emails.deliver_email(delivery_id=delivery_id, now=clock.now())
