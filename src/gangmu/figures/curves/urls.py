from django.urls import path

from gangmu.figures.curves.views import one

app_name = "curves"
urlpatterns = [path("", one, name="one")]
