"""The line to a receiver: a socket that frames messages and tells when nobody is there any more."""

import contextlib
import fcntl
import re
import select
import socket
import ssl
import struct
import termios
import time
from dataclasses import dataclass

PATIENCE = 10.0  # seconds that a receiver may take for anything


class Unreachable(Exception):
    """The receiver does not take what is sent; the text says why."""


@dataclass(frozen=True)
class Address:
    """udp://, tcp:// or tls:// with host and port."""

    kind: str
    host: str
    port: int


def read_address(url: str) -> Address:
    """An address as it is written.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"(udp|tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[^/\s:\[\]]+):(\d{1,5})", url)
    if not found or not 0 < int(found[3]) < 65536:
        raise ValueError(url)
    return Address(found[1], found[2].strip("[]"), int(found[3]))


class Line:
    """An open line. Over UDP nobody says what arrived; over TCP and TLS `settle` waits until the other side has it."""

    def __init__(self, address: Address, ca: str = "") -> None:
        self.address = address
        try:
            self._socket = self._open(ca)
        except (OSError, ValueError) as problem:
            raise Unreachable(_said(problem)) from problem

    def _open(self, ca: str) -> socket.socket:
        where = (self.address.host, self.address.port)
        if self.address.kind == "udp":
            family, kind, protocol, _name, at = socket.getaddrinfo(*where, type=socket.SOCK_DGRAM)[0]
            plain = socket.socket(family, kind, protocol)
            plain.connect(at)
            return plain
        plain = socket.create_connection(where, timeout=PATIENCE)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self.address.kind == "tcp":
            return plain
        context = ssl.create_default_context(cadata=ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            return context.wrap_socket(plain, server_hostname=self.address.host)
        except (OSError, ValueError):
            plain.close()
            raise

    def send(self, messages: list[bytes]) -> None:
        """Send messages; a receiver that is slow holds us up, one that is gone raises.

        Raises:
            Unreachable: it takes no more.
        """
        try:
            for message in messages:
                if self.address.kind == "udp":
                    self._socket.send(message)
                else:  # octet counting, in RFC 5425 as in RFC 6587
                    self._socket.sendall(b"%d %s" % (len(message), message))
        except OSError as problem:
            raise Unreachable(_said(problem)) from problem

    def settle(self) -> None:
        """Wait until the other machine has acknowledged every byte, and see whether it has hung up.

        Raises:
            Unreachable: it has not, or it has.
        """
        if self.address.kind == "udp":
            return
        until = time.monotonic() + PATIENCE
        while self._unacknowledged():
            if time.monotonic() > until:
                raise Unreachable("the receiver acknowledges nothing")
            select.select([], [], [], 0.005)
        self._hear()

    def _unacknowledged(self) -> int:
        try:
            return struct.unpack("i", fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0]
        except OSError as problem:
            raise Unreachable(_said(problem)) from problem

    def _hear(self) -> None:
        """A receiver says nothing; what can be read is its end."""
        self._socket.settimeout(0)
        try:
            while data := self._socket.recv(4096):
                del data
            raise Unreachable("the receiver has hung up")
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError as problem:
            raise Unreachable(_said(problem)) from problem
        finally:
            with contextlib.suppress(OSError):
                self._socket.settimeout(PATIENCE)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()


def _said(problem: Exception) -> str:
    return (str(problem) or type(problem).__name__)[:300]
