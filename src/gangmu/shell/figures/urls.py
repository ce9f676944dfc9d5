from django.urls import path

from gangmu.shell.figures.views import explanation, lookup

app_name = "figures"
urlpatterns = [
    path("", lookup, name="lookup"),
    path("explain/", explanation, name="explain"),
]
