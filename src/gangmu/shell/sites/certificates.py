"""`python -m gangmu.shell.sites.certificates`: one site once more, on a port that asks for the client's certificate.

The site's own web server passes no certificate on, so this is a server of its own: the same application, and TLS that
asks for a certificate. The handshake proves that the client holds its key; whose it is, and whether it is good today,
the application judges (`accounts.factors.certificates`), so that a refusal is a page with a reason to the person, and a
record. The certificate reaches the application beside the headers, where no client can write.
See docs/decisions/0008-a-listener-for-certificates.md.
"""

import argparse
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cheroot import wsgi
from cheroot.connections import ConnectionManager
from cheroot.ssl.pyopenssl import pyOpenSSLAdapter
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from gangmu.shell.sites.networks import CLIENT_CERTIFICATE

PATIENCE = 10  # seconds for a handshake, for the next piece of a request, and until an idle connection is closed
THREADS = 16
HEADERS_AT_MOST = 64 * 1024
BODY_AT_MOST = 64 * 1024 * 1024
WAITING_AT_MOST = 64
IDLE_AT_MOST = 200

logger = logging.getLogger(__name__)


class Terms:
    """What is said in handshakes, read anew when one of its files has changed: no restart for a renewed certificate."""

    def __init__(self, certificate: Path, key: Path, authorities: Path) -> None:
        self.certificate, self.key, self.authorities = certificate, key, authorities
        self._read_at: tuple[Any, ...] = ()
        self._context: SSL.Context | None = None

    def context(self) -> SSL.Context:
        """Those of now; those before, when what stands there cannot be used."""
        seen = tuple(_changed_at(path) for path in (self.certificate, self.key, self.authorities))
        if self._context is None or seen != self._read_at:
            try:
                self._context = self._made()
            except (SSL.Error, OSError, ValueError):
                if self._context is None:
                    raise
                logger.exception("the certificate cannot be read anew; the one before stays")
            self._read_at = seen
        return self._context

    def _made(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
        context.set_options(SSL.OP_CIPHER_SERVER_PREFERENCE)
        context.set_cipher_list(b"ECDHE+AESGCM:ECDHE+CHACHA20")
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)  # each connection shows its certificate itself
        context.use_certificate_chain_file(str(self.certificate))
        context.use_privatekey_file(str(self.key))
        context.check_privatekey()
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)  # who it is, the application judges
        if self.authorities.exists():  # a browser offers certificates of these alone
            for one in x509.load_pem_x509_certificates(self.authorities.read_bytes()):
                context.add_client_ca(one)
        return context


def _changed_at(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


class Adapter(pyOpenSSLAdapter):
    """TLS for connections; the handshake is made by the thread that answers, so that a slow one holds up no other."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(str(terms.certificate), str(terms.key))
        self.terms = terms

    def bind(self, sock: socket.socket) -> socket.socket:
        return sock

    def wrap(self, sock: socket.socket) -> tuple[Any, dict[str, str]]:
        connection = SSL.Connection(self.terms.context(), sock)
        connection.set_accept_state()
        return connection, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class Gateway(wsgi.Gateway_10):
    """Puts the client's certificate beside the headers."""

    def get_environ(self) -> dict[str, Any]:
        environ = super().get_environ()
        shown = self.req.conn.socket.get_peer_certificate(as_cryptography=True)
        environ[CLIENT_CERTIFICATE] = shown.public_bytes(Encoding.PEM).decode("ascii") if shown else ""
        return environ


class Waiting(ConnectionManager):
    """Gives a connection to a thread when it has said something: one that says nothing holds up nobody."""

    def _from_server_socket(self, server_socket: socket.socket) -> None:
        connection = super()._from_server_socket(server_socket)
        if connection is not None:
            self.put(connection)


class Server(wsgi.Server):
    """A server that waits."""

    def prepare(self) -> None:
        super().prepare()
        self._connections._selector.close()
        self._connections = Waiting(self)


def server(host: str, port: int, application: Callable[..., Any], terms: Terms) -> Server:
    """A server, ready to be started; what cannot be read of `terms` is said now."""
    terms.context()
    made = Server(
        (host, port),
        application,
        numthreads=THREADS,
        max=THREADS,
        server_name="gangmu",
        request_queue_size=WAITING_AT_MOST,
        timeout=PATIENCE,
        shutdown_timeout=5,
        accepted_queue_size=WAITING_AT_MOST,
        accepted_queue_timeout=PATIENCE,
    )
    made.gateway = Gateway
    made.ssl_adapter = Adapter(terms)
    made.max_request_header_size = HEADERS_AT_MOST
    made.max_request_body_size = BODY_AT_MOST
    made.keep_alive_conn_limit = IDLE_AT_MOST
    made.error_log = _log
    return made


def _log(text: str = "", level: int = 20, traceback: bool = False) -> None:
    """Handshakes that fail are everyday; what the server does not expect is told."""
    logger.log(level, "%s", text, exc_info=traceback and level >= logging.ERROR)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    for name in ("--host", "--certificate", "--key"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", required=True, type=int)
    given = parser.parse_args(arguments)

    from gangmu.foundation.settings.home import home
    from gangmu.shell.wsgi import application

    terms = Terms(Path(given.certificate), Path(given.key), home() / "certificates" / "ca.pem")
    running = server(given.host, given.port, application, terms)

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        running.start()
    running.stop()
    sys.exit(0)


if __name__ == "__main__":
    main()
