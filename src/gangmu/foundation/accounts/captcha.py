"""A picture of letters to read, after failures, or digits to listen to. One of the two is to be answered.

The picture is drawn into the page, and its answer is kept hashed. The digits (spoken in English, by the library's own
voice) are made when somebody asks to hear them; they are kept encrypted, so that they can be heard again.
"""

import base64
import secrets
import threading
from datetime import timedelta
from functools import cache
from typing import Any

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

from gangmu.foundation.accounts.factors.secrecy import InvalidToken, closed, digest, opened
from gangmu.foundation.settings import clock

LETTERS = "ACDEFHJKMNPRTUVWXY34679"  # none that look alike
LENGTH, DIGITS = 5, 6
GOOD_FOR = timedelta(minutes=5)
KEY = "captcha"
MOST_HEARD = 4  # how often the digits of one picture are spoken
PATIENCE = 5  # seconds: it takes half a second to make a sound, and strangers get no more than one thread for it

_speaking = threading.Lock()


@cache
def _voice() -> AudioCaptcha:
    """The voice, loaded: the library's own loading is not made for several threads."""
    voice = AudioCaptcha()
    voice.load()
    return voice


def ask(session: Any) -> str:
    """A new picture, as the address of an image; the session keeps what answers it, for one try."""
    text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    salt = secrets.token_hex(8)
    until = (clock.now() + GOOD_FOR).timestamp()
    session[KEY] = {"salt": salt, "digest": digest(f"{salt}:{text}", KEY), "until": until}
    picture = ImageCaptcha(180, 60).generate(text).getvalue()
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def spoken(session: Any) -> bytes | None:
    """The digits that may be typed instead of the letters, as a sound (WAV); None where no picture is to be read."""
    held = session.get(KEY)
    if not held or clock.now().timestamp() >= held["until"] or held.get("heard", 0) >= MOST_HEARD:
        return None
    digits = _digits(held) or "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    if not _speaking.acquire(timeout=PATIENCE):
        return None
    try:
        session[KEY] = {**held, "digits": closed(digits, KEY), "heard": held.get("heard", 0) + 1}
        return bytes(_voice().generate(digits))
    finally:
        _speaking.release()


def _digits(held: dict[str, Any]) -> str:
    try:
        return opened(held["digits"], KEY) if "digits" in held else ""
    except InvalidToken:
        return ""


def answered(session: Any, text: str) -> bool:
    """Whether the last picture was read rightly, or heard. It does not count again, right or wrong."""
    held = session.pop(KEY, None)
    if not held or clock.now().timestamp() >= held["until"]:
        return False
    digits = _digits(held)
    if digits and secrets.compare_digest("".join(text.split()).encode(), digits.encode()):
        return True
    return secrets.compare_digest(digest(f"{held['salt']}:{text.strip().upper()}", KEY), held["digest"])
