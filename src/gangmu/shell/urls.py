"""The business site. Every address here is tried by the generated matrix test; a new one joins it by being here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from gangmu.foundation.boards.places import sees_several
from gangmu.shell.api import api
from gangmu.shell.roles.urls import business as roles


def home(request: HttpRequest) -> HttpResponse:
    """Where somebody begins: who sees figures of more than one plant at the home page, who files or decides at what
    waits for them, others at what they may see."""
    if request.scope.may("figures:view") and sees_several(request.scope):
        return redirect("boards:home")
    if request.scope.may("approvals:ask") or request.scope.may("approvals:decide"):
        return redirect("inbox:list")
    return redirect("boards:home" if request.scope.may("figures:view") else "organisations:tree")


urlpatterns = [
    path("", home, name="home"),
    path("", include("gangmu.shell.signin.urls")),
    path("ui/", include("gangmu.foundation.ui.urls")),
    path("home/", include("gangmu.foundation.boards.urls")),
    path("inbox/", include("gangmu.foundation.inbox.urls")),
    path("approvals/", include("gangmu.foundation.approvals.urls")),
    path("filing/", include("gangmu.figures.filing.urls")),
    path("power/", include("gangmu.business.power.urls")),
    path("resources/", include("gangmu.duties.resources.urls")),
    path("norms/", include("gangmu.duties.norms.urls")),
    path("grading/", include("gangmu.duties.grading.urls")),
    path("organisations/", include("gangmu.shell.organisations.urls")),
    path("figures/", include("gangmu.shell.figures.urls")),
    path("scopes/", include("gangmu.shell.figures.scopes.urls")),
    path("pivots/", include("gangmu.figures.pivots.urls")),
    path("curves/", include("gangmu.figures.curves.urls")),
    path("analysis/", include("gangmu.figures.studies.urls")),
    path("indicators/", include("gangmu.shell.formulas.urls")),
    path("publications/", include("gangmu.figures.publications.urls")),
    path("reports/", include("gangmu.figures.reports.urls")),
    path("designs/", include("gangmu.figures.designs.urls")),
    path("documents/", include("gangmu.shell.documents.urls")),
    path("roles/", include(roles)),
    path("notices/", include("gangmu.shell.notices.urls")),
    path("api/v1/", api.urls),
]

handler400 = "gangmu.foundation.ui.errors.bad_request"
handler403 = "gangmu.foundation.ui.errors.permission_denied"
handler404 = "gangmu.foundation.ui.errors.not_found"
handler500 = "gangmu.foundation.ui.errors.server_error"
