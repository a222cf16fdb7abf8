"""Great-circle distances of whole columns from a point, by the haversine formula on the mean sphere."""

import math

import numpy as np
from numpy.typing import NDArray

from shared.search.port import Point

EARTH_RADIUS_KM = 6371.0088
Degrees = NDArray[np.float32]


def haversines(near: Point, lat: Degrees, lon: Degrees) -> NDArray[np.float32]:
    """The haversine of the angle between `near` and each place: it grows with the distance, and is cheaper.

    The sphere is within 0.6 % of the ellipsoid; single precision is good to a few metres near the point.
    """
    half_lat = np.radians(lat - np.float32(near.lat)) / 2
    half_lon = np.radians(lon - np.float32(near.lon)) / 2
    here, there = np.float32(math.cos(math.radians(near.lat))), np.cos(np.radians(lat))
    return np.asarray(np.sin(half_lat) ** 2 + here * there * np.sin(half_lon) ** 2)


def haversine_of(km: float) -> float:
    """The haversine of the angle that a distance spans, with room for rounding; negative for a negative distance."""
    angle = min(km / EARTH_RADIUS_KM, math.pi)
    return math.copysign(math.sin(angle / 2) ** 2 * (1 + 1e-6), angle)


def degrees_of(km: float) -> float:
    """The degrees of latitude that a distance spans, with room for rounding."""
    return math.degrees(km / EARTH_RADIUS_KM) + 1e-4
