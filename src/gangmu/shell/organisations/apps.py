from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class OrganisationsConfig(AppConfig):
    name = "gangmu.shell.organisations"
    label = "organisations"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from gangmu.foundation.access import permits
        from gangmu.foundation.parties import dependents
        from gangmu.foundation.records.kinds import register_kind
        from gangmu.foundation.ui import menu
        from gangmu.shell.organisations.changing import effects, rights

        permits.action(
            rights.STRUCTURE, _("Change the structure"), _("Open, rename, move, merge, split, close and reopen.")
        )
        permits.action(rights.PARAMETERS, _("Set parameters"), _("Capacity, fuel and whatever else is dated."))
        for kind, title in (
            ("create", gettext_noop("Organisation opened")),
            ("rename", gettext_noop("Organisation renamed")),
            ("move", gettext_noop("Organisation moved")),
            ("merge", gettext_noop("Organisations merged")),
            ("split", gettext_noop("Organisation split")),
            ("close", gettext_noop("Organisation closed")),
            ("reopen", gettext_noop("Organisation reopened")),
            ("parameters", gettext_noop("Parameters of organisations set")),
            ("change-withdrawn", gettext_noop("Planned change of organisations withdrawn")),
            ("change-refused", gettext_noop("Change of organisations refused")),
        ):
            register_kind(f"parties.{kind}", title)
        for one in (
            dependents.Dependent("sight", _("Who sees it"), 30, "", effects.sight),
            dependents.Dependent("cases", _("Cases in progress"), 25, "", effects.cases),
            dependents.Dependent("posts", _("Posts"), 50, "", effects.posts),
        ):
            dependents.register(one)
        menu.register(
            "organisations.tree",
            _("Organisation tree"),
            "organisations:tree",
            icon="sitemap",
            section="organisation",
            order=10,
        )
        menu.register(
            "organisations.list",
            _("Organisations"),
            "organisations:list",
            icon="list-details",
            section="organisation",
            order=20,
        )
        menu.register(
            "organisations.changes",
            _("Changes of organisations"),
            "changes:list",
            icon="hierarchy-2",
            section="organisation",
            order=30,
            visible=lambda request: rights.may_change_some(request.scope),
        )
        menu.register(
            "organisations.parameters",
            _("Unit parameters"),
            "changes:parameters",
            icon="adjustments",
            section="organisation",
            order=40,
            visible=lambda request: request.scope.may(rights.PARAMETERS),
        )
