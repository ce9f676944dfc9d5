from django.urls import path

from gangmu.shell.people import lists
from gangmu.shell.people.views import importing, one, policy, verbs

app_name = "people"
urlpatterns = [
    path("", lists.PersonList.as_view(), name="list"),
    path("new/", one.create, name="create"),
    path("reports/", one.reports, name="reports"),
    path("reports/dormant/", lists.DormantReport.as_view(), name="dormant"),
    path("reports/never-used/", lists.NeverUsedReport.as_view(), name="never-used"),
    path("reports/without-role/", lists.WithoutRoleReport.as_view(), name="without-role"),
    path("reports/shared/", lists.SharedReport.as_view(), name="shared"),
    path("reports/administrators/", lists.AdministratorReport.as_view(), name="administrators"),
    path("import/", importing.take, name="import"),
    path("import/template/<str:kind>/", importing.template, name="template"),
    path("import/<int:intake>/", importing.preview, name="preview"),
    path("import/<int:intake>/take-over/", importing.take_over, name="take-over"),
    path("import/<int:intake>/sheet/", importing.sheet, name="sheet"),
    path("policy/", policy.policy, name="policy"),
    path("policy/change/", policy.change, name="policy-change"),
    path("policy/withdraw/", policy.withdraw, name="policy-withdraw"),
    path("<int:pk>/", one.one, name="one"),
    path("<int:pk>/edit/", one.edit, name="edit"),
    path("<int:pk>/place/", one.place, name="place"),
    path("<int:pk>/do/<slug:verb>/", verbs.act, name="act"),
    path("<int:pk>/session/<int:session>/end/", verbs.end_session, name="end-session"),
    path("<int:pk>/certificate/", verbs.bind_certificate, name="bind-certificate"),
    path("<int:pk>/certificate/<int:certificate>/remove/", verbs.unbind_certificate, name="unbind-certificate"),
]
