"""Alarms told to those who must look at them: audit and security administrators, by notice and by mail."""

import logging
from collections.abc import Iterable

from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gangmu.foundation.notices.services import tell as notify
from gangmu.foundation.records.alarms import to_be_told
from gangmu.foundation.records.models import Alarm

logger = logging.getLogger(__name__)
TEXT = gettext_noop("Alarm %(alarm)d: look at it in the back office, under Records, Alarms.")


def tell(alarms: Iterable[Alarm]) -> None:
    """Tell of alarms that are new. A mail server that is away stops nothing: the alarm stands on the page."""
    for alarm in alarms:
        people = to_be_told(alarm)
        notify(people, "records.alarm", TEXT, key=f"records.alarm:{alarm.pk}", alarm=alarm.pk)
        addresses = [person.email for person in people if person.email]
        if addresses:
            _mail(alarm, addresses)


def _mail(alarm: Alarm, addresses: list[str]) -> None:
    lines = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            lines += [f"{alarm.get_sign_display()} · {alarm.about}", _(TEXT) % {"alarm": alarm.pk}, ""]
    try:
        send_mail(f"Gangmu 纲目 · {alarm.sign}", "\n".join(lines), None, addresses)
    except OSError as problem:
        logger.warning("alarm %s could not be mailed: %s", alarm.pk, problem)
