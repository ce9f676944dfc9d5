"""The clerk's words in a workbook, kept with the warnings that they were said of."""

from collections.abc import Sequence

from gangmu.figures.filing.excel.placing import Target
from gangmu.figures.filing.models import Explanation, Sheet
from gangmu.figures.filing.rules import Finding
from gangmu.figures.filing.services.events import name_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


def explain_all(findings: Sequence[tuple[Target, Finding]], sheets: Sequence[Sheet], *, by: User | None) -> int:
    """Keep the words of each row with every warning about its organisation; how many are new."""
    kept = {sheet.pk for sheet in sheets}
    made: list[Explanation] = []
    now, name = clock.now(), name_of(by)
    for target, finding in findings:
        said = target.words.get(finding.organisation_id)
        if said is None or not finding.needs_words or target.sheet is None or target.sheet.pk not in kept:
            continue
        made.append(
            Explanation(
                sheet=target.sheet,
                organisation_id=target.sheet.organisation_id,
                finding=finding.key,
                figures=dict(finding.numbers),
                words=said[1],
                said_at=now,
                said_by=by,
                said_by_name=name,
            )
        )
    earlier = {
        (one.sheet_id, one.finding, one.words, tuple(sorted(one.figures.items())))
        for one in Explanation.objects.filter(sheet__in={one.sheet_id for one in made})
    }
    new = [
        one for one in made if (one.sheet_id, one.finding, one.words, tuple(sorted(one.figures.items()))) not in earlier
    ]
    Explanation.objects.bulk_create(new)
    return len(new)
