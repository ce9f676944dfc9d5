"""An open load: pages are asked for at a given rate whether or not earlier ones have been answered.

Arrivals are drawn beforehand (exponential gaps from a seed), and a page's time runs from the moment it was due, not
from when a connection was free: a server that stalls is charged for everybody who would have come meanwhile. HTTP/1.1
with a connection a session, gzip, nothing kept between pages.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Page:
    """One page to ask for: whose cookies, which address, and whether only the part that changes."""

    cookie: str
    path: str
    is_part: bool = False


@dataclass(frozen=True)
class Asked:
    """How it went. `seconds` from when it was due; `status` 0 where there was no answer."""

    seconds: float
    status: int
    size: int


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, limit=2**20)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, page: Page) -> tuple[int, int]:
    part = "HX-Request: true\r\nHX-Target: board\r\n" if page.is_part else ""
    writer.write(
        f"GET {page.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {page.cookie}\r\nAccept-Encoding: gzip\r\n"
        f"Accept-Language: zh-CN\r\n{part}\r\n".encode()
    )
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if "content-length" in headers:
        size = int(headers["content-length"])
        await reader.readexactly(size)
        return status, size
    size = 0
    while chunk := int((await reader.readline()).strip() or b"0", 16):
        await reader.readexactly(chunk + 2)
        size += chunk
    await reader.readline()
    return status, size


class _Session:
    """One browser: a connection that is kept, one page after the other."""

    def __init__(self, port: int) -> None:
        self._port, self._lock = port, asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, page: Page, due: float, patience: float) -> Asked:
        status = size = 0
        async with self._lock:
            try:
                async with asyncio.timeout(patience):
                    if self._streams and self._streams[0].at_eof():  # closed while idle: as browsers do
                        self._streams[1].close()
                        self._streams = None
                    self._streams = self._streams or await _connect(self._port)
                    status, size = await _ask(*self._streams, page)
            except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
                if self._streams:
                    self._streams[1].close()
                self._streams = None
        return Asked(time.perf_counter() - due, status, size)


def arrivals(rate: float, seconds: float, random: Random) -> list[float]:
    """When pages are due, in seconds from the start."""
    found, at = [], 0.0
    while (at := at + random.expovariate(rate)) < seconds:
        found.append(at)
    return found


def run(port: int, pages: Sequence[Sequence[Page]], rate: float, seconds: float, seed: int = 1) -> list[Asked]:
    """Ask for `rate` pages a second for so many seconds; each arrival is a page of a session drawn at random.

    Args:
        pages: for each session the pages that it may ask for.
    """
    random = Random(seed)
    plan = [(at, which, random.choice(pages[which])) for at in arrivals(rate, seconds, random)
            for which in [random.randrange(len(pages))]]  # fmt: skip

    async def go() -> list[Asked]:
        sessions = [_Session(port) for _ in pages]
        start = time.perf_counter()
        tasks = []
        for at, which, page in plan:
            await asyncio.sleep(max(0.0, start + at - time.perf_counter()))
            tasks.append(asyncio.create_task(sessions[which].ask(page, start + at, 30.0)))
        return list(await asyncio.gather(*tasks))

    return asyncio.run(go())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
