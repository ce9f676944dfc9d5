"""Changing organisations: at the back office alone."""

from django.urls import path

from gangmu.shell.organisations.changing import grid, views
from gangmu.shell.organisations.changing.lists import ChangeList

app_name = "changes"
urlpatterns = [
    path("", ChangeList.as_view(), name="list"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("drafts/<int:pk>/", views.look, name="draft"),
    path("drafts/<int:pk>/discard/", views.discard, name="discard"),
    path("of/<str:code>/", views.begin, name="begin"),
    path("of/<str:code>/<slug:verb>/", views.ask, name="ask"),
    path("parameters/", grid.of_many, name="parameters"),
    path("parameters/import/", grid.take, name="parameters-import"),
    path("parameters/of/<str:code>/", grid.of_one, name="parameters-of"),
]
