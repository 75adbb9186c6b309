"""What stands in addresses: days that they name, and those of places."""

from datetime import date
from urllib.parse import urlencode


def read_date(text: str) -> date | None:
    """The day that an address names; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def maps_address(place: str) -> str:
    """Where the place is shown on a map: an app for maps takes such links, too."""
    return f"https://www.openstreetmap.org/search?{urlencode({'query': place})}"
