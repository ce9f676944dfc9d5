from django.urls import path

from gangmu.duties.norms.lists import BaselineList
from gangmu.duties.norms.views import baselines, clauses, comparing, figures, files

app_name = "norms"

urlpatterns = [
    path("", clauses.standards, name="standards"),
    path("baselines/", BaselineList.as_view(), name="baselines"),
    path("baselines/<int:pk>/", baselines.baseline, name="baseline"),
    path("<slug:slug>/", clauses.clauses, name="clauses"),
    path("<slug:slug>/clauses/<str:key>/", clauses.clause, name="clause"),
    path("<slug:slug>/compare/", comparing.compare_cells, name="compare"),
    path("<slug:slug>/figures/", figures.figures, name="figures"),
    path("<slug:slug>/freeze/", baselines.freeze, name="freeze"),
    path("<slug:slug>/oscal/", files.oscal, name="oscal"),
]
