from django.urls import path

from gangmu.figures.pivots.lists import PivotList
from gangmu.figures.pivots.views import delete, home, one, open_kept, save, schedule

app_name = "pivots"
urlpatterns = [
    path("", one, name="one"),
    path("saved/", PivotList.as_view(), name="saved"),
    path("save/", save, name="save"),
    path("<int:pk>/", open_kept, name="open"),
    path("<int:pk>/home/", home, name="home"),
    path("<int:pk>/schedule/", schedule, name="schedule"),
    path("<int:pk>/delete/", delete, name="delete"),
]
