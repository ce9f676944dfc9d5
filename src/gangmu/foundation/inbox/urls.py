from django.urls import path

from gangmu.foundation.inbox.views import count, inbox

app_name = "inbox"
urlpatterns = [
    path("", inbox, name="list"),
    path("count/", count, name="count"),
]
