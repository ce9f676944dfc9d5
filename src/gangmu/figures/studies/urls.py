from django.urls import path

from gangmu.figures.studies.views import one

app_name = "studies"
urlpatterns = [path("", one, name="one")]
