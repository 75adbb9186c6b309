from math import asin, atan2, cos, degrees, pi, radians, sin
from random import Random

import pytest

from catalog.domain import Point, covering_cells, distance_meters, geohash, roughly
from catalog.domain.geo import EARTH_RADIUS_METERS


def moved(start: Point, bearing: float, meters: float) -> Point:
    """The point that lies so far from `start` in that direction (radians, clockwise from north)."""
    angle, latitude = meters / EARTH_RADIUS_METERS, radians(start.latitude)
    new_latitude = asin(sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing))
    turn = atan2(sin(bearing) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sin(new_latitude))
    longitude = (start.longitude + degrees(turn) + 540) % 360 - 180
    return Point(degrees(new_latitude), longitude)


@pytest.mark.parametrize(
    ("point", "cell"),
    [
        (Point(57.64911, 10.40744), "u4pr"),
        (Point(30.26715, -97.74306), "9v6k"),
        (Point(-33.8688, 151.2093), "r3gx"),
        (Point(0, 0), "s000"),
        (Point(90, 180), "bpbp"),
        (Point(-90, -180), "0000"),
    ],
)
def test_geohashes_are_the_known_ones(point: Point, cell: str) -> None:
    assert geohash(point) == cell


def test_what_is_told_of_a_place_is_near_and_the_same_for_all_around() -> None:
    random = Random(5)  # noqa: S311
    places = [Point(90, 180), Point(-90, -180), Point(0, 0), Point(0, 179.99999)]
    places += [Point(random.uniform(-90, 90), random.uniform(-180, 180)) for _ in range(500)]
    for place in places:
        told = roughly(place)
        assert roughly(told) == told
        # So it is found where the place itself is listed.
        assert geohash(told) == geohash(place)
        assert distance_meters(told, place) < 700


def test_distances_are_the_known_ones() -> None:
    paris, london = Point(48.8566, 2.3522), Point(51.5074, -0.1278)
    assert distance_meters(paris, london) == pytest.approx(343_500, rel=0.006)
    assert distance_meters(paris, paris) == 0
    assert distance_meters(Point(0, 179.9), Point(0, -179.9)) == pytest.approx(22_239, rel=0.001)


def test_every_point_of_a_circle_lies_in_a_covering_cell_within_the_cell_s_distances() -> None:
    random = Random(3)  # noqa: S311
    places = [Point(30.27, -97.74), Point(-16.8, 179.97), Point(64.1, -21.9), Point(0, 0), Point(69.6, 18.9)]
    places += [Point(89.9, 12), Point(-89.7, -100)]
    places += [Point(random.uniform(-75, 75), random.uniform(-180, 180)) for _ in range(60)]
    for centre in places:
        radius = random.choice([500, 5_000, 25_000, 50_000])
        cells = {cell.geohash: cell for cell in covering_cells(centre, radius)}
        for _ in range(80):
            point = moved(centre, random.uniform(0, 2 * pi), radius * random.random() ** 0.5)
            cell = cells[geohash(point)]
            assert cell.nearest_meters - 1 <= distance_meters(centre, point) <= cell.farthest_meters + 1


def test_covering_cells_come_nearest_first_and_only_those_that_are_touched() -> None:
    random, centre = Random(4), Point(30.26715, -97.74306)  # noqa: S311
    cells = covering_cells(centre, 25_000)
    assert [cell.nearest_meters for cell in cells] == sorted(cell.nearest_meters for cell in cells)
    assert cells[0].geohash == "9v6k"
    assert cells[0].nearest_meters == 0
    points = [moved(centre, random.uniform(0, 2 * pi), 25_000 * random.random() ** 0.5) for _ in range(3000)]
    assert {cell.geohash for cell in cells} == {geohash(point) for point in points}
