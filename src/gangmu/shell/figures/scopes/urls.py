from django.urls import path

from gangmu.shell.figures.scopes.lists import ScopeList
from gangmu.shell.figures.scopes.views import add, edit, remove, scope

app_name = "scopes"
urlpatterns = [
    path("", ScopeList.as_view(), name="list"),
    path("<str:code>/", scope, name="one"),
]
# What the back office has of it: they are defined there.
office = (
    [
        path("new/add/", add, name="add"),
        *urlpatterns,
        path("<str:code>/edit/", edit, name="edit"),
        path("<str:code>/remove/", remove, name="remove"),
    ],
    app_name,
)
