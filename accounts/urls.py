"""Signing in and one's own account: only what is wanted of allauth, each with a page of ours.

allauth looks the addresses that begin with account_ and mfa_ up by these names.
"""

from allauth.account.views import login, logout
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from accounts.step_up import DECIDE, asks_for, asks_to_look
from accounts.views import factors, profile, security, sign_in, step_up

deciding = asks_for(DECIDE)

urlpatterns = [
    # signing in and out
    path("login/", login_not_required(login), name="account_login"),
    path("login/passkey/", sign_in.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("login/second-factor/", sign_in.SecondFactor.as_view(), name="mfa_authenticate"),
    path("logout/", logout, name="account_logout"),
    path("step-up/", step_up.step_up, name="step_up"),
    # how one likes it
    path("profile/", profile.profile, name="profile"),
    path("profile/theme/", profile.theme, name="theme"),
    # what proves who one is
    path("security/", security.security, name="security"),
    path("security/password/", security.ChangePassword.as_view(), name="account_change_password"),
    path("security/app/add/", asks_to_look(factors.AddApp.as_view()), name="mfa_activate_totp"),
    path("security/app/remove/", deciding(factors.RemoveApp.as_view()), name="mfa_deactivate_totp"),
    path(
        "security/passkeys/add/",
        asks_to_look(factors.AddPasskey.as_view()),
        name="mfa_add_webauthn",
    ),
    path(
        "security/passkeys/<int:pk>/remove/",
        deciding(factors.RemovePasskey.as_view()),
        name="mfa_remove_webauthn",
    ),
    path(
        "security/recovery-codes/",
        asks_to_look(factors.RecoveryCodes.as_view()),
        name="mfa_view_recovery_codes",
    ),
    path(
        "security/recovery-codes/new/",
        deciding(factors.NewRecoveryCodes.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    # where one is signed in
    path("security/sessions/<int:pk>/end/", security.end, name="end_session"),
    path("security/sessions/end-others/", security.end_others, name="end_other_sessions"),
]
