"""Files in memory. `numpy.memmap` does the same; most of its time goes into following the path's links."""

import mmap
from pathlib import Path

import numpy as np
import numpy.typing as npt


class Mapped:
    """A file as an array of bytes, which stays mapped for as long as the array or a view of it lives."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        with open(path, "r+b" if write else "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
        self.bytes: npt.NDArray[np.uint8] = np.frombuffer(self._map, np.uint8)

    def forget(self) -> None:
        """Let the process hold none of the file's pages: they are mapped again when somebody looks at them."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def flush(self) -> None:
        """Have the operating system write everything to disk."""
        self._map.flush()
