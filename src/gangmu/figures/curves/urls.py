from django.urls import path

from gangmu.figures.curves.handing import confirm, load, loaded, template
from gangmu.figures.curves.views import one

app_name = "curves"
urlpatterns = [
    path("", one, name="one"),
    path("load/", load, name="load"),
    path("load/template/", template, name="template"),
    path("load/<int:pk>/", loaded, name="loaded"),
    path("load/<int:pk>/confirm/", confirm, name="confirm"),
]
