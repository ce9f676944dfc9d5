"""People who sign in, what proves that it is they, and the rules of it."""

from gangmu.foundation.accounts.directories.models import Directory, Identity, Spent
from gangmu.foundation.accounts.models.factors import Certificate, Challenge, Outgoing, Passkey, RecoveryCode, Totp
from gangmu.foundation.accounts.models.people import Credential, FormerPassword, User, UserManager
from gangmu.foundation.accounts.models.policy import FLOORS, LONGEST_WORD, MOST_WORDS, Policy
from gangmu.foundation.accounts.models.sessions import SignIn, Throttle

__all__ = [
    "FLOORS",
    "LONGEST_WORD",
    "MOST_WORDS",
    "Certificate",
    "Challenge",
    "Credential",
    "Directory",
    "FormerPassword",
    "Identity",
    "Outgoing",
    "Passkey",
    "Policy",
    "RecoveryCode",
    "SignIn",
    "Spent",
    "Throttle",
    "Totp",
    "User",
    "UserManager",
]
