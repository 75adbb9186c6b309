"""The words and numbers that the demo data is made of: cities, trades and phrases of reviews, read from TOML files."""

import tomllib
from pathlib import Path
from typing import Any

from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class District:
    """A part of a city that people name when they say where they live; degrees of its middle."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class City:
    """A city, with what believable firms, people and addresses there look like; cities.toml explains the prices."""

    name: str
    country: str
    time_zone: str
    currency: str
    language: str
    price_level: int
    price_step: int
    address: str
    districts: list[District]
    streets: list[str]
    given_names: list[str]
    family_names: list[str]


@dataclass(frozen=True, slots=True)
class Job:
    """A service on a price list."""

    name: str
    minutes: int
    price: int
    description: str


@dataclass(frozen=True, slots=True)
class Trade:
    """What the firms of one category do and are called, by language, and what their customers write."""

    category: str
    second_trade: str
    pitch: str
    jobs: list[Job]
    requests: list[str]
    praise: list[str]
    complaints: list[str]
    firm_names: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Openings and endings of reviews with that many stars, and providers' answers to them."""

    stars: int
    openings: list[str]
    endings: list[str]
    answers: list[str]


def _read(name: str) -> list[dict[str, Any]]:
    with Path(__file__).with_name(f"{name}.toml").open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file)[name]
        return entries


CITIES = [
    City(**{**city, "districts": [District(**district) for district in city["districts"]]}) for city in _read("cities")
]
# By the slug of the category; every category of the catalog has one.
TRADES = {
    trade["category"]: Trade(**{**trade, "jobs": [Job(**job) for job in trade["jobs"]]}) for trade in _read("trades")
}
# By the number of stars.
PHRASES = {phrases["stars"]: Phrases(**phrases) for phrases in _read("reviews")}
