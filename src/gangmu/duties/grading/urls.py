from django.urls import path

from gangmu.duties.grading.lists import SystemList
from gangmu.duties.grading.views import golive, gradings, matrices, systems, workbench

app_name = "grading"
urlpatterns = [
    path("", SystemList.as_view(), name="systems"),
    path("systems/<int:system>/", systems.system, name="system"),
    path("systems/<int:system>/by/<slug:slug>/", workbench.workbench, name="workbench"),
    path("systems/<int:system>/by/<slug:slug>/take-over/", systems.take_over, name="take-over"),
    path("systems/<int:system>/go-live/", golive.golive, name="golive"),
    path("systems/<int:system>/go-live/save/", golive.save, name="golive-save"),
    path("systems/<int:system>/go-live/files/", golive.attach, name="golive-attach"),
    path("systems/<int:system>/go-live/files/<int:file>/", golive.file, name="golive-file"),
    path("systems/<int:system>/go-live/files/<int:file>/take-back/", golive.take_back, name="golive-take-back"),
    path("systems/<int:system>/go-live/submit/", golive.submit, name="golive-submit"),
    path("systems/<int:system>/go-live/withdraw/", golive.withdraw, name="golive-withdraw"),
    path("gradings/<int:pk>/", gradings.grading, name="grading"),
    path("gradings/<int:pk>/submit/", gradings.submit, name="submit"),
    path("gradings/<int:pk>/withdraw/", gradings.withdraw, name="withdraw"),
    path("gradings/<int:pk>/certify/", gradings.certify, name="certify"),
    path("gradings/<int:pk>/certificate/<slug:kind>/<slug:language>/", gradings.certificate, name="certificate"),
    path("gradings/<int:pk>/services/", gradings.catalogue, name="catalogue"),
    path("schemes/<slug:slug>/", matrices.matrices, name="matrices"),
    path("schemes/<slug:slug>/<slug:step>/", matrices.edit, name="matrix-edit"),
]
