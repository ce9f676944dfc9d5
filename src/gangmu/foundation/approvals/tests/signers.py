"""A CA whose people sign, for tests: keys, certificates, revocation lists, and signatures in every bad form."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from gangmu.foundation.settings import clock


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Signer:
    """A person's key and certificate."""

    key: Any
    certificate: x509.Certificate

    def sign(self, content: bytes, digest: Any = None, *options: PKCS7Options) -> bytes:
        """A detached signature, DER."""
        made = PKCS7SignatureBuilder().set_data(content)
        made = made.add_signer(self.certificate, self.key, digest or hashes.SHA256())
        return made.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary, *options])

    def pem(self, folder: Path) -> Path:
        """Key and certificate in one file, as openssl takes them."""
        path = folder / "me.pem"
        secret = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM) + secret)
        return path

    def p12(self, folder: Path, password: str) -> Path:
        """The same as PKCS #12."""
        path = folder / "me.p12"
        locked = BestAvailableEncryption(password.encode())
        path.write_bytes(serialize_key_and_certificates(b"me", self.key, self.certificate, None, locked))
        return path


class Authority:
    """One CA."""

    def __init__(self, name: str = "Test CA") -> None:
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._issue(name, self.key.public_key(), True, {})

    def _issue(self, name: str, public: Any, ca: bool, options: dict[str, Any]) -> x509.Certificate:
        now = clock.now()
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(options.get("begins", now - timedelta(days=1)))
            .not_valid_after(options.get("ends", now + timedelta(days=365)))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        usages = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
        usages += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
        allowed = {"key_cert_sign", "crl_sign"} if ca else options.get("usage", {"digital_signature"})
        made = made.add_extension(x509.KeyUsage(**{usage: usage in allowed for usage in usages}), critical=True)
        if not ca:
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def issue(self, name: str, key: Any = None, **options: Any) -> Signer:
        """A key and certificate for a person."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        return Signer(key, self._issue(name, key.public_key(), False, options))

    def issue_rsa(self, name: str, size: int = 2048, **options: Any) -> Signer:
        return self.issue(name, rsa.generate_private_key(65537, size), **options)

    def trust(self) -> Path:
        """Let the installation know the CA; the folder for its lists."""
        folder = Path(settings.GANGMU_HOME) / "certificates"
        folder.mkdir(exist_ok=True, parents=True)
        (folder / "ca.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return folder

    def revoke(self, *certificates: x509.Certificate) -> None:
        """Publish a revocation list that names these."""
        now = clock.now()
        made = x509.CertificateRevocationListBuilder().issuer_name(_name(self.name)).last_update(now)
        made = made.next_update(now + timedelta(days=7))
        for one in certificates:
            revoked = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(now).build()
            made = made.add_revoked_certificate(revoked)
        signed = made.sign(self.key, hashes.SHA256())
        (Path(settings.GANGMU_HOME) / "certificates" / "ca.crl").write_bytes(signed.public_bytes(Encoding.PEM))
