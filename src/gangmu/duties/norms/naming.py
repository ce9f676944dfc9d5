"""What readers call the codes of norms. Works without Django set up."""

from gangmu.duties.norms.errors import _, worded

ORIGINS = {"own": _("own"), "inherited": _("inherited"), "chosen": _("chosen"), "open": _("choice open")}
STRENGTHS = {
    "must": _("must"),
    "should": _("should"),
    "may": _("may"),
    "must_not": _("must not"),
    "stated": _("stated"),
}
DIFFERENCES = {
    "figure": _("figure"), "citation": _("citation"), "strength": _("strength"), "extended": _("extended"),
    "reduced": _("reduced"), "new": _("added clause"), "gone": _("dropped clause"), "wording": _("wording"),
}  # fmt: skip
UNITS = {
    "minutes": _("min"), "hours": _("h"), "working_days": _("working days"), "days": _("days"), "months": _("months"),
    "years": _("years"), "percent": "%", "per_day": _("times a day"), "per_year": _("times a year"),
    "count": _("pieces"),
}  # fmt: skip
_EVERY = {"origin": ORIGINS, "strength": STRENGTHS, "difference": DIFFERENCES, "unit": UNITS}


def named(what: str, code: str | None) -> str:
    """The word for a code of `what`: origin, strength, difference or unit; nothing for none."""
    return worded(_EVERY[what][code]) if code else ""
