from django.urls import path

from gangmu.figures.filing.lists import CorrectionList, DutyList, FormList, SheetList
from gangmu.figures.filing.views.forms import form

app_name = "filing"
urlpatterns = [
    path("sheets/", SheetList.as_view(), name="sheets"),
    path("corrections/", CorrectionList.as_view(), name="corrections"),
    path("forms/", FormList.as_view(), name="forms"),
    path("forms/<str:code>/", form, name="form"),
    path("duties/", DutyList.as_view(), name="duties"),
]
