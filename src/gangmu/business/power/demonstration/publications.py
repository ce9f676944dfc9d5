"""What the demonstration publishes: the ranking of all plants by utilisation hours, to everybody in the group."""

from datetime import date

from gangmu.figures.publications.models import Publication
from gangmu.figures.publications.services import publish
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation


def publish_hours(group: str, since: date, *, by: User | None = None) -> Publication:
    """Publish the hours of all plants of `group` to the people of all its plants, from a day on; once."""
    found = Publication.objects.filter(organisation__code=group, name_en=NAME_EN).first()
    if found is not None:
        return found
    organisation = Organisation.objects.get(code=group)
    made = Publication(
        organisation=organisation,
        name_zh="全集团电厂利用小时排名",
        name_en=NAME_EN,
        indicators=["utilisation_hours"],
        columns=["company", "fuel", "change"],
        grains=["day", "month", "year"],
        figures_from=since,
        valid=Days.until(since, None).valid,
    )
    return publish(made, [organisation], by=by, scope=SYSTEM)


NAME_EN = "Utilisation hours of all plants of the group"
