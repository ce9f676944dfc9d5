from django.urls import URLPattern

app_name = "power"
urlpatterns: list[URLPattern] = []
