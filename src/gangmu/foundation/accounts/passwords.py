"""What a password must be, and of what it must not be made."""

import gzip
import re
import secrets
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import Policy, User
from gangmu.foundation.settings import clock

LONGEST = 256
READABLE = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"  # without letters that look alike
RUN = 4  # characters in a row that count as a run: abcd, 4321, qwer, aaaa
ROWS = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/")
LOOKS_LIKE = str.maketrans("@4831!05$7", "aabeliosst")
KINDS = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
LOCAL = ("gangmu", "admin", "password", "mima", "woaini", "5201314", "1314520", "qwe123", "zaq12wsx", "iloveyou")


@cache
def _weak() -> frozenset[str]:
    """Passwords that everybody tries first: Django's list (BSD) and that of zxcvbn (MIT), both from public leaks."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = {line.strip() for line in lines}
    return frozenset(found | set(FREQUENCY_LISTS["passwords"]) | set(LOCAL))


def _cores(password: str) -> set[str]:
    """A password without what people put around a weak one: Password1! → password."""
    low = password.lower()
    stripped = {low, low.strip("0123456789!@#$%^&*()_+-=.,?~ "), re.sub(r"[^a-z]", "", low)}
    return {form for one in stripped for form in (one, one.translate(LOOKS_LIKE)) if len(form) > 3}


def _runs(password: str) -> bool:
    low = password.lower()
    for start in range(len(low) - RUN + 1):
        piece = low[start : start + RUN]
        steps = {ord(b) - ord(a) for a, b in pairwise(piece)}
        if steps in ({0}, {1}, {-1}) and (steps == {0} or piece.isalnum()):
            return True
        if any(piece in row or piece[::-1] in row for row in ROWS):
            return True
    return re.search(r"(.{2,})\1{2,}", low) is not None


def _place_of(user: User) -> list[str]:
    """Code and names of the organisation where the person works; on the way in the organisation itself is not seen."""
    if user.organisation_id is None:
        return []
    if user.pk is None or User.organisation.is_cached(user):  # type: ignore[attr-defined]
        place = user.organisation
        return [place.code, place.name_zh, place.name_en] if place else []
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_place_words(%s)", [user.pk])
        return cursor.fetchone()[0] or []


def _words_of(user: User) -> set[str]:
    """What anybody knows of the person: user name, name, pinyin, initials, organisation, mail, phone."""
    from pypinyin import lazy_pinyin

    texts = [user.username, user.name, user.email.partition("@")[0], user.phone]
    texts += _place_of(user)
    words = set()
    for text in filter(None, texts):
        sounds = lazy_pinyin(text)
        words |= {text, text.replace(" ", ""), "".join(sounds), "".join(one[:1] for one in sounds)}
        words |= set(re.split(r"[\s._@-]+", text))
    return {word.lower() for word in words if len(word) >= 3 or (len(word) >= 2 and not word.isascii())}


def faults(password: str, user: User, policy: Policy | None = None) -> list[ValidationError]:
    """Why this may not be the person's password; nothing when it may."""
    policy = policy or Policy.of()
    found = []
    low = password.lower()
    if len(password) < policy.min_length:
        found.append(ValidationError(_("At least %(n)d characters.") % {"n": policy.min_length}, code="short"))
    if len(password) > LONGEST:
        found.append(ValidationError(_("At most %(n)d characters.") % {"n": LONGEST}, code="long"))
        return found
    if sum(any(map(kind, password)) for kind in KINDS) < policy.kinds:
        found.append(
            ValidationError(
                _("Use at least %(n)d of: small letters, capitals, digits, other characters.") % {"n": policy.kinds},
                code="kinds",
            )
        )
    if _runs(password):
        found.append(
            ValidationError(
                _("No runs of four: no 1234, no abcd, no aaaa, no qwer, and nothing three times over."), code="run"
            )
        )
    if any(word in low or word in low.translate(LOOKS_LIKE) for word in _words_of(user)):
        found.append(
            ValidationError(
                _("Not your user name, name (also in pinyin), phone, nor the name or code of your organisation."),
                code="known",
            )
        )
    if any(word in low or word in low.translate(LOOKS_LIKE) for word in policy.weak_words):
        found.append(ValidationError(_("It holds a word that your organisation does not allow."), code="word"))
    if _cores(password) & _weak():
        found.append(ValidationError(_("This is a well-known password, or one with a little around it."), code="weak"))
    return found


def one_time(user: User, policy: Policy | None = None) -> str:
    """A password for somebody else, made by chance: easy to read out, and good for nothing but its own change."""
    policy = policy or Policy.of()
    groups = max(4, -(-policy.min_length // 4))
    while True:
        letters = "".join(secrets.choice(READABLE) for _ in range(4 * groups))
        password = "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
        if not faults(password, user, policy):
            return password


def faults_of_change(
    password: str, user: User, held: str, former: list[str], policy: Policy | None = None
) -> list[ValidationError]:
    """As `faults`, and whether the account has had it: `held` is the present hash, `former` those before."""
    policy = policy or Policy.of()
    found = faults(password, user, policy)
    if found:
        return found
    if any(check_password(password, one) for one in [held, *former[: policy.history - 1]] if one):
        return [
            ValidationError(
                _("You have had this password. The last %(n)d do not come back.") % {"n": policy.history}, code="had"
            )
        ]
    return []


class RulesValidator:
    """The rules as Django asks for them."""

    def validate(self, password: str, user: User | None = None) -> None:
        found = faults(password, user or User())
        if found:
            raise ValidationError(found)

    def get_help_text(self) -> str:
        return str(rules_in_words())


def rules_in_words(policy: Policy | None = None) -> str:
    """The rules, to show beside the field."""
    policy = policy or Policy.of()
    return _(
        "At least %(length)d characters of %(kinds)d kinds (small, capital, digit, other); no runs such as 1234 or "
        "qwer, nothing of your name or organisation, none of your last %(history)d passwords."
    ) % {"length": policy.min_length, "kinds": policy.kinds, "history": policy.history}


def expired(changed_at: object, policy: Policy | None = None) -> bool:
    """Whether a password is older than the policy allows."""
    policy = policy or Policy.of()
    return (clock.now() - changed_at).days >= policy.max_age_days  # type: ignore[operator]
