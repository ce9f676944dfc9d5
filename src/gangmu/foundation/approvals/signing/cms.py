"""Reading and verifying a detached signature: CMS SignedData (RFC 5652), as `openssl cms -sign` and USB keys make it.

What may sign is narrow on purpose: one signer, SHA-2, RSA of 2048 bits and more (PKCS #1 or PSS), ECDSA or Ed25519,
with signed attributes that name the content. Whether the certificate is anybody's is asked elsewhere.
The grammars are loaded when a signature comes.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

LONGEST = 64_000
SMALLEST_RSA = 2048
DIGESTS: dict[str, Any] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
PKCS1 = {"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13"}
PSS = "1.2.840.113549.1.1.10"
ECDSA = {"1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"}
ED25519 = "1.3.101.112"


class Unsound(Exception):
    """The signature proves nothing. `why` is a word for the record."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Sound:
    """A signature that holds over the content, by the key of this certificate."""

    certificate: x509.Certificate
    der: bytes


def verify(signature: bytes, content: bytes) -> Sound:
    """Verify a detached signature over `content`.

    Args:
        signature: CMS as DER, PEM or base64.

    Raises:
        Unsound: it is none, is over other content, by a weak key or digest, or does not fit its certificate.
    """
    from pyasn1.error import PyAsn1Error

    der = _der(signature)
    try:
        return _verify(der, content)
    except UnsupportedAlgorithm as problem:
        raise Unsound("unknown-algorithm") from problem
    except (PyAsn1Error, ValueError, TypeError, IndexError, KeyError, UnicodeError, RecursionError) as problem:
        raise Unsound("malformed") from problem


def _der(signature: bytes) -> bytes:
    if len(signature) > LONGEST:
        raise Unsound("too-large")
    text = signature.strip()
    if text.startswith(b"\x30"):
        return text if len(text) == len(signature) else signature
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(b"-----")]
    try:
        return base64.b64decode(b"".join(lines), validate=True)
    except ValueError as problem:
        raise Unsound("malformed") from problem


def _verify(der: bytes, content: bytes) -> Sound:
    from pyasn1.codec.der import decoder, encoder
    from pyasn1_modules import rfc5652

    info, rest = decoder.decode(der, asn1Spec=rfc5652.ContentInfo())
    if rest or info["contentType"] != rfc5652.id_signedData:
        raise Unsound("malformed")
    signed, rest = decoder.decode(info["content"], asn1Spec=rfc5652.SignedData())
    if rest or signed["encapContentInfo"]["eContentType"] != rfc5652.id_data:
        raise Unsound("malformed")
    attached = signed["encapContentInfo"]["eContent"]
    if attached.isValue and bytes(attached) != content:
        raise Unsound("other-content")
    signers = signed["signerInfos"]
    if len(signers) != 1:
        raise Unsound("not-one-signer")
    signer = signers[0]
    certificate = _certificate(signed, signer)
    digest = DIGESTS.get(str(signer["digestAlgorithm"]["algorithm"]))
    if digest is None:
        raise Unsound("weak-digest")
    _check_attributes(signer, digest, content)
    attributes = rfc5652.SignedAttributes()
    for one in signer["signedAttrs"]:
        attributes.append(one)
    _check_key(
        certificate,
        str(signer["signatureAlgorithm"]["algorithm"]),
        digest(),
        bytes(signer["signature"]),
        encoder.encode(attributes),
    )
    return Sound(certificate, der)


def _certificate(signed: Any, signer: Any) -> x509.Certificate:
    """The signer's own among those that came along."""
    from pyasn1.codec.der import encoder

    if not signed["certificates"].isValue:
        raise Unsound("no-certificate")
    wanted = signer["sid"]
    for choice in signed["certificates"]:
        if choice.getName() != "certificate":
            continue
        one = x509.load_der_x509_certificate(encoder.encode(choice["certificate"]))
        if wanted.getName() == "issuerAndSerialNumber":
            named = wanted["issuerAndSerialNumber"]
            if one.serial_number == int(named["serialNumber"]) and one.issuer.public_bytes() == encoder.encode(
                named["issuer"]
            ):
                return one
        else:
            key = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            if hmac.compare_digest(key, bytes(wanted["subjectKeyIdentifier"])):
                return one
    raise Unsound("no-certificate")


def _check_attributes(signer: Any, digest: Any, content: bytes) -> None:
    """The signed attributes name the content by its hash, once, and are all that is signed."""
    from pyasn1.codec.der import decoder
    from pyasn1_modules import rfc5652

    if not signer["signedAttrs"].isValue:
        raise Unsound("no-attributes")
    found: dict[str, list[bytes]] = {}
    for attribute in signer["signedAttrs"]:
        found.setdefault(str(attribute["attrType"]), []).extend(bytes(value) for value in attribute["attrValues"])
    kinds = found.get(str(rfc5652.id_contentType), [])
    digests = found.get(str(rfc5652.id_messageDigest), [])
    if len(kinds) != 1 or len(digests) != 1:
        raise Unsound("no-attributes")
    kind, _rest = decoder.decode(kinds[0], asn1Spec=rfc5652.ContentType())
    said, _rest = decoder.decode(digests[0], asn1Spec=rfc5652.MessageDigest())
    computed = hashlib.new(digest.name, content).digest()
    if kind != rfc5652.id_data or not hmac.compare_digest(bytes(said), computed):
        raise Unsound("other-content")


def _check_key(certificate: x509.Certificate, algorithm: str, digest: Any, signature: bytes, signed: bytes) -> None:
    key = certificate.public_key()
    try:
        match key:
            case rsa.RSAPublicKey() if key.key_size < SMALLEST_RSA:
                raise Unsound("weak-key")
            case rsa.RSAPublicKey() if algorithm in PKCS1:
                key.verify(signature, signed, padding.PKCS1v15(), digest)
            case rsa.RSAPublicKey() if algorithm == PSS:
                key.verify(signature, signed, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
            case ec.EllipticCurvePublicKey() if algorithm in ECDSA:
                key.verify(signature, signed, ec.ECDSA(digest))
            case ed25519.Ed25519PublicKey() if algorithm == ED25519:
                key.verify(signature, signed)
            case _:
                raise Unsound("unknown-algorithm")
    except InvalidSignature as problem:
        raise Unsound("does-not-fit") from problem
