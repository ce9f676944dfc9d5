"""Codes of an authenticator app (TOTP, RFC 6238): six digits, thirty seconds, each good once."""

import hmac

import pyotp
from django.db import transaction
from pyotp.totp import TOTP

from gangmu.foundation.accounts.factors.secrecy import InvalidToken, closed, opened
from gangmu.foundation.accounts.models import Totp, User
from gangmu.foundation.settings import clock

STEP = 30
DRIFT = 1  # steps that a telephone's clock may be off, to either side
PURPOSE = "totp"


def begin(user: User) -> str:
    """Start an enrolment: a fresh secret, which counts for nothing until a code of it has been shown.

    Raises:
        ValueError: an authenticator is in force already.
    """
    with transaction.atomic():
        if Totp.objects.filter(user=user, confirmed_at__isnull=False).exists():
            raise ValueError("an authenticator is in force")
        Totp.objects.filter(user=user).delete()
        secret = pyotp.random_base32()
        Totp.objects.create(user=user, secret=closed(secret, PURPOSE))
    return secret


def pending_secret(user: User) -> str:
    """The secret of an enrolment under way; a fresh one when there is none."""
    held = Totp.objects.filter(user=user, confirmed_at__isnull=True).first()
    if held is None:
        return begin(user)
    try:
        return opened(held.secret, PURPOSE)
    except InvalidToken:
        return begin(user)


def address(user: User, secret: str) -> str:
    """What the QR code says."""
    return TOTP(secret).provisioning_uri(name=user.username, issuer_name="Gangmu")


def _step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is, within the drift allowed."""
    present = int(clock.now().timestamp()) // STEP
    totp = TOTP(secret)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def confirm(user: User, code: str) -> bool:
    """End an enrolment with a code of the new authenticator."""
    held = Totp.objects.filter(user=user, confirmed_at__isnull=True).first()
    if held is None:
        return False
    step = _step_of(opened(held.secret, PURPOSE), code)
    if step is None:
        return False
    Totp.objects.filter(pk=held.pk).update(confirmed_at=clock.now(), last_step=step)
    return True


def accept(user: User, code: str) -> bool:
    """Whether this is the authenticator's code, not used before. Two at the same time: one of them."""
    held = Totp.objects.filter(user=user, confirmed_at__isnull=False).first()
    if held is None or not code.isascii() or not code.isdigit() or len(code) != 6:
        return False
    try:
        step = _step_of(opened(held.secret, PURPOSE), code)
    except InvalidToken:
        return False
    return step is not None and Totp.objects.filter(pk=held.pk, last_step__lt=step).update(last_step=step) == 1


def in_force(user: User) -> bool:
    """Whether the person has an authenticator."""
    return Totp.objects.filter(user=user, confirmed_at__isnull=False).exists()


def remove(user: User) -> None:
    """Forget the authenticator; its secret is gone."""
    Totp.objects.filter(user=user).delete()
