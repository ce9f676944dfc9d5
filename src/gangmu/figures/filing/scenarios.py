"""Scenarios 情景: what kind of figure a fact is."""

import re

from django.utils.translation import gettext as _

from gangmu.figures.filing.models import Scenario
from gangmu.foundation.settings import clock

KINDS = ("actual", "plan", "budget", "forecast", "estimate", "simulation")
FORM = re.compile(rf"^({'|'.join(KINDS)})([._:-][A-Za-z0-9._:-]{{1,30}})?$")


def scenario_fault(code: str) -> str:
    """Why there is no scenario `code`; "" when there is, or can be.

    A scenario is one of the kinds, alone or followed by a version: `plan`, `plan-2026v2`.
    """
    if FORM.match(code):
        return ""
    return _("“%(code)s” is not a scenario; write one of %(kinds)s, with a version if need be (plan-v2)") % {
        "code": code[:40],
        "kinds": ", ".join(KINDS),
    }


def scenario_id(code: str) -> int:
    """The id of the scenario `code`, made on first use.

    Raises:
        ValueError: there is no such scenario.
    """
    fault = scenario_fault(code)
    if fault:
        raise ValueError(fault)
    scenario, _created = Scenario.objects.get_or_create(code=code, defaults={"created_at": clock.now()})
    return scenario.pk
