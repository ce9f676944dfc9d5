"""A picture of letters to read, after failures. The picture is drawn into the page; its answer is kept hashed."""

import base64
import secrets
from datetime import timedelta
from typing import Any

from captcha.image import ImageCaptcha

from gangmu.foundation.accounts.factors.secrecy import digest
from gangmu.foundation.settings import clock

LETTERS = "ACDEFHJKMNPRTUVWXY34679"  # none that look alike
LENGTH = 5
GOOD_FOR = timedelta(minutes=5)
KEY = "captcha"


def ask(session: Any) -> str:
    """A new picture, as the address of an image; the session keeps what answers it, for one try."""
    text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    salt = secrets.token_hex(8)
    until = (clock.now() + GOOD_FOR).timestamp()
    session[KEY] = {"salt": salt, "digest": digest(f"{salt}:{text}", KEY), "until": until}
    picture = ImageCaptcha(180, 60).generate(text).getvalue()
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def answered(session: Any, text: str) -> bool:
    """Whether the last picture was read rightly. It does not count again, right or wrong."""
    held = session.pop(KEY, None)
    if not held or clock.now().timestamp() >= held["until"]:
        return False
    return secrets.compare_digest(digest(f"{held['salt']}:{text.strip().upper()}", KEY), held["digest"])
