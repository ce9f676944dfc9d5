"""Passkeys and security keys (WebAuthn). The key never leaves the device; here is its public half.

The library is loaded when a device is asked: every command loads this file.
"""

from typing import Any

from django.db.models import F, Q

from gangmu.foundation.accounts.models import Passkey, User
from gangmu.foundation.settings import clock

LONGEST_ANSWER = 20_000
BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError)


class Refused(Exception):
    """What the device answered proves nothing."""


def _broken() -> tuple[type[Exception], ...]:
    """What an answer that proves nothing raises."""
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, *BROKEN)


def registration(user: User, site: str) -> tuple[str, bytes]:
    """(what the browser is asked, the challenge to keep) for a new passkey. `site` is the host name."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = webauthn.generate_registration_options(
        rp_id=site,
        rp_name="Gangmu 纲目",
        user_id=str(user.pk).encode(),
        user_name=user.username,
        user_display_name=user.name,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=bytes(key)) for key in _of(user).values_list("credential", flat=True)
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options), options.challenge


def enrol(user: User, answer: str, *, challenge: bytes, site: str, origin: str, name: str) -> Passkey:
    """Keep a new passkey.

    Raises:
        Refused: the answer is malformed, for another challenge or site, or of a key that is known.
    """
    import webauthn

    _small(answer)
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _broken() as problem:
        raise Refused(str(problem)) from problem
    if len(verified.credential_id) > 1023 or _of(user).filter(credential=verified.credential_id).exists():
        raise Refused("known")
    return Passkey.objects.create(
        user=user,
        credential=verified.credential_id,
        public_key=verified.credential_public_key,
        uses=verified.sign_count,
        name=name[:60],
        created_at=clock.now(),
    )


def question(site: str, user: User | None = None) -> tuple[str, bytes]:
    """(what the browser is asked, the challenge to keep): of one person's keys, or of any that the device holds."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    allowed = [PublicKeyCredentialDescriptor(id=bytes(one.credential)) for one in _of(user)] if user else None
    options = webauthn.generate_authentication_options(
        rp_id=site, allow_credentials=allowed, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options), options.challenge


def claimed_user(answer: str) -> int | None:
    """Whose key the device says it is. Nothing is proved by that yet."""
    from webauthn.helpers import parse_authentication_credential_json

    _small(answer)
    try:
        handle = parse_authentication_credential_json(answer).response.user_handle
        return int(handle.decode()) if handle and len(handle) < 20 else None
    except (*_broken(), UnicodeDecodeError):
        return None


def accept(user: User, answer: str, *, challenge: bytes, site: str, origin: str) -> Passkey:
    """The passkey by which the person has proved who they are.

    Raises:
        Refused: the answer is malformed, for another challenge or site, of a key that is not the person's, or of a copy
            of the key (its counter has gone back).
    """
    import webauthn
    from webauthn.helpers import parse_authentication_credential_json

    _small(answer)
    try:
        given = parse_authentication_credential_json(answer)
        held = _of(user).filter(credential=given.raw_id).first()
        if held is None:
            raise Refused("unknown key")
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            credential_public_key=bytes(held.public_key),
            credential_current_sign_count=held.uses,
            require_user_verification=True,
        )
    except _broken() as problem:
        raise Refused(str(problem)) from problem
    counted: Any = Q(uses__lt=verified.new_sign_count) if verified.new_sign_count else Q(uses=F("uses"))
    if not _of(user).filter(counted, pk=held.pk).update(uses=verified.new_sign_count, used_at=clock.now()):
        raise Refused("counter")
    return held


def _of(user: User) -> Any:
    return Passkey.objects.filter(user=user)


def of(user: User) -> list[Passkey]:
    """The person's passkeys, oldest first."""
    return list(_of(user).order_by("created_at"))


def _small(answer: str) -> None:
    if len(answer) > LONGEST_ANSWER:
        raise Refused("too large")
