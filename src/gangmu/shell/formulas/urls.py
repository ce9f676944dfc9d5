from django.urls import path

from gangmu.shell.formulas.lists import IndicatorList
from gangmu.shell.formulas.taxes import taxes
from gangmu.shell.formulas.views import change, check, make, names, one

app_name = "formulas"
urlpatterns = [
    path("", IndicatorList.as_view(), name="list"),
    path("new/", make, name="make"),
    path("names/", names, name="names"),
    path("check/", check, name="check"),
    path("taxes/", taxes, name="taxes"),
    path("<str:code>/", one, name="one"),
    path("<str:code>/change/", change, name="change"),
]
