"""Every address of the site, but /live/ and /healthz/: config.asgi answers those itself."""

from allauth.account.views import login, logout
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

urlpatterns = [
    path("accounts/login/", login_not_required(login), name="account_login"),
    path("accounts/logout/", logout, name="account_logout"),
    path("", include("releases.urls")),
]
