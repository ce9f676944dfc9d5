"""The reports of a power group, read from `content/reports/`."""

from importlib.resources import files

from gangmu.business.power import content
from gangmu.figures.reports import definitions
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.foundation.settings.shipped import from_yaml


def reports() -> list[ReportDefinition]:
    """The shipped reports."""
    folder = files(content.__name__).joinpath("reports")
    texts = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return [definitions.definition_of(from_yaml(one.read_text("utf-8"))) for one in texts]


def register_reports() -> None:
    for report in reports():
        definitions.register(report)
