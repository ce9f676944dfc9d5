"""Why a curve is not shown."""

from gangmu.figures.cube.errors import CannotAnswer


class CurveError(CannotAnswer):
    """A question about curves that has no answer; the text says why and what to ask instead."""
