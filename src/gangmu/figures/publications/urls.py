from django.urls import path

from gangmu.figures.publications.lists import PublicationList
from gangmu.figures.publications.views import add, end, mine, one

app_name = "publications"
urlpatterns = [
    path("", mine, name="mine"),
    path("made/", PublicationList.as_view(), name="made"),
    path("add/", add, name="add"),
    path("<int:pk>/", one, name="one"),
    path("<int:pk>/end/", end, name="end"),
]
