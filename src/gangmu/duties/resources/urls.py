from django.urls import path

from gangmu.duties.resources.lists import ResourceList
from gangmu.duties.resources.views import changing, exchange, looking

app_name = "resources"
urlpatterns = [
    path("", ResourceList.as_view(), name="list"),
    path("picture/", looking.whole, name="picture"),
    path("add/", changing.add, name="add"),
    path("export/", exchange.export, name="export"),
    path("import/", exchange.take, name="import"),
    path("import/template/", exchange.template, name="template"),
    path("import/<int:intake>/", exchange.preview, name="preview"),
    path("import/<int:intake>/take-over/", exchange.take_over, name="take-over"),
    path("<int:pk>/", looking.one, name="one"),
    path("<int:pk>/if-fails/", looking.if_fails, name="if-fails"),
    path("<int:pk>/edit/", changing.edit, name="edit"),
    path("<int:pk>/end/", changing.end, name="end"),
    path("<int:pk>/need/", changing.need, name="need"),
    path("<int:pk>/need/<int:dependency>/end/", changing.unneed, name="unneed"),
]
