"""Rate limits of the API, per person, or per address for strangers; API Gateway keeps those of integrators' keys. See
`kernel.rate_limits` for how they count.
"""

from datetime import timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from kernel.clock import now
from kernel.rate_limits import RateLimit, charge_in_batches
from kernel.web.authentication import actor_on
from kernel.web.client_address import client_address
from kernel.web.integrators import came_with_key

# What one caller may ask of the whole API, and of its costly searches.
API_REQUESTS = RateLimit("api", allowed=600, window=timedelta(minutes=1), batch=60)
SEARCHES = RateLimit("search", allowed=120, window=timedelta(minutes=1), batch=20)


class ApiThrottle(BaseThrottle):
    """The limit of all API views together."""

    limit = API_REQUESTS

    def allow_request(self, request: Request, view: Any) -> bool:
        """True. Raises `TooManyRequestsError` (429 with Retry-After) beyond the limit."""
        actor = actor_on(request)
        if actor is None and came_with_key(request._request.META):
            # Many people may ask through one integrator's address.
            return True
        subject = client_address(request._request) if actor is None else actor.user_id
        charge_in_batches(self.limit, subject, now=now())
        return True


class SearchThrottle(ApiThrottle):
    """The limit of searches, which counts beside the API's own."""

    limit = SEARCHES
