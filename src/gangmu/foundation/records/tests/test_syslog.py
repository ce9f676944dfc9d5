"""The record reaches real receivers on loopback: over UDP, TCP and TLS, through restarts and dead ones."""

import contextlib
import ipaddress
import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection

from gangmu.foundation.records.models import Alarm, Event, Receiver
from gangmu.foundation.records.services import note
from gangmu.foundation.records.syslog import Address, Follower, Told, adopt_environment, message, read_address
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_world

TOLD = Told(
    event=7,
    xact=9,
    kind="accounts.signed-in",
    refused=False,
    at=datetime(2026, 11, 20, 1, 2, 3, 456, tzinfo=UTC),
    by='甲 "]\\ x',
    by_id=3,
    organisation="P1",
    subject="",
    ip="10.0.0.1",
    request="",
    data={"a": "行\n二"},
)
NUMBERED = re.compile(rb'event="(\d+)"')


def test_a_message_is_what_rfc_5424_says():
    assert (
        message(TOLD, "host 甲")
        == (
            "<109>1 2026-11-20T01:02:03.000456Z host?? gangmu - accounts.signed-in "
            '[gangmu@32473 event="7" kind="accounts.signed-in" outcome="done" by="甲 \\"\\]\\\\ x" by_id="3" '
            'organisation="P1" address="10.0.0.1"] \ufeff{"a":"行\\n二"}'
        ).encode()
    )


def test_a_long_one_is_cut_for_a_datagram_and_says_so():
    long = message(Told(**{**TOLD.__dict__, "data": {"a": "行" * 5000}}), "h", longest=1000)
    assert len(long) <= 1000
    assert b'cut="1"' in long
    long.decode()


@pytest.mark.parametrize("url", ["http://a:1", "tls://a", "tls://a:0", "tls://a:70000", "udp://a b:1", "tcp://:1"])
def test_what_is_no_address(url):
    with pytest.raises(ValueError, match=re.escape(url)):
        read_address(url)


def test_an_address_of_ipv6():
    assert read_address("tls://[::1]:6514") == Address("tls", "::1", 6514)


class Server:
    """A receiver: keeps what it gets, message by message."""

    def __init__(self, context=None, port=0):
        self.messages: list[bytes] = []
        self.came = threading.Condition()
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                line, _peer = self.listener.accept()
                if self.context:
                    line = self.context.wrap_socket(line, server_side=True)
            except OSError:
                if self.listener.fileno() < 0:
                    return
                continue
            self.lines.append(line)
            threading.Thread(target=self._read, args=[line], daemon=True).start()

    def _read(self, line):
        buffer = b""
        try:
            while block := line.recv(65536):
                buffer += block
                while (space := buffer.find(b" ")) > 0 and len(buffer) >= space + 1 + int(buffer[:space]):
                    length = int(buffer[:space])
                    with self.came:
                        self.messages.append(buffer[space + 1 : space + 1 + length])
                        self.came.notify_all()
                    buffer = buffer[space + 1 + length :]
        except OSError:
            pass

    def wait(self, count):
        with self.came:
            assert self.came.wait_for(lambda: len(self.messages) >= count, 10), len(self.messages)
        return [int(NUMBERED.search(one)[1]) for one in self.messages]  # type: ignore[index]

    def stop(self):
        with_reset(self.listener)
        for line in self.lines:
            with_reset(line)


def with_reset(line):
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@pytest.fixture
def server():
    one = Server()
    yield one
    one.stop()


@pytest.fixture
def world(committed, tmp_path):
    return make_world(tmp_path)


