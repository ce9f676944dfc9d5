from django.urls import path

from gangmu.figures.designs import views
from gangmu.figures.designs.lists import DesignList

app_name = "designs"
urlpatterns = [
    path("", DesignList.as_view(), name="list"),
    path("add/", views.add, name="add"),
    path("language/", views.language, name="language"),
    path("<str:code>/", views.report, name="report"),
    path("<str:code>/file/", views.file, name="file"),
    path("<str:code>/compare/", views.compare, name="compare"),
    path("<str:code>/receipts/", views.receipts, name="receipts"),
    path("<str:code>/issue/", views.issue, name="issue"),
    path("<str:code>/subscribe/", views.subscribe, name="subscribe"),
    path("<str:code>/confirm/", views.confirm, name="confirm"),
    path("<str:code>/versions/", views.versions, name="versions"),
    path("<str:code>/settings/", views.settings, name="settings"),
    path("<str:code>/template/", views.template, name="template"),
    path("<str:code>/apply/", views.apply, name="apply"),
]
