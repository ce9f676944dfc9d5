from django.urls import path

from gangmu.shell.roles.lists import AssignmentList
from gangmu.shell.roles.views import assignments, menus, reviews, roles, seen, why

app_name = "roles"
WHY = [path("why/", why.why, name="why")]
urlpatterns = [
    path("", roles.every_role, name="list"),
    path("add/", roles.add, name="add"),
    path("compare/", roles.compare, name="compare"),
    path("<int:pk>/", roles.one, name="one"),
    path("<int:pk>/edit/", roles.edit, name="edit"),
    path("<int:pk>/remove/", roles.remove, name="remove"),
    path("<int:pk>/menu/", menus.menu_of_role, name="menu"),
    path("assignments/", AssignmentList.as_view(), name="assignments"),
    path("assignments/give/", assignments.give, name="give"),
    path("assignments/<int:pk>/end/", assignments.end, name="end"),
    path("assignments/<int:pk>/renew/", assignments.renew, name="renew"),
    path("seen/", seen.seen, name="seen"),
    path("reviews/", reviews.every_review, name="reviews"),
    path("reviews/open/", reviews.open_review, name="open-review"),
    path("reviews/parts/<int:pk>/", reviews.part, name="part"),
    path("reviews/parts/<int:pk>/file/", reviews.file, name="part-file"),
    path("reviews/parts/<int:pk>/decide/", reviews.decide, name="decide"),
    path("reviews/parts/<int:pk>/sign/", reviews.sign, name="sign"),
    *WHY,
]
# What the business site has of it: why oneself does not see something.
business = (WHY, app_name)
