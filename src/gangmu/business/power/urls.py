from django.urls import path

from gangmu.business.power.lists import EventList
from gangmu.business.power.views import add, void

app_name = "power"
urlpatterns = [
    path("events/", EventList.as_view(), name="events"),
    path("events/add/", add, name="event-add"),
    path("events/<int:pk>/void/", void, name="event-void"),
]
