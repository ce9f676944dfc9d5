"""Client certificates (CA 数字证书). A proxy that ends TLS checks the handshake and passes the certificate on.

The header `X-Client-Certificate` (PEM, URL-encoded) counts from proxies in `TRUSTED_PROXIES` alone, and is judged anew:
issued by a CA of the installation, valid now, for clients, not revoked by a list that is itself signed and current.
Files, all PEM: `certificates/ca.pem` (one or several CAs) and `certificates/*.crl` in the data folder.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from gangmu.foundation.accounts.models import Certificate, User
from gangmu.foundation.settings import clock

HEADER = "HTTP_X_CLIENT_CERTIFICATE"
LONGEST = 16_000
SKEW = timedelta(minutes=2)  # by which another machine's clock may be ahead of ours


class Refused(Exception):
    """The certificate opens nothing. `why` is a word for the record: nobody else is told more than that."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def passed_on(request: HttpRequest) -> str:
    """What a trusted proxy says of the client's certificate. What anybody else said was taken away before."""
    return getattr(request, "claims", {}).get(HEADER, "")


def presented(request: HttpRequest) -> x509.Certificate | None:
    """The certificate that a trusted proxy passed on; None without one.

    Raises:
        Refused: a header that holds no certificate.
    """
    text = passed_on(request)
    if not text:
        return None
    if len(text) > LONGEST:
        raise Refused("too-large")
    try:
        return x509.load_pem_x509_certificate(unquote(text).replace("\t", "\n").encode())
    except ValueError as problem:
        raise Refused("malformed") from problem


def _folder() -> Path:
    return Path(settings.GANGMU_HOME) / "certificates"


def authorities() -> list[x509.Certificate]:
    """The CAs whose certificates count."""
    path = _folder() / "ca.pem"
    return x509.load_pem_x509_certificates(path.read_bytes()) if path.exists() else []


def revocation_lists(issuer: x509.Certificate) -> list[x509.CertificateRevocationList]:
    """The revocation lists of a CA.

    Raises:
        Refused: one is not signed by it.
    """
    found = []
    for path in sorted(_folder().glob("*.crl")):
        one = x509.load_pem_x509_crl(path.read_bytes())
        if one.issuer == issuer.subject:
            if not one.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                raise Refused("revocation-list-forged")
            found.append(one)
    return found


def judge(certificate: x509.Certificate) -> None:
    """Whether a certificate is one of ours, and good today.

    Raises:
        Refused: it is not.
    """
    now = clock.now()
    issuer = issuer_of(certificate)
    for one in (certificate, issuer):
        if now + SKEW < one.not_valid_before_utc:
            raise Refused("not-yet-valid")
        if now >= one.not_valid_after_utc:
            raise Refused("expired")
    _require_for_clients(certificate)
    for revoked in revocation_lists(issuer):
        if revoked.next_update_utc is not None and now >= revoked.next_update_utc:
            raise Refused("revocation-list-stale")
        if revoked.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            raise Refused("revoked")


def issuer_of(certificate: x509.Certificate) -> x509.Certificate:
    """The CA of the installation that issued a certificate.

    Raises:
        Refused: none did.
    """
    for one in authorities():
        if one.subject != certificate.issuer:
            continue
        try:
            certificate.verify_directly_issued_by(one)
            if one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return one
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            continue
    raise Refused("other-issuer")


def _require_for_clients(certificate: x509.Certificate) -> None:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        if basic.ca:
            raise Refused("not-for-clients")
    except x509.ExtensionNotFound:
        pass
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise Refused("not-for-clients")


def fingerprint(certificate: x509.Certificate) -> str:
    """By what a binding knows a certificate."""
    return certificate.fingerprint(SHA256()).hex()


def read(content: bytes) -> x509.Certificate:
    """A certificate from a file, PEM or DER.

    Raises:
        Refused: the file holds none.
    """
    if len(content) > LONGEST:
        raise Refused("too-large")
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError as problem:
        raise Refused("malformed") from problem


def bind(user: User, certificate: x509.Certificate) -> Certificate:
    """Let a certificate stand for an account: one's own, or one that the database lets the asker look after.

    Raises:
        Refused: the certificate is not good, or stands for an account already.
    """
    judge(certificate)
    issuer, serial = certificate.issuer.rfc4514_string()[:500], f"{certificate.serial_number:x}"
    made = Certificate(
        user=user,
        fingerprint=fingerprint(certificate),
        issuer=issuer,
        serial=serial,
        subject=certificate.subject.rfc4514_string()[:500],
        valid_to=certificate.not_valid_after_utc,
        bound_at=clock.now(),
    )
    with connection.cursor() as cursor:
        values = [user.pk, made.fingerprint, issuer, serial, made.subject, made.valid_to, made.bound_at]
        cursor.execute("SELECT accounts_bind_certificate(%s, %s, %s, %s, %s, %s, %s)", values)
        (made.pk,) = cursor.fetchone()
    if made.pk is None:
        raise Refused("bound")
    return made


def holder(certificate: x509.Certificate) -> int:
    """Whose certificate this is.

    Raises:
        Refused: it is not good, or nobody's.
    """
    judge(certificate)
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_certificate_holder(%s)", [fingerprint(certificate)])
        (user_id,) = cursor.fetchone()
    if user_id is None:
        raise Refused("unbound")
    return user_id
