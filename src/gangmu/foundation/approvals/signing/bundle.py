"""A signed decision as an archive that anybody can verify with openssl, without this product."""

import hashlib
import io
import json
import zipfile
from datetime import datetime
from importlib import resources

from django.template import Context, Engine

from gangmu.foundation.approvals.signing.models import Signature
from gangmu.foundation.settings import clock

# Said in docs/concepts/signatures.md, in the archive, and run by a test.
COMMAND = (
    "openssl cms -verify -binary -inform DER -in signature.p7s -content decision.json "
    "-CAfile chain.pem -purpose any -attime {at} -out verified.json"
)
CRL_CHECK = " -crl_check"


def command_of(signature: Signature) -> str:
    """The command that verifies a signature in its unpacked archive, as of the time at which it was made."""
    at = int(signature.verified_at.timestamp())
    return COMMAND.format(at=at) + (CRL_CHECK if signature.revocation else "")


def name_of(signature: Signature) -> str:
    """What the archive is called."""
    return f"decision-{signature.case_id}-{signature.decision.number}.zip"


def pack(signature: Signature) -> bytes:
    """What was signed, the signature, the certificates, a page for people and the command."""
    files = {
        "decision.json": signature.text.encode(),
        "signature.p7s": bytes(signature.cms),
        "certificate.pem": signature.certificate.encode(),
        "chain.pem": (signature.chain + signature.revocation).encode(),
        "page.html": _page(signature).encode(),
        "VERIFY.txt": f"{command_of(signature)}\n".encode(),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _page(signature: Signature) -> str:
    """The decision as people read it, in both languages; a file of its own that loads nothing."""
    told = json.loads(signature.text)
    at = datetime.fromisoformat(told["at"]).astimezone(clock.BUSINESS_ZONE)
    text = resources.files("gangmu.foundation.approvals.signing").joinpath("page.txt").read_text("utf-8")
    context = {
        "told": told,
        "at": f"{at:%Y-%m-%d %H:%M:%S}",
        "signature": signature,
        "command": command_of(signature),
        "sha256": hashlib.sha256(signature.text.encode()).hexdigest(),
    }
    return Engine().from_string(text).render(Context(context))
