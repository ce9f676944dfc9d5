from django.urls import path

from gangmu.shell.records.lists import EventList, HistoryList
from gangmu.shell.records.views import change, event

app_name = "records"
urlpatterns = [
    path("events/", EventList.as_view(), name="events"),
    path("events/<int:pk>/", event, name="event"),
    path("history/", HistoryList.as_view(), name="history"),
    path("history/<int:pk>/", change, name="change"),
]
