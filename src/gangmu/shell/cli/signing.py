"""gangmu sign-agent: the reference of a signing program that runs on the person's own computer."""

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from gangmu.shell.cli.words import text as _

LONGEST = 64_000
FORMAT = "gangmu-decision-1"


class Agent(ThreadingHTTPServer):
    """Signs decisions for pages of one site with one key, on loopback alone."""

    daemon_threads = True

    def __init__(self, port: int, origin: str, held: tuple[Any, Any, list[Any]], ask: bool) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.origin, self.held, self.ask = origin, held, ask

    def sign(self, content: bytes) -> bytes:
        """A detached signature over what was sent, as DER."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

        key, certificate, _others = self.held
        signer = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
        return signer.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])


class Handler(BaseHTTPRequestHandler):
    """POST /sign with the text of a decision; anything else, and pages of other sites, are refused."""

    server: Agent

    def do_OPTIONS(self) -> None:
        self._answer(204 if self._is_from_our_site() else 403)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/sign" or not self._is_from_our_site() or not 0 < length <= LONGEST:
            self._answer(403)
            return
        content = self.rfile.read(length)
        told = _decision(content)
        if told is None:
            self._answer(400)
            return
        click.echo(f"{told['at']} {told['action']} · {told['title']} · {told['content_sha256'][:16]}")
        if self.server.ask and not click.confirm(_("Sign this?")):
            self._answer(403)
            return
        signature = base64.b64encode(self.server.sign(content)).decode()
        self._answer(200, json.dumps({"signature": signature}).encode())

    def _is_from_our_site(self) -> bool:
        return self.headers.get("Origin") == self.server.origin

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", self.server.origin)
        self.send_header("Access-Control-Allow-Methods", "POST")
        self.send_header("Access-Control-Allow-Headers", "Content-Type")
        self.send_header("Access-Control-Allow-Private-Network", "true")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _decision(content: bytes) -> dict[str, Any] | None:
    """What is to be signed, when it is a decision of this product and nothing else."""
    try:
        told = json.loads(content)
        return told if told["format"] == FORMAT and {"at", "action", "title", "content_sha256"} <= told.keys() else None
    except (ValueError, KeyError, TypeError):
        return None


def read_key(path: Path, password: str) -> tuple[Any, Any, list[Any]]:
    """Key, certificate and further certificates of a PKCS #12 file.

    Raises:
        click.ClickException: it cannot be opened, or holds no key.
    """
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    try:
        key, certificate, others = load_key_and_certificates(path.read_bytes(), password.encode() or None)
    except ValueError as problem:
        raise click.ClickException(_("%(file)s cannot be opened: wrong password?") % {"file": path}) from problem
    if key is None or certificate is None:
        raise click.ClickException(_("%(file)s holds no key with a certificate.") % {"file": path})
    return key, certificate, others


@click.command()
@click.option("--p12", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your key.")
@click.option("--origin", required=True, help="The site whose pages may ask, such as https://figures.example.com.")
@click.option("--port", default=17321, show_default=True, help="Where it listens on this computer.")
@click.option("--yes", is_flag=True, help="Sign without asking each time.")
@click.password_option("--password", help="The file's password; asked for when left out.", confirmation_prompt=False)
def sign_agent_command(p12: Path, origin: str, port: int, yes: bool, password: str) -> None:
    """Sign decisions for pages of one site with a key of this computer; USB keys bring their own program."""
    agent = Agent(port, origin.rstrip("/"), read_key(p12, password), not yes)
    click.echo(f"http://127.0.0.1:{port} · {origin}")
    agent.serve_forever()
