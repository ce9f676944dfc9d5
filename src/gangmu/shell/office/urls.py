"""The back office. The generated matrix test tries every address here, and that the business site has it not."""

from django.urls import include, path

from gangmu.figures.filing.urls import office as filing
from gangmu.foundation.approvals.urls import office as approvals
from gangmu.shell.figures.scopes.urls import office as scopes
from gangmu.shell.office.views import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("gangmu.shell.signin.urls")),
    path("ui/", include("gangmu.foundation.ui.urls")),
    path("people/", include("gangmu.shell.people.urls")),
    path("organisations/", include("gangmu.shell.organisations.urls")),
    path("organisations/change/", include("gangmu.shell.organisations.changing.urls")),
    path("filing/", include(filing)),
    path("indicators/", include("gangmu.shell.formulas.urls")),
    path("scopes/", include(scopes)),
    path("approvals/", include(approvals)),
    path("records/", include("gangmu.shell.records.urls")),
    path("roles/", include("gangmu.shell.roles.urls")),
]

handler400 = "gangmu.foundation.ui.errors.bad_request"
handler403 = "gangmu.foundation.ui.errors.permission_denied"
handler404 = "gangmu.foundation.ui.errors.not_found"
handler500 = "gangmu.foundation.ui.errors.server_error"
