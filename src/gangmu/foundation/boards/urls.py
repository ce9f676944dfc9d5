from django.urls import path

from gangmu.foundation.boards.views import arrange, home, reset

app_name = "boards"
urlpatterns = [
    path("", home, name="home"),
    path("<str:code>/", home, name="of"),
    path("<str:code>/arrange/", arrange, name="arrange"),
    path("<str:code>/reset/", reset, name="reset"),
]
