from django.urls import path

from gangmu.figures.designs.lists import DesignList
from gangmu.figures.designs.views import designs, reports

app_name = "designs"
urlpatterns = [
    path("", DesignList.as_view(), name="list"),
    path("add/", designs.add, name="add"),
    path("language/", designs.language, name="language"),
    path("<str:code>/", reports.report, name="report"),
    path("<str:code>/file/", reports.file, name="file"),
    path("<str:code>/compare/", reports.compare, name="compare"),
    path("<str:code>/receipts/", reports.receipts, name="receipts"),
    path("<str:code>/issue/", reports.issue, name="issue"),
    path("<str:code>/subscribe/", reports.subscribe, name="subscribe"),
    path("<str:code>/confirm/", reports.confirm, name="confirm"),
    path("<str:code>/versions/", designs.versions, name="versions"),
    path("<str:code>/settings/", designs.settings, name="settings"),
    path("<str:code>/template/", designs.template, name="template"),
    path("<str:code>/apply/", designs.apply, name="apply"),
]
