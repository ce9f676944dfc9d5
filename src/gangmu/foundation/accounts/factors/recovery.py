"""Ten codes for the day on which telephone and keys are lost. Shown once, kept hashed, each good once."""

import secrets

from django.db import transaction

from gangmu.foundation.accounts.factors.secrecy import digest
from gangmu.foundation.accounts.models import RecoveryCode, User

HOW_MANY = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
PURPOSE = "recovery"


def _plain(code: str) -> str:
    return code.strip().lower().replace("-", "").replace(" ", "")


def _digest(user: User, code: str) -> str:
    return digest(f"{user.pk}:{_plain(code)}", PURPOSE)


@transaction.atomic
def renew(user: User) -> list[str]:
    """Ten new codes in place of those that there are."""
    RecoveryCode.objects.filter(user=user).delete()
    letters = ["".join(secrets.choice(LETTERS) for _ in range(12)) for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, one)) for one in letters)
    return [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in letters]


def accept(user: User, code: str) -> bool:
    """Whether this is one of the codes; it is gone then."""
    if len(_plain(code)) != 12:
        return False
    deleted, _by_model = RecoveryCode.objects.filter(user=user, digest=_digest(user, code)).delete()
    return deleted == 1


def left(user: User) -> int:
    """How many codes are left."""
    return RecoveryCode.objects.filter(user=user).count()
