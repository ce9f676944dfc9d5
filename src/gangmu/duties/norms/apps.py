from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class NormsConfig(AppConfig):
    name = "gangmu.duties.norms"
    label = "norms"
    verbose_name = _("Norms")

    def ready(self) -> None:
        from gangmu.duties.norms import rights
        from gangmu.foundation.access import permits
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu

        register_kind("norms.edition-loaded", gettext_noop("Edition of a standard loaded"))
        register_kind("norms.baseline-frozen", gettext_noop("Baseline frozen"))
        register_kind("norms.exported", gettext_noop("Standard exported"))
        permits.room("norms", _("Standards and baselines"), order=24)
        permits.action(rights.VIEW, _("Read standards, compare cells, see baselines"))
        permits.action(rights.EXPORT, _("Export standards and lists of baselines"))
        permits.action(rights.FREEZE, _("Freeze baselines"))
        for address, label, permission in rights.PAGES:
            permits.page(address, label, permission)
        permits.button("norms.freeze", _("Freeze a baseline"), rights.FREEZE, "norms:freeze")
        menu.register(
            "norms.standards",
            _("Standards"),
            "norms:standards",
            icon="file-text",
            section="duties",
            order=10,
            visible=lambda request: request.scope.may(rights.VIEW),
        )
        menu.register(
            "norms.baselines",
            _("Baselines"),
            "norms:baselines",
            icon="lock",
            section="duties",
            order=15,
            visible=lambda request: request.scope.may(rights.VIEW),
        )
