from django.urls import path

from gangmu.shell.notices.views import NoticeList, mark_all_read, open_notice

app_name = "notices"
urlpatterns = [
    path("", NoticeList.as_view(), name="list"),
    path("<int:pk>/", open_notice, name="open"),
    path("read/", mark_all_read, name="read"),
]
