"""What admins order to be done to accounts at Cognito: see `kernel.dynamo_admin.orders`."""

from datetime import datetime

from accounts import services
from kernel.actors import Role
from kernel.dynamo_admin.orders import Order

SIGN_OUT, CLOSE, OPEN, CHANGE_ROLE, ERASE = (
    "accounts.sign-out",
    "accounts.close",
    "accounts.open",
    "accounts.change-role",
    "accounts.erase",
)


def _sign_out(order: Order, now: datetime) -> None:
    services.sign_out_everywhere(user_id=order.arguments["user_id"])


def _close(order: Order, now: datetime) -> None:
    services.disable_person(actor=order.actor, user_id=order.arguments["user_id"], now=now)


def _open(order: Order, now: datetime) -> None:
    services.enable_person(actor=order.actor, user_id=order.arguments["user_id"])


def _change_role(order: Order, now: datetime) -> None:
    role = Role(order.arguments["role"])
    services.change_role(actor=order.actor, user_id=order.arguments["user_id"], role=role, now=now)


def _erase(order: Order, now: datetime) -> None:
    services.erase_person(order.arguments["user_id"], now=now)


ORDERS = {SIGN_OUT: _sign_out, CLOSE: _close, OPEN: _open, CHANGE_ROLE: _change_role, ERASE: _erase}
