"""What must hold between facts, the tree and the forms in force, however one of them was changed."""

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _
from psycopg import errors

from gangmu.figures.filing.models import Form
from gangmu.figures.filing.rules.compiling import compile_what_holds
from gangmu.figures.indicators.queries import catalogue

DAYS = """
CASE i.grain WHEN 'month' THEN daterange(f.period, (f.period + interval '1 month')::date)
             ELSE daterange(f.period, f.period, '[]') END
"""
WITHOUT_ORGANISATION = f"""
SELECT o.code, i.code, min(f.period), count(*) FROM filing_fact f
JOIN indicators_indicator i ON i.id = f.indicator_id JOIN parties_organisation o ON o.id = f.organisation_id
WHERE f.superseded_by_id IS NULL AND NOT EXISTS (
  SELECT FROM parties_membership m
  WHERE m.organisation_id = f.organisation_id AND m.depth = 0 AND m.valid && {DAYS})
GROUP BY 1, 2 ORDER BY 1, 2
"""
COUNTED_TWICE = f"""
WITH filers AS MATERIALIZED (SELECT DISTINCT organisation_id FROM filing_fact WHERE superseded_by_id IS NULL),
related AS MATERIALIZED (
  SELECT m.ancestor_id AS upper_id, m.organisation_id AS lower_id, m.valid FROM parties_membership m
  WHERE m.depth > 0 AND m.ancestor_id IN (SELECT organisation_id FROM filers)
    AND m.organisation_id IN (SELECT organisation_id FROM filers))
SELECT low.code, high.code, i.code, min(f.period), count(*) FROM related r
JOIN filing_fact f ON f.organisation_id = r.lower_id AND f.superseded_by_id IS NULL
JOIN indicators_indicator i ON i.id = f.indicator_id
JOIN filing_fact g ON g.organisation_id = r.upper_id AND g.superseded_by_id IS NULL
  AND (g.indicator_id, g.scenario_id, g.period) = (f.indicator_id, f.scenario_id, f.period)
JOIN parties_organisation low ON low.id = r.lower_id JOIN parties_organisation high ON high.id = r.upper_id
WHERE r.valid && {DAYS}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def findings() -> list[str]:
    """Facts that no organisation stands behind, facts that count twice since a change of the tree, and rules that a
    change of indicators has left without meaning."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_ORGANISATION)
        found += [
            _("%(count)d facts of %(indicator)s at %(code)s, from %(day)s on, have no organisation on their day")
            % {"count": count, "indicator": indicator, "code": code, "day": day}
            for code, indicator, day, count in cursor.fetchall()
        ]
        cursor.execute(COUNTED_TWICE)
        found += [
            _("%(count)d facts of %(indicator)s are filed at %(code)s and at %(upper)s above it, from %(day)s on")
            % {"count": count, "indicator": indicator, "code": code, "upper": upper, "day": day}
            for code, upper, indicator, day, count in cursor.fetchall()
        ]
    known = catalogue()
    for form in Form.objects.filter(is_current=True).order_by("code"):
        found += [
            _("form %(code)s: a rule is not checked any more: %(fault)s") % {"code": form.code, "fault": fault}
            for fault in compile_what_holds(form.defined, known)[1]
        ]
    return found


def said_of(error: IntegrityError) -> str | None:
    """What to tell a user whose change of the tree would leave facts without an organisation; None: another error."""
    cause = error.__cause__
    if not isinstance(cause, errors.RestrictViolation) or cause.diag.constraint_name != "facts_keep_their_days":
        return None
    code, _space, day = (cause.diag.message_detail or "").partition(" ")
    return _(
        "%(code)s has facts on %(day)s, when it would not stand in the tree any more. Nothing was changed; keep those "
        "days, or correct the facts first."
    ) % {"code": code, "day": day}
