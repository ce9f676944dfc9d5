from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MovingConfig(AppConfig):
    name = "gangmu.figures.moving"
    label = "moving"
    verbose_name = _("Figures when organisations change")

    def ready(self) -> None:
        from gangmu.figures.filing.consistency import said_of
        from gangmu.figures.moving import affected, figures, objections
        from gangmu.foundation.parties import dependents

        dependents.register_objector("figures", objections.of_figures)
        dependents.register_constraint("facts_keep_their_days", said_of)
        for one in (
            dependents.Dependent("figures", _("Figures"), 10, "", figures.show),
            dependents.Dependent("sheets", _("Sheets that are not locked"), 20, "", affected.sheets),
            dependents.Dependent("duties", _("Who files for whom"), 40, "", affected.duties),
            dependents.Dependent("publications", _("Published rankings"), 60, "", affected.publications),
            dependents.Dependent("reports", _("Issued reports"), 70, "", affected.reports),
        ):
            dependents.register(one)
