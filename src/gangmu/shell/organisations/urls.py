from django.urls import path

from gangmu.shell.organisations.lists import OrganisationList
from gangmu.shell.organisations.views import organisation, tree

app_name = "organisations"
urlpatterns = [
    path("", tree, name="tree"),
    path("list/", OrganisationList.as_view(), name="list"),
    path("of/<str:code>/", organisation, name="detail"),
]
