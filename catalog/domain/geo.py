"""Places on the globe: distances, and the geohash cells by which services near a point are found."""

from math import asin, ceil, cos, degrees, floor, radians, sin, sqrt

from kernel.values import dataclass

EARTH_RADIUS_METERS = 6_371_008.8
# Cells of four characters: 0.18 degrees of latitude (20 km) by 0.35 of longitude (39 km at the equator).
GEOHASH_LENGTH = 4

_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_BITS = GEOHASH_LENGTH * 5 // 2
_ROWS = _COLUMNS = 1 << _BITS
_CELL_HEIGHT = 180 / _ROWS
_CELL_WIDTH = 360 / _COLUMNS
# 32 by 32 small cells make one: those of geohashes of six characters, 600 m high and 1.2 km wide at the equator.
_SMALL_ROWS = _SMALL_COLUMNS = 32 * _ROWS
_SMALL_HEIGHT = 180 / _SMALL_ROWS
_SMALL_WIDTH = 360 / _SMALL_COLUMNS


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees: latitude -90 to 90 (north is positive), longitude -180 to 180 (east is positive)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class AreaCell:
    """One geohash cell, and the least and the greatest distance of its points from the search's centre."""

    geohash: str
    nearest_meters: float
    farthest_meters: float


def distance_meters(a: Point, b: Point) -> float:
    """Great-circle distance (haversine): within 0.6% of the true one."""
    rise = sin(radians(b.latitude - a.latitude) / 2)
    run = sin(radians(b.longitude - a.longitude) / 2)
    square = rise * rise + cos(radians(a.latitude)) * cos(radians(b.latitude)) * run * run
    return 2 * EARTH_RADIUS_METERS * asin(min(1.0, sqrt(square)))


def roughly(point: Point) -> Point:
    """The middle of the small cell that the point lies in, which lies in the same geohash cell as the point.

    Distances that everyone can ask for are from there: those from the point itself would tell where it is.
    """
    row = min(floor((point.latitude + 90) / _SMALL_HEIGHT), _SMALL_ROWS - 1)
    column = floor((point.longitude + 180) / _SMALL_WIDTH) % _SMALL_COLUMNS
    return Point((row + 0.5) * _SMALL_HEIGHT - 90, (column + 0.5) * _SMALL_WIDTH - 180)


def geohash(point: Point) -> str:
    """The geohash cell (four characters) that a point lies in."""
    row = min(floor((point.latitude + 90) / _CELL_HEIGHT), _ROWS - 1)
    column = floor((point.longitude + 180) / _CELL_WIDTH) % _COLUMNS
    return _encode(row, column)


def _encode(row: int, column: int) -> str:
    bits = 0
    for position in reversed(range(_BITS)):
        bits = bits << 2 | (column >> position & 1) << 1 | (row >> position & 1)
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(5 * (GEOHASH_LENGTH - 1), -1, -5))


def covering_cells(centre: Point, radius_meters: float) -> list[AreaCell]:
    """The cells that hold every point within the radius, nearest first; across the 180th meridian too."""
    reach = degrees((radius_meters + 1) / EARTH_RADIUS_METERS)
    first_row = max(floor((centre.latitude - reach + 90) / _CELL_HEIGHT), 0)
    last_row = min(floor((centre.latitude + reach + 90) / _CELL_HEIGHT), _ROWS - 1)
    cells = []
    for row in range(first_row, last_row + 1):
        south = row * _CELL_HEIGHT - 90
        for column in _columns_within(centre, reach):
            west = column * _CELL_WIDTH - 180
            nearest = _nearest_meters(centre, south, west)
            # A metre more than asked for: the arithmetic is not exact at the edge.
            if nearest <= radius_meters + 1:
                corners = [
                    Point(latitude, longitude)
                    for latitude in (south, south + _CELL_HEIGHT)
                    for longitude in (west, west + _CELL_WIDTH)
                ]
                farthest = max(distance_meters(centre, corner) for corner in corners)
                cells.append(AreaCell(_encode(row, column % _COLUMNS), nearest, farthest))
    return sorted(cells, key=lambda cell: (cell.nearest_meters, cell.geohash))


def _columns_within(centre: Point, reach: float) -> range:
    """Columns of the circle's bounding box, counted on past the 180th meridian instead of wrapping round."""
    if abs(centre.latitude) + reach >= 90:
        return range(_COLUMNS)
    half_width = degrees(asin(sin(radians(reach)) / cos(radians(centre.latitude))))
    first = floor((centre.longitude - half_width + 180) / _CELL_WIDTH)
    return range(first, max(first + 1, ceil((centre.longitude + half_width + 180) / _CELL_WIDTH)))


def _nearest_meters(centre: Point, south: float, west: float) -> float:
    """The distance to the nearest point of a cell.

    Along a meridian the nearest latitude of an edge is not the centre's own but lies a little towards the pole, so
    it is asked for exactly: on the meridian at angle d away, the nearest point has tan(lat) = tan(centre) / cos(d).
    """
    north, east = south + _CELL_HEIGHT, west + _CELL_WIDTH
    middle = west + _CELL_WIDTH / 2
    longitude = centre.longitude + 360 * round((middle - centre.longitude) / 360)
    if west <= longitude <= east:
        latitude = min(max(centre.latitude, south), north)
        return distance_meters(centre, Point(latitude, longitude))
    return min(
        distance_meters(centre, Point(min(max(_foot(centre, edge - longitude), south), north), edge))
        for edge in (west, east)
    )


def _foot(centre: Point, angle: float) -> float:
    """Latitude of the point nearest to `centre` on the meridian `angle` degrees east of it, `angle` below 90."""
    x = cos(radians(centre.latitude)) * cos(radians(angle))
    z = sin(radians(centre.latitude))
    return degrees(asin(z / sqrt(x * x + z * z))) if x > 0 else (90.0 if z >= 0 else -90.0)
