from django.urls import path

from gangmu.foundation.approvals.lists import CaseList, DecisionList, LateList
from gangmu.foundation.approvals.views.bulk import bulk
from gangmu.foundation.approvals.views.case import act, case_page
from gangmu.foundation.approvals.views.late import remind_all
from gangmu.foundation.approvals.views.leave import end, leave
from gangmu.foundation.approvals.views.routes import route_page, routes_page
from gangmu.foundation.approvals.views.signing import bundle, signing, text, to_sign

app_name = "approvals"
RULES = [
    path("leave/", leave, name="leave"),
    path("leave/<int:pk>/end/", end, name="leave-end"),
    path("routes/", routes_page, name="routes"),
    path("routes/<int:pk>/", route_page, name="route"),
]
urlpatterns = [
    path("", CaseList.as_view(), name="list"),
    path("<int:pk>/", case_page, name="case"),
    path("<int:pk>/<slug:action>/", act, name="act"),
    path("<int:pk>/sign/<slug:action>/", to_sign, name="sign"),
    path("signing/<int:request_id>/", signing, name="signing"),
    path("signing/<int:request_id>/decision.json", text, name="signing-text"),
    path("signatures/<int:signature>/", bundle, name="bundle"),
    path("many/", bulk, name="bulk"),
    path("late/", LateList.as_view(), name="late"),
    path("late/remind/", remind_all, name="remind-late"),
    path("decisions/", DecisionList.as_view(), name="decisions"),
    *RULES,
]
# What the back office has of it.
office = (RULES, app_name)
