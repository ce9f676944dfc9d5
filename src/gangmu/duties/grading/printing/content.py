"""What stands on a certificate, worked out once for both kinds of files."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.duties.grading import showing
from gangmu.duties.grading.catalogue import Service, services_of
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.queries import named
from gangmu.duties.grading.services.preparing import content, hash_of
from gangmu.duties.grading.shipped import shipped
from gangmu.foundation.settings.clock import BUSINESS_ZONE


@dataclass(frozen=True)
class Certificate:
    """The texts of a certificate, in one language. Lists of pairs are labels and values."""

    lang: str
    title: str
    number: str
    standard: str
    facts: list[tuple[str, str]]
    result_title: str
    result: str
    since: str
    factors: list[tuple[str, str]]
    steps: list[dict[str, Any]]
    parties: list[tuple[str, str, str]]
    services: list[dict[str, str]]
    way: list[str]
    notes: list[str]
    words: dict[str, str] = field(default_factory=dict)
    demonstration: str = ""
    made_at: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def certificate_of(grading: Grading) -> Certificate:
    """The certificate of a grade in force, in the active language."""
    scheme = shipped(grading.scheme)
    resource = grading.resource
    assert grading.confirmed_at is not None and grading.valid is not None and grading.valid.lower is not None
    known = named(grading.calculation.get("path", []))
    way = [
        known[one].name if one in known else _("a system outside this scope")
        for one in grading.calculation.get("path", [])
    ]
    notes = [
        _("SHA-256 of what was confirmed: %(hash)s") % {"hash": hash_of(content(grading))},
        _("Every decision is kept with its time and this hash; “gangmu audit verify” proves that none was changed."),
    ]
    if grading.source == "house":
        notes.insert(0, _("The calculation rests on house rules, marked as such; they are not from the standard."))
    if scheme.unverified:
        notes.insert(0, str(scheme.unverified))
    return Certificate(
        lang="zh" if (get_language() or "").startswith("zh") else "en",
        title=_("Grade certificate"),
        number=f"{scheme.slug.upper()}-{resource.code}-{grading.number:03d}",
        standard=f"{scheme.number} {scheme.title}",
        facts=[
            (_("System"), resource.name),
            (_("Code"), resource.code),
            (_("Kind"), str(resource.get_kind_display())),
            (_("Owner"), resource.organisation.name),
            (_("Standard"), f"{scheme.number} {scheme.title}"),
            (_("Occasion"), str(grading.get_kind_display())),
        ],
        result_title=str(scheme.result.title),
        result=showing.result_name(scheme, grading.result),
        since=_("in force since %(day)s") % {"day": grading.valid.lower.isoformat()},
        factors=showing.factors(scheme, grading.factors),
        steps=[
            {
                "number": step.number,
                "parts": " × ".join(f"{name} {level}" for name, level in step.parts),
                "made": f"{step.made} {step.level}",
                "source": step.source,
                "house": step.is_house,
            }
            for step in showing.steps(scheme, grading.calculation)
        ],
        parties=[
            (party, one.user_name if one else "–", _moment(one.confirmed_at) if one else "–")
            for party, one in showing.parties(scheme, grading)
        ],
        services=[_service(one) for one in services_of(grading)],
        way=way,
        notes=notes,
        words={
            "factors": _("Factors"),
            "calculation": _("Calculation"),
            "parties": _("Confirmed by"),
            "services": _("Services of the grade"),
            "service": _("Service"),
            "hours": _("Hours, time limit or standby"),
            "way": _("Taken from the systems that need it"),
            "party": _("Party"),
            "name": _("Name of the person"),
            "time": _("Time"),
        },
        demonstration=_("Demonstration: made figures") if settings.DEMONSTRATION else "",
        made_at=grading.confirmed_at.isoformat(),
    )


def _service(service: Service) -> dict[str, str]:
    return {"name": str(service.name), "hours": str(service.hours) or "–", "group": str(service.group)}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"
