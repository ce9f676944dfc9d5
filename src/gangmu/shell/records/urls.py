from django.urls import path

from gangmu.shell.records.lists import AlarmList, EventList, HistoryList
from gangmu.shell.records.views.alarming import alarm, rules
from gangmu.shell.records.views.asking import needs
from gangmu.shell.records.views.exporting import export
from gangmu.shell.records.views.keeping import (
    answer_purge,
    answer_retention,
    ask_purge,
    ask_retention,
    hold,
    lengthen,
    release,
    retention,
)
from gangmu.shell.records.views.reading import change, event, person, thing
from gangmu.shell.records.views.receiving import end, receivers
from gangmu.shell.records.views.standing import overview, seals, verify

app_name = "records"
urlpatterns = [
    path("", overview, name="overview"),
    path("events/", EventList.as_view(), name="events"),
    path("events/<int:pk>/", event, name="event"),
    path("history/", HistoryList.as_view(), name="history"),
    path("history/<int:pk>/", change, name="change"),
    path("people/<int:user>/", person, name="person"),
    path("things/<str:label>/<str:row>/", thing, name="thing"),
    path("seals/", seals, name="seals"),
    path("seals/verify/", verify, name="verify"),
    path("alarms/", needs("alarms:view")(AlarmList.as_view()), name="alarms"),
    path("alarms/<int:pk>/", alarm, name="alarm"),
    path("alarms/rules/", rules, name="alarm-rules"),
    path("export/", export, name="export"),
    path("retention/", retention, name="retention"),
    path("retention/ask/", ask_retention, name="ask-retention"),
    path("retention/<int:pk>/answer/", answer_retention, name="answer-retention"),
    path("retention/<slug:code>/lengthen/", lengthen, name="lengthen"),
    path("holds/add/", hold, name="hold"),
    path("holds/<int:pk>/release/", release, name="release"),
    path("purges/ask/", ask_purge, name="ask-purge"),
    path("purges/<int:pk>/answer/", answer_purge, name="answer-purge"),
    path("receivers/", receivers, name="receivers"),
    path("receivers/<slug:name>/end/", end, name="end-receiver"),
]
