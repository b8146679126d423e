"""Every address of the site, but /live/ and /healthz/: config.asgi answers those itself."""

from django.urls import include, path

from accounts import support

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("support/", support.site.urls),
    path("", include("accounts.oidc.urls")),
    path("", include("releases.urls")),
]
