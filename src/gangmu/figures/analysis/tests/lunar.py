"""The Chinese New Year from the positions of sun and moon, to check the dates that are shipped.

Rules: GB/T 33661-2017, months begin on the day of the new moon at 120° E, month eleven holds the winter solstice; of
thirteen months between two such, the first without a principal term 中气 is a leap month. Positions: J. Meeus,
Astronomical Algorithms, 2nd edition, chapters 25 and 49; good to about a minute for the moon and fifteen for the sun.
"""

from datetime import date, timedelta
from math import floor, radians, sin

_EPOCH = date(2000, 1, 1)
_EPOCH_JD = 2451544.5  # its midnight, as a Julian date
_TO_CHINA = 8 / 24 - 67 / 86400  # from dynamical time; the difference to universal time is 57 to 76 s in these years

# Periodic terms of the new moon: amplitude in days, power of E, multiples of M, M', F.
_TERMS = (
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2),
)  # fmt: skip


def new_moon(number: int) -> float:
    """China time, in days from the midnight that began 2000; new moon 0 is that of 6 January 2000."""
    t = number / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = 2.5534 + 29.10535670 * number - 0.0000014 * t**2
    moon = 201.5643 + 385.81693528 * number + 0.0107582 * t**2
    latitude = 160.7108 + 390.67050284 * number - 0.0016118 * t**2
    node = 124.7746 - 1.56375588 * number + 0.0020672 * t**2
    found = 2451550.09766 + 29.530588861 * number + 0.00015437 * t**2
    found += sum(size * e**power * sin(radians(a * sun + b * moon + c * latitude)) for size, power, a, b, c in _TERMS)
    found -= 0.00017 * sin(radians(node))
    found += 0.000325 * sin(radians(299.77 + 0.107408 * number - 0.009173 * t**2))
    return found - _EPOCH_JD + _TO_CHINA


def sun_longitude(day: float) -> float:
    """Apparent longitude in degrees at a China time in days from the midnight that began 2000."""
    t = (day - _TO_CHINA + _EPOCH_JD - 2451545.0) / 36525
    anomaly = radians(357.52911 + 35999.05029 * t - 0.0001537 * t**2)
    centre = (1.914602 - 0.004817 * t) * sin(anomaly) + (0.019993 - 0.000101 * t) * sin(2 * anomaly)
    centre += 0.000289 * sin(3 * anomaly)
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t**2
    return (mean + centre - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))) % 360


def term(day: int) -> int:
    """The principal term that the sun has reached by the midnight that ends a day: 0 is the March equinox."""
    return floor(sun_longitude(day + 1) / 30)


def months(year: int) -> list[int]:
    """The first days of the months from the one that holds the solstice of `year` − 1 to that of `year`, both in."""
    near = round((year - 2000) * 12.3685)
    days = [floor(new_moon(number)) for number in range(near - 4, near + 18)]
    solstices = []
    for solstice_year in (year - 1, year):
        day = (date(solstice_year, 12, 15) - _EPOCH).days
        while term(day) != 9:
            day += 1
        solstices.append(day)
    first, last = (max(day for day in days if day <= solstice) for solstice in solstices)
    return [day for day in days if first <= day <= last]


def new_year(year: int) -> date:
    """The first day of the first month."""
    starts = months(year)
    place = 2
    if len(starts) == 14:  # thirteen months and the next eleventh
        without = [n for n in range(13) if term(starts[n + 1] - 1) == term(starts[n] - 1)]
        place += without[0] <= 2
    return _EPOCH + timedelta(days=starts[place])


def margin(year: int) -> float:
    """How many minutes the new moon of the new year is away from a midnight."""
    day = (new_year(year) - _EPOCH).days
    number = round((day - 5.76) / 29.530588861)
    at = min((new_moon(number + by) for by in (-1, 0, 1)), key=lambda at: abs(at - day - 0.5))
    return min(at % 1, 1 - at % 1) * 1440
