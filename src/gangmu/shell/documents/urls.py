from django.urls import path

from gangmu.shell.documents.lists import DocumentList
from gangmu.shell.documents.views import add, detail, download, remove

app_name = "documents"
urlpatterns = [
    path("", DocumentList.as_view(), name="list"),
    path("add/", add, name="add"),
    path("<int:pk>/", detail, name="detail"),
    path("<int:pk>/file/", download, name="download"),
    path("<int:pk>/remove/", remove, name="remove"),
]
