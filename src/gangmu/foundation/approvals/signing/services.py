"""Signing a decision: what is to be signed, and taking it once it is."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.accounts.models import Certificate, User
from gangmu.foundation.approvals import queries
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.engine import Act
from gangmu.foundation.approvals.errors import ApprovalError, ContentChanged, NotAllowed
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.services.performing import perform_one
from gangmu.foundation.approvals.signing.models import Signature, SigningRequest
from gangmu.foundation.approvals.subjects import kind_of, load
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.settings import clock

if TYPE_CHECKING:
    from gangmu.foundation.approvals.signing import cms

SIGNABLE = (Action.APPROVE, Action.ACKNOWLEDGE, Action.RETURN)
GOOD_FOR = timedelta(minutes=30)
FORMAT = "gangmu-decision-1"
WHY = {
    "malformed": gettext_lazy("The file is no detached signature in CMS (PKCS #7) form. Sign again as described."),
    "too-large": gettext_lazy("The file is too large to be a signature."),
    "other-content": gettext_lazy(
        "The signature is over something else than this decision. Sign the file of this page."
    ),
    "does-not-fit": gettext_lazy("The signature does not fit its certificate. Sign again."),
    "not-one-signer": gettext_lazy("The signature must be of one signer."),
    "no-certificate": gettext_lazy("The signature does not bring its certificate along. Sign again with it."),
    "no-attributes": gettext_lazy("The signature lacks its signed attributes. Sign again without -noattr."),
    "weak-digest": gettext_lazy("The signature uses a weak digest. Sign with SHA-256 or stronger."),
    "weak-key": gettext_lazy("The certificate's key is too weak: RSA needs 2048 bits or more."),
    "unknown-algorithm": gettext_lazy("The kind of key or signature is not known here: use RSA, ECDSA or Ed25519."),
    "other-issuer": gettext_lazy("The certificate was issued by a CA that does not count here."),
    "expired": gettext_lazy("The certificate has expired."),
    "not-yet-valid": gettext_lazy("The certificate is not valid yet."),
    "revoked": gettext_lazy("The certificate was revoked."),
    "revocation-list-stale": gettext_lazy("The CA's revocation list is out of date. Tell your administrator."),
    "revocation-list-forged": gettext_lazy("The CA's revocation list is not its own. Tell your administrator."),
    "not-for-clients": gettext_lazy("The certificate is not made for this use."),
    "not-for-signing": gettext_lazy("The certificate is not made for signing."),
    "unbound": gettext_lazy("The certificate is bound to no account. Bind it on My account first."),
    "of-another": gettext_lazy("The certificate is bound to another account."),
    "used": gettext_lazy("This was signed and counted before. Begin anew if you want to sign again."),
    "over": gettext_lazy("The time to sign is over. Begin anew."),
}


class SignatureRefused(ApprovalError):
    """A signature was not taken; `why` is the word in the record."""

    def __init__(self, why: str) -> None:
        super().__init__(str(WHY.get(why, WHY["malformed"])))
        self.why = why


def may_sign(user: User) -> bool:
    """Whether a certificate of theirs is known, with which they could."""
    return Certificate.objects.filter(user=user).exists()


@transaction.atomic
def prepare(case: Case, action: Action, *, by: User, given: Mapping[str, Any]) -> SigningRequest:
    """Write down a decision as `by` would sign it, good for half an hour.

    Args:
        given: what the action's form held: seen, place, words or reason and where to.

    Raises:
        NotAllowed: they may not take this action now.
        ContentChanged: the subject is not what they saw.
    """
    if action not in SIGNABLE or action not in queries.allowed_actions(case, by):
        raise NotAllowed(_("This is not open to you at this moment: load the page again to see how it stands."))
    seen = str(given.get("seen") or "")
    if not seen or kind_of(case.kind).content_hash(case.subject_id) != seen:
        raise ContentChanged(_("The content has changed since you looked. Look at it again, then sign."))
    kept = {name: given[name] for name in ("seen", "place", "words", "reason", "to") if given.get(name)}
    nonce, now = secrets.token_hex(16), clock.now()
    text = json.dumps(
        text_of(case, action, by, kept, nonce, now.isoformat()),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return SigningRequest.objects.create(
        user=by,
        case=case,
        action=action,
        given=kept,
        nonce=nonce,
        text=text,
        made_at=now,
        valid_until=now + GOOD_FOR,
    )


def text_of(case: Case, action: Action, by: User, given: Mapping[str, Any], nonce: str, at: str) -> dict[str, Any]:
    """What is signed: who decides what on which content. Its canonical JSON has sorted keys, no spaces, UTF-8."""
    subject = load([case]).get(case.pk)
    step = case.path[case.step] if case.step is not None else {}
    return {
        "format": FORMAT,
        "case": case.pk,
        "kind": case.kind,
        "subject": case.subject_id,
        "title": subject.title if subject else "",
        "organisation": case.organisation.code,
        "route": {"code": case.route.code, "version": case.route.version, "sha256": case.route.digest},
        "round": case.round,
        "node": step.get("node", ""),
        "action": str(action),
        "to": str(given.get("to", "")),
        "reason": str(given.get("reason", "")).strip(),
        "words": str(given.get("words", "")).strip(),
        "content_sha256": given["seen"],
        "signer": {"username": by.username, "name": by.name},
        "at": at,
        "nonce": nonce,
    }


def sign(wanted: SigningRequest, signature: bytes, *, by: User, request: HttpRequest | None = None) -> Decision:
    """Take a signed decision: verify the signature, decide, and keep both together.

    Raises:
        SignatureRefused: the signature does not count; recorded, also when the request is rolled back.
        ApprovalError: the decision itself was refused, as unsigned.
    """
    try:
        with transaction.atomic():
            return _sign(wanted, signature, by)
    except SignatureRefused as refused:
        data = {"case": wanted.case_id, "action": wanted.action, "why": refused.why, "nonce": wanted.nonce}
        note_refusal(
            "approvals.signature-refused", by=by, organisation=wanted.case.organisation, data=data, request=request
        )
        raise


def _sign(wanted: SigningRequest, signature: bytes, by: User) -> Decision:
    from gangmu.foundation.approvals.signing import cms

    held = SigningRequest.objects.select_for_update().get(pk=wanted.pk, user=by)
    if held.used_at is not None:
        raise SignatureRefused("used")
    if clock.now() > held.valid_until:
        raise SignatureRefused("over")
    try:
        sound = cms.verify(signature, held.text.encode())
    except cms.Unsound as unsound:
        raise SignatureRefused(unsound.why) from unsound
    issuer = judge(sound.certificate, by)
    decision = perform_one(held.case_id, _act(held, by), by=by, key=f"signed-{held.nonce}", signed=True)
    held.used_at = clock.now()
    held.save(update_fields=["used_at"])
    kept = _keep(held, decision, sound, issuer)
    data = {"case": held.case_id, "decision": decision.number, "serial": kept.serial, "subject": kept.subject}
    note("approvals.signed", by=by, organisation=decision.organisation, subject=decision.case, data=data)
    return decision


def judge(certificate: x509.Certificate, by: User) -> x509.Certificate:
    """Whether a certificate is `by`'s and good for signing today; its CA's.

    Raises:
        SignatureRefused: it is not.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            raise SignatureRefused("not-for-signing")
    except x509.ExtensionNotFound:
        pass
    try:
        owner = certificates.holder(certificate)
        if owner != by.pk:
            raise SignatureRefused("of-another")
        return certificates.issuer_of(certificate)
    except certificates.Refused as refused:
        raise SignatureRefused(refused.why) from refused


