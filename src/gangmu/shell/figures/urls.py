from django.urls import path

from gangmu.shell.figures.scopes import views as scopes
from gangmu.shell.figures.scopes.lists import ScopeList
from gangmu.shell.figures.views import explanation, lookup

app_name = "figures"
urlpatterns = [
    path("", lookup, name="lookup"),
    path("explain/", explanation, name="explain"),
    path("scopes/", ScopeList.as_view(), name="scopes"),
    path("scopes/add/", scopes.add, name="scope-add"),
    path("scopes/of/<str:code>/", scopes.scope, name="scope"),
    path("scopes/of/<str:code>/edit/", scopes.edit, name="scope-edit"),
    path("scopes/of/<str:code>/remove/", scopes.remove, name="scope-remove"),
]
