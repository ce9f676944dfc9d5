"""Certificates of servers on loopback, for tests."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _made(name: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, ca: bool):
    now = datetime.now(UTC)  # real servers and clients look at the machine's clock
    usage = x509.KeyUsage(True, False, False, False, False, ca, ca, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    return made


def make_server_certificate(
    folder: Path, *, names: tuple[str, ...] = ("localhost",), addresses: tuple[str, ...] = ("127.0.0.1",)
) -> Path:
    """Write ca.pem, server.pem and server.key (PKCS#8); where the CA's is."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _made("Tests", "Tests", authority, authority, ca=True).sign(authority, hashes.SHA256())
    known = [*(x509.DNSName(one) for one in names), *(x509.IPAddress(ip_address(one)) for one in addresses)]
    server = _made("server", "Tests", key, authority, ca=False)
    server = server.add_extension(x509.SubjectAlternativeName(known), critical=False).sign(authority, hashes.SHA256())
    (folder / "ca.pem").write_bytes(root.public_bytes(PEM))
    (folder / "server.pem").write_bytes(server.public_bytes(PEM))
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(private)
    return folder / "ca.pem"
