"""Django's admin for support at /support/: administrators look up rows there and change none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import BreakGlassCode, Invitation, User
from releases import models as rows
from releases import policy

if TYPE_CHECKING:
    _ModelAdmin = ModelAdmin[Model]
else:
    _ModelAdmin = ModelAdmin

# By model: columns that are left out, because whoever reads them could be somebody else.
SECRETS: dict[type[Model], tuple[str, ...]] = {
    User: ("password",),
    Invitation: ("digest",),
    BreakGlassCode: ("secret_hash",),
    Authenticator: ("data",),
    UserSession: ("session_key", "data"),
}
# What Django keeps of people, and Sluice does not ask.
UNUSED = ("is_staff", "is_superuser")
SHOWN: Sequence[type[Model]] = (
    *SECRETS,
    SocialAccount,
    rows.Artifact,
    rows.AuditEvent,
    rows.AuditSeal,
    rows.AwsCall,
    rows.Decision,
    rows.Drift,
    rows.Environment,
    rows.Freeze,
    rows.Function,
    rows.Hold,
    rows.Intake,
    rows.Release,
    rows.Rollback,
    rows.Round,
    rows.Step,
)


class SupportSite(AdminSite):
    site_header = site_title = "Sluice support"
    index_title = "Rows as they are in the database, to be read"
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and bool(policy.can_manage_people(request.user))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """GET and HEAD alone, whatever the view could do with a form."""

        def looked_at(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            assert isinstance(request.user, User)  # noqa: S101
            policy.require(policy.can_manage_people(request.user))
            answer: HttpResponseBase = view(request, *args, **kwargs)
            return answer

        # Django's own pages name their scripts without a nonce.
        return never_cache(require_safe(csp_replace({"script-src": [SELF]})(looked_at)))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """No signing in or out, no passwords, no completion: those have pages of their own."""
        own = [
            path("", self.admin_view(self.index), name="index"),
            path("jsi18n/", self.admin_view(self.i18n_javascript), name="jsi18n"),
        ]
        of_models = [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(admin.urls))
            for model, admin in self._registry.items()
        ]
        app = path("<str:app_label>/", self.admin_view(self.app_index), name="app_list")
        return [*own, *of_models, app]


class ReadOnly(_ModelAdmin):
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("<path:object_id>/change/", view(self.change_view), name=f"{name}_change"),
        ]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        left_out = SECRETS.get(self.model, ()) + (UNUSED if self.model is User else ())
        return [each.name for each in self.opts.fields if each.name not in left_out]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All of them: there is not even a form of the others."""
        return self.get_fields(request, obj)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """None: how many rows answer would spell out, letter by letter, what is left out."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


site = SupportSite()
site.register(SHOWN, ReadOnly)
