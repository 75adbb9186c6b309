"""What the start page reads."""

from collections.abc import Iterator, Sequence

from catalog.queries import City, cities_read, list_public_providers
from kernel import storage
from kernel.values import dataclass
from pages.pictures import Picture, cover_of
from photos.domain import cover
from reviews.queries import LatestReview, latest_good_read

# One of each provider is shown, and some providers may be gone.
_LOOKED_AT, _SHOWN = 6, 3


@dataclass(frozen=True, slots=True)
class Voice:
    """A good review, and about whom it is."""

    provider_id: str
    provider_name: str
    city: str
    photo: Picture | None
    service_name: str
    rating: int
    comment: str


def read_home() -> tuple[list[City], list[Voice]]:
    """The cities with providers, and the latest good reviews, of a provider each: two BatchGetItems."""
    cities, reviews = storage.read(storage.joined(cities_read(), latest_good_read()), consistent=False)
    first_ones = {review.provider_id: review for review in reversed(reviews)}
    newest = sorted(first_ones.values(), key=lambda review: review.created_at, reverse=True)[:_LOOKED_AT]
    return cities, list(_voices(newest))[:_SHOWN]


def _voices(reviews: Sequence[LatestReview]) -> Iterator[Voice]:
    providers = {each.provider_id: each for each in list_public_providers([each.provider_id for each in reviews])}
    for review in reviews:
        provider = providers.get(review.provider_id)
        if provider:
            yield Voice(
                provider_id=provider.provider_id,
                provider_name=provider.name,
                city=provider.city,
                photo=cover_of(cover(provider.photos)),
                service_name=review.service_name,
                rating=review.rating,
                comment=review.comment,
            )
