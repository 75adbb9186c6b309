"""Who may do what in the admin."""

import pytest

from accounts.policies import may_in_admin
from kernel.actors import Actor, Role

ACTIONS = ("view", "change", "add", "delete", "act", "export")
MAY = {
    Role.ADMIN: {"bookings": set(ACTIONS), "accounts": set(ACTIONS)},
    Role.SUPPORT: {"bookings": {"view", "act"}, "accounts": {"view"}},
    Role.AUDITOR: {"bookings": {"view", "export"}, "accounts": {"view", "export"}},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("app_label", ["bookings", "accounts"])
def test_a_role_may_what_it_is_for_and_no_more(role: Role, app_label: str) -> None:
    may = {action for action in ACTIONS if may_in_admin(Actor("somebody", role), app_label, action)}
    assert may == MAY.get(role, {}).get(app_label, set())
