"""Numbers for the properties of this room."""

from fractions import Fraction

from hypothesis import strategies as st

FIGURES = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
POSITIVE = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000)
DIGITS = st.integers(0, 6)