def follower(url, ca="") -> Follower:
    """A follower of a receiver that begins now, as the environment sets one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_horizon()")
        (horizon,) = cursor.fetchone()
    made = Receiver.objects.create(
        name="environment",
        url=url,
        ca=ca,
        from_environment=True,
        started_at=clock.now(),
        next_xact=horizon,
        safe_xact=horizon,
    )
    return Follower(made)


def noted(count, kind="tests.sent"):
    return [note(kind, data={"number": number}) for number in range(count)]


def test_every_event_arrives_in_order_over_tcp(world, server):
    before = noted(2)
    one = follower(f"tcp://127.0.0.1:{server.port}")
    numbers = noted(1200)
    assert one.step(0) == 1200
    assert server.wait(1200) == numbers
    assert not set(before) & set(numbers)
    assert one.step(1) == 0
    assert b"tests.sent" in server.messages[0]
    stands = Receiver.objects.get()
    assert (stands.sent, stands.last_event, stands.failing_since) == (1200, numbers[-1], None)


def test_what_commits_late_is_not_passed_over(world, server):
    """A number that was drawn early and committed late: nothing behind it is sent before it."""
    import psycopg

    one = follower(f"tcp://127.0.0.1:{server.port}")
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")}
    with psycopg.connect(**parameters) as slow:
        statement = "SELECT records_note('tests.slow', NULL, '', '{}', NULL, now(), NULL, false)"
        (number,) = slow.execute(statement).fetchone() or (0,)
        later = noted(3)
        assert one.step(0) == 0
        slow.commit()
    one.step(1)
    assert server.wait(4) == [number, *later]


def test_nothing_is_lost_over_a_restart_or_a_dead_receiver(world, server):
    one = follower(f"tcp://127.0.0.1:{server.port}")
    sent = noted(5)
    one.step(0)
    server.wait(5)
    server.stop()
    sent += noted(5)
    for at in range(1, 4):
        one.step(at * 100)
    stands = Receiver.objects.get()
    assert stands.failing_since is not None and stands.failure
    assert Event.objects.filter(kind="records.stream-failed").count() == 1
    again = Server(port=server.port)
    try:
        fresh = Follower(Receiver.objects.get())  # another process
        fresh.step(0)
        got = again.wait(5)
        assert set(sent[5:]) <= set(got)
        assert got == sorted(got)
        fresh.step(1)
        assert Receiver.objects.get().failing_since is None
        assert Event.objects.filter(kind="records.stream-resumed").count() == 1
    finally:
        again.stop()


def test_a_receiver_that_stays_dead_is_an_alarm_and_stops_nobody(world):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    one = follower(f"tcp://127.0.0.1:{port}")
    noted(1)
    with clock.frozen("2026-11-20T10:00+08:00"):
        one.step(0)
        assert one.pause > 0
        assert one.step(one.due - 0.1) == 0
    with clock.frozen("2026-11-20T10:06+08:00"):
        one.step(10_000)
    alarm = Alarm.objects.get(sign="stream")
    assert alarm.about == "receiver:environment"
    note("tests.after")


def test_over_udp(world):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        one = follower(f"udp://127.0.0.1:{listener.getsockname()[1]}")
        numbers = noted(3)
        note("tests.long", data={"text": "行" * 9000})
        assert one.step(0) == 4
        got = [listener.recv(65536) for _ in range(4)]
        assert [int(NUMBERED.search(text)[1]) for text in got[:3]] == numbers  # type: ignore[index]
        assert b'cut="1"' in got[3]


def certificate(folder, host="127.0.0.1"):
    """A CA that is its own server's, as PEM, and the context of that server."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"server-{host}.pem"
    path.write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return pem.decode(), context


def test_over_tls_to_a_certificate_of_its_ca_alone(world, tmp_path):
    pem, context = certificate(tmp_path)
    other, _context = certificate(tmp_path, "127.0.0.2")
    server = Server(context)
    try:
        one = follower(f"tls://127.0.0.1:{server.port}", pem)
        numbers = noted(600)
        assert one.step(0) == 600
        assert server.wait(600) == numbers
        Receiver.objects.update(ca=other)
        stranger = Follower(Receiver.objects.get())
        noted(1)
        assert stranger.step(0) == 0
        assert "certificate" in Receiver.objects.get().failure.lower()
    finally:
        server.stop()


def test_the_environment_sets_a_receiver_and_taking_it_away_is_recorded_and_an_alarm(world, monkeypatch):
    assert adopt_environment() is None
    monkeypatch.setenv("GANGMU_SYSLOG", "udp://127.0.0.1:5514")
    made = adopt_environment()
    assert made is not None and made.from_environment
    assert adopt_environment() == made
    assert Event.objects.filter(kind="records.stream-set").count() == 1
    monkeypatch.delenv("GANGMU_SYSLOG")
    assert adopt_environment() is None
    assert adopt_environment() is None
    assert Event.objects.filter(kind="records.stream-ended").count() == 1
    assert Alarm.objects.get(sign="stream").data["why"] == "taken away"
    monkeypatch.setenv("GANGMU_SYSLOG", "nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        adopt_environment()
