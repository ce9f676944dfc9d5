from django.urls import path

from gangmu.figures.reports import views
from gangmu.figures.reports.lists import EditionList

app_name = "reports"
urlpatterns = [
    path("", EditionList.as_view(), name="list"),
    path("<str:code>/", views.report, name="report"),
    path("<str:code>/file/", views.file, name="file"),
    path("<str:code>/brief/", views.brief, name="brief"),
    path("<str:code>/picture/", views.picture, name="picture"),
    path("<str:code>/compare/", views.compare, name="compare"),
    path("<str:code>/issue/", views.issue, name="issue"),
    path("<str:code>/subscribe/", views.subscribe, name="subscribe"),
]
