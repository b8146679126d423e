"""Addresses that show how Django stands behind `config.asgi`."""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

broken_off: list[str] = []


@login_not_required
@require_http_methods(["GET", "POST"])
def echo(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"secure": request.is_secure(), "query": request.GET.dict()})


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    return JsonResponse(broken_off, safe=False)


def me(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    size, digest = 0, hashlib.sha256()
    try:
        while chunk := request.read(256 * 1024):
            size += len(chunk)
            digest.update(chunk)
    except UnreadablePostError as error:
        broken_off.append(str(error))
        raise
    return JsonResponse({"size": size, "sha256": digest.hexdigest()})


@csrf_exempt
@login_not_required
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


@login_not_required
def endless(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(b"x" * 65536 for _ in range(4096))


urlpatterns = [
    path("echo/", echo),
    path("broken/", broken),
    path("me/", me),
    path("form/", form),
    path("endless/", endless),
    path("intakes/upload/", upload),
    path("accounts/login/", echo, name="account_login"),
]
