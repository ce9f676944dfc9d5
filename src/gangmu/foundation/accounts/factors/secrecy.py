"""Keys made from the one secret that the database does not hold, each for one purpose."""

import base64
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

__all__ = ["InvalidToken", "closed", "digest", "opened"]


def _key(purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"gangmu.accounts", info=purpose.encode()).derive(settings.SECRET_KEY.encode())


def closed(text: str, purpose: str) -> str:
    """Encrypt a text."""
    return Fernet(base64.urlsafe_b64encode(_key(purpose))).encrypt(text.encode()).decode()


def opened(text: str, purpose: str) -> str:
    """What `closed` closed.

    Raises:
        InvalidToken: it was changed, or closed under another secret.
    """
    return Fernet(base64.urlsafe_b64encode(_key(purpose))).decrypt(text.encode()).decode()


def digest(text: str, purpose: str) -> str:
    """By what a code is known again that nobody can read."""
    return hmac.new(_key(purpose), text.encode(), sha256).hexdigest()
