"""How the web server tells the site that it cannot read a request.

Nothing here needs Django's settings: the web server's worker is loaded before them.
"""

from enum import Enum

# The member of the WSGI environment that says so: a `Refusal`.
REFUSED = "kernel.refused"


class Refusal(Enum):
    """Why a request cannot be read."""

    MALFORMED = "malformed"
    ADDRESS_TOO_LONG = "address too long"
    HEADERS_TOO_LARGE = "headers too large"
