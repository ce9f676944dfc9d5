"""Fuel in a yard: what is burned goes out, trains and lorries bring it back, and seldom somebody measures."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from gangmu.business.power.demonstration.figures.calendar import Calendar
from gangmu.business.power.demonstration.figures.noise import Floats, Ints, Keys, between, own, white

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Yard:
    """All in steps of the indicator's precision (0.1 t), so that the balance closes exactly."""

    opening: Ints
    received: Ints
    taken: Ints  # stock-taking, 0 on most days
    is_taken: np.ndarray
    closing: Ints


def yard(
    of: Keys, calendar: Calendar, used: Ints, target: Floats, least: Ints, load: Floats, *, taking: int = 3
) -> Yard:
    """The days of a yard since the epoch.

    Args:
        used: what is burned each day.
        target: where the stock should stand.
        least: what must be there at the end of a day.
        load: of one train or lorry convoy; one a plant.
        taking: the stock is measured on the last day of every so many months.
    """
    shape = used.shape
    opening, received, closing = (np.zeros(shape, np.int64) for _part in range(3))
    taken = np.zeros(shape, np.int64)
    is_taken = np.broadcast_to(_last_days(calendar, taking), shape)
    luck = white(of, "deliveries", calendar.ordinals)
    found = white(of, "stock-taking", calendar.ordinals) * 0.0022
    weight = 1 + 0.02 * white(of, "train", calendar.ordinals)
    eager = between(of, "eager", 0.10, 0.18)
    train = load * between(of, "train", 0.94, 1.06)
    stock = np.rint(target[:, 0] * between(of, "first stock", 0.93, 1.07)).astype(np.int64)
    usual = used[:, 0].astype(np.float64)
    for day in range(shape[1]):
        opening[:, day] = stock
        usual += (used[:, day] - usual) * 0.12
        wanted = usual + eager * (target[:, day] - stock + used[:, day])
        trains = np.maximum(np.floor(wanted / train + 0.5 + 0.45 * luck[:, day]), 0)
        size = train * weight[:, day]
        taken[:, day] = np.where(is_taken[:, day], np.rint(found[:, day] * stock), 0)
        lacking = least[:, day] * 1.02 - (stock + taken[:, day] - used[:, day])
        trains = np.maximum(trains, np.ceil(lacking / size))
        received[:, day] = np.rint(trains * size)
        stock = stock + received[:, day] + taken[:, day] - used[:, day]
        closing[:, day] = stock
    return Yard(opening, received, taken, is_taken, closing)


def _last_days(calendar: Calendar, every: int) -> np.ndarray:
    following = [(day + ONE_DAY).month for day in calendar.days]
    return np.array(
        [month % every == 0 and after != month for month, after in zip(calendar.months, following, strict=True)]
    )[None, :]


def offset(of: Keys) -> Floats:
    """How much more or less a yard holds than others."""
    return 0.92 + 0.2 * own(of, "yard")[:, None]
