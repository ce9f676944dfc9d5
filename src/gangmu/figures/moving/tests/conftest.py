"""The world of the cube's own tests."""

from gangmu.figures.cube.tests.conftest import world

__all__ = ["world"]
