"""placeholder"""

from django.http import HttpRequest, HttpResponse


def one(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
