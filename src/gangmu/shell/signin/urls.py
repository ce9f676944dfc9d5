from django.urls import path

from . import views
from .demonstration import sign_in_as

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/as/", sign_in_as, name="demonstration"),
    path("sign-out/", views.sign_out, name="sign-out"),
]
