"""The Celery tasks of photos."""

from celery import shared_task

from kernel import clock
from photos import services


@shared_task(name="photos.process")  # type: ignore[untyped-decorator]
def process(photo_id: str) -> None:
    """Look at a claimed upload, and make of it what is shown. May run twice and at the same time."""
    services.process_photo(photo_id=photo_id, now=clock.now())
