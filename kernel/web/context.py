"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """The site's name, which whoever runs it chooses."""
    return {"site_name": settings.SITE_NAME}
