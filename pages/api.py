"""The API of what several apps show together: the provider's dashboard."""

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from kernel.actors import Role
from kernel.web.permissions import HasRole
from kernel.web.polling import PolledView
from kernel.web.rest import documented
from notifications.queries import get_bell
from pages.provider.reads import get_dashboard
from pages.provider.serializers import DashboardSchema, represent_dashboard


class DashboardView(PolledView):
    """What a provider looks at through the day."""

    permission_classes: Sequence[Any] = (HasRole(Role.PROVIDER),)

    @documented(summary="Show your dashboard", responses={200: DashboardSchema, 304: None}, refusals=("not_found",))
    def get(self, request: Request) -> HttpResponseBase:
        """Requests to answer and today's appointments. Made to be polled as the bell is."""
        actor, now = self.actor(request), self.now()
        # Read before the lists: what changes meanwhile has a tag of its own.
        bell = get_bell(actor=actor)
        # Requests lapse and days begin without an event, and the indexes of the lists lag: a minute bounds both.
        tag = f"{bell.activity}-{bell.sequence}-{bell.seen}-{now:%Y%m%d%H%M}"
        return self.unless_known(
            request,
            tag,
            lambda: represent_dashboard(get_dashboard(actor=actor, now=now), bell, actor, now),
        )