def _act(held: SigningRequest, by: User) -> Act:
    given, action = held.given, Action(held.action)
    to = str(given.get("to", "requester"))
    return Act(
        action,
        by.pk,
        given.get("place"),
        given["seen"],
        to=(int(to) if to.isdigit() else to) if action == Action.RETURN else Act.to,
        reason=given.get("reason", ""),
        words=given.get("words", ""),
    )


def _keep(held: SigningRequest, decision: Decision, sound: "cms.Sound", issuer: x509.Certificate) -> Signature:
    certificate = sound.certificate
    lists = certificates.revocation_lists(issuer)
    return Signature.objects.create(
        decision=decision,
        case_id=decision.case_id,
        organisation_id=decision.organisation_id,
        request=held,
        signed_by=held.user,
        signed_by_name=held.user.name,
        text=held.text,
        cms=sound.der,
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        chain=issuer.public_bytes(Encoding.PEM).decode(),
        revocation="".join(one.public_bytes(Encoding.PEM).decode() for one in lists),
        subject=certificate.subject.rfc4514_string()[:500],
        issuer=certificate.issuer.rfc4514_string()[:500],
        serial=f"{certificate.serial_number:x}",
        fingerprint=certificates.fingerprint(certificate),
        verified_at=clock.now(),
    )
