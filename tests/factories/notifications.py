"""People with addresses, and the events of their bookings."""

from uuid import uuid4

from accounts.models import UserItem
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from tests.factories.bookings import Scene, make_scene


def enroll(actor: Actor, *, name: str = "Robin Reed", language: str | None = None, time_zone: str | None = None) -> str:
    """Give the actor a row in the users' table; the address."""
    email = f"{uuid4().hex}@example.com"
    item = UserItem(
        user_id=actor.user_id,
        email=email,
        name=name,
        user_type=actor.role.value,
        created_at=clock_now(),
        language=language,
        time_zone=time_zone,
    )
    storage.write(storage.put("user", item))
    return email


def make_addressed_scene(**profile: object) -> Scene:
    """A scene whose customer and provider can be written to."""
    scene = make_scene(**profile)  # type: ignore[arg-type]
    enroll(scene.customer, name="Robin Reed")
    enroll(scene.provider, name="Elm Owner")
    return scene
