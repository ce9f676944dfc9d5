"""Arithmetic on integers of any size, in int64 as long as that is certain to hold every result.

An array is int64, or object with Python integers. A scalar int stands for the same number everywhere.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[Any]
IntegersOrOne = Integers | int

LARGEST = 2**63 - 1


def peak(values: IntegersOrOne) -> int:
    """The largest absolute value; 0 of nothing."""
    if isinstance(values, int):
        return abs(values)
    if values.size == 0:
        return 0
    return max(abs(int(values.max())), abs(int(values.min())))


def wide(values: IntegersOrOne) -> IntegersOrOne:
    """The same numbers with Python integers inside."""
    return values if isinstance(values, int) or values.dtype == object else values.astype(object)


def narrow(values: IntegersOrOne) -> IntegersOrOne:
    """The same numbers, in int64 when they fit."""
    if isinstance(values, int) or values.dtype != object:
        return values
    return values.astype(np.int64) if peak(values) <= LARGEST else values


def integers(values: Any) -> Integers:
    """Any integers as an array of int64, or of Python integers when they do not fit."""
    array = np.asarray(values)
    if array.dtype == object:
        return np.asarray(narrow(array))
    if array.dtype == np.uint64:
        return np.asarray(narrow(array.astype(object)))
    if array.dtype.kind not in "iub" and array.size:
        raise TypeError(f"integers are needed, not {array.dtype}")
    return array.astype(np.int64, copy=False)


def times(left: IntegersOrOne, right: IntegersOrOne) -> IntegersOrOne:
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    if (isinstance(left, int) and left == 1) or (isinstance(right, int) and right == 1):
        return right if isinstance(left, int) else left
    # Not `* 0`: an int beyond int64 does not mix with an int64 array even where that holds only zeros.
    if max(peak(left), 1) * max(peak(right), 1) > LARGEST:
        return wide(left) * wide(right)
    return left * right


def plus(left: IntegersOrOne, right: IntegersOrOne) -> IntegersOrOne:
    if not (isinstance(left, int) and isinstance(right, int)) and peak(left) + peak(right) > LARGEST:
        return wide(left) + wide(right)
    return left + right


def halves_up(numerator: Integers, denominator: IntegersOrOne) -> Integers:
    """numerator / denominator rounded to the nearest integer, halves away from zero."""
    if 2 * (peak(numerator) + peak(denominator)) > LARGEST:
        numerator, denominator = np.asarray(wide(numerator)), wide(denominator)
    size = (2 * np.abs(numerator) + denominator) // (2 * denominator)
    return np.asarray(narrow(np.where(numerator < 0, -size, size)))
