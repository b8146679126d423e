"""What every page's shell shows: where we are, environments, what waits for this person."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.break_glass import in_use
from accounts.middleware import READS, page_before
from accounts.models import BreakGlassCode, User
from accounts.oidc.configured import is_configured, passwords_allowed
from releases import broker, policy
from releases.models import Environment
from releases.views.waiting_kept import count_waiting

# Pages that understand ?env=; elsewhere the menu leads to the dashboard.
FILTERED = ("dashboard", "list", "functions", "board", "audit", "evidence")


class Shell:
    """Lazy, so that partials and error pages pay only for what they show."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.aws_endpoint: str = settings.SLUICE_AWS_ENDPOINT

    @property
    def section(self) -> str:
        return self._request.path.strip("/").split("/")[0]

    @property
    def way_back(self) -> str:
        """Of a page that answers a form: its own address may answer nothing else. Else empty."""
        return "" if self._request.method in READS else page_before(self._request)

    @property
    def filter_path(self) -> str:
        match = self._request.resolver_match
        filtered = match is not None and match.url_name in FILTERED
        return self._request.path if filtered else reverse("releases:dashboard")

    @cached_property
    def _user(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) else None

    @cached_property
    def environments(self) -> list[Environment]:
        return list(Environment.objects.visible_to(self._user)) if self._user else []

    @cached_property
    def environment(self) -> Environment | None:
        # The board can show several at once: then the page is about none of them alone.
        names = self._request.GET.getlist("env")
        name = names[0] if len(names) == 1 else ""
        return next((each for each in self.environments if each.name == name), None)

    @property
    def env_query(self) -> str:
        return f"?{urlencode({'env': self.environment.name})}" if self.environment else ""

    @cached_property
    def decision_count(self) -> int:
        return count_waiting(self._user) if self._user else 0

    @property
    def is_paused(self) -> bool:
        """Whether Redis is down: nothing that a page needs, but everybody should know."""
        return self._user is not None and not broker.is_up()

    @property
    def may_request(self) -> policy.Decision:
        return policy.can_create_some_release(self._user) if self._user else policy.no("")

    @property
    def sees_audit(self) -> bool:
        return self._user is not None and policy.can_see_audit(self._user).allowed

    @property
    def manages_environments(self) -> bool:
        return self._user is not None and policy.can_manage_some_environment(self._user).allowed

    @cached_property
    def break_glass(self) -> list[BreakGlassCode]:
        """The codes that somebody is signed in with at this moment: everybody sees that."""
        return list(in_use()) if self._user else []

    @property
    def identity_provider(self) -> str:
        """What the provider is called that people can sign in with; empty where there is none."""
        return settings.SLUICE_OIDC_NAME if is_configured() else ""

    @property
    def allows_passwords(self) -> bool:
        return passwords_allowed()

    @property
    def manages_people(self) -> bool:
        return self._user is not None and policy.can_manage_people(self._user).allowed


def shell_of(request: HttpRequest) -> Shell:
    """One per request, shared by views and templates."""
    if not hasattr(request, "_shell"):
        request._shell = Shell(request)  # type: ignore[attr-defined]
    kept: Shell = request._shell  # type: ignore[attr-defined]
    return kept


def shell(request: HttpRequest) -> dict[str, Shell]:
    return {"shell": shell_of(request)}


def csp_nonce(request: HttpRequest) -> dict[str, str]:
    """What a page's scripts are told apart by from any that were put into it; django-htmx asks
    for it by this name."""
    return {"csp_nonce": str(getattr(request, "csp_nonce", ""))}
