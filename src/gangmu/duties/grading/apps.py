from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GradingConfig(AppConfig):
    name = "gangmu.duties.grading"
    label = "grading"
    verbose_name = _("Grading")

    def ready(self) -> None:
        from gangmu.duties.grading import access, subjects
        from gangmu.foundation.access import permits
        from gangmu.foundation.ui import menu

        subjects.register_kinds()
        permits.room("grading", _("Grading of systems"), order=27)
        permits.action(access.VIEW, _("See grades, how they were calculated and who confirmed them"))
        permits.action("grading:export", _("Export lists of grades"))
        permits.action(access.GRADE, _("Prepare gradings and submit them"))
        permits.action(access.REGRADE, _("Raise re-gradings"), _("What operation does when a grade no longer fits."))
        permits.action(access.CONFIRM, _("Confirm for a party"), _("Nobody confirms for two parties of one grading."))
        permits.action(access.GOLIVE, _("Prepare a system's going live"))
        permits.action(
            access.CONFIGURE,
            _("Configure grading"),
            _("Change the cells of matrices that are the house's own; those that a standard prints stand."),
        )
        permits.page("grading:systems", _("Grades of systems"), access.VIEW)
        permits.page("grading:matrices", _("Matrices of a scheme"), access.VIEW)
        permits.button("grading.save", _("Save a grading"), access.GRADE, "grading:workbench")
        permits.button("grading.submit", _("Submit a grading"), access.VIEW, "grading:submit")
        menu.register(
            "grading.systems",
            _("Grades of systems"),
            "grading:systems",
            icon="shield-check",
            section="duties",
            order=30,
            visible=lambda request: request.scope.may(access.VIEW),
        )
