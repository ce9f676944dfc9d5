"""A certificate authority for tests: it issues, revokes, and makes what a client may not use."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gangmu.foundation.settings import clock


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """One CA."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._issue(name, self.key, ca=True)

    def _issue(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        *,
        ca: bool = False,
        begins: datetime | None = None,
        ends: datetime | None = None,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    ) -> x509.Certificate:
        now = clock.now()
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins or now - timedelta(days=1))
            .not_valid_after(ends or now + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def issue(self, name: str, **options: object) -> x509.Certificate:
        """A certificate for a person."""
        return self._issue(name, ec.generate_private_key(ec.SECP256R1()), **options)  # type: ignore[arg-type]

    def revoke(
        self, *certificates: x509.Certificate, next_update: datetime | None = None, by: "Authority | None" = None
    ) -> bytes:
        """A revocation list, in PEM; signed by somebody else's key with `by`."""
        now = clock.now()
        made = x509.CertificateRevocationListBuilder().issuer_name(_name(self.name)).last_update(now)
        made = made.next_update(next_update or now + timedelta(days=7))
        for one in certificates:
            revoked = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(now).build()
            made = made.add_revoked_certificate(revoked)
        signed = made.sign((by or self).key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def header(certificate: x509.Certificate) -> str:
    """As nginx writes `$ssl_client_escaped_cert`."""
    return quote(pem(certificate).decode(), safe="")


def trust(home: Path, authority: Authority) -> Path:
    """Let an installation know a CA; the folder for its lists."""
    folder = home / "certificates"
    folder.mkdir(exist_ok=True)
    (folder / "ca.pem").write_bytes(pem(authority.certificate))
    return folder
