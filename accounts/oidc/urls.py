"""The addresses of OpenID Connect."""

from django.urls import path

from accounts.oidc import views
from accounts.step_up import DECIDE, asks_for, asks_to_look

urlpatterns = [
    path("accounts/oidc/", views.begin, name="oidc_begin"),
    # What is registered with the provider.
    path("accounts/oidc/callback/", views.callback, name="oidc_callback"),
    path("accounts/oidc/confirm/", views.confirm, name="oidc_confirm"),
    path("accounts/oidc/link/", asks_to_look(views.link), name="oidc_link"),
    path("accounts/oidc/unlink/", asks_for(DECIDE)(views.unlink), name="oidc_unlink"),
]
