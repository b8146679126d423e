"""People with a browser each, and what their consoles complain about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from accounts.models import Role, User
from tests.factories import UserFactory
from tests.signing_in import signed_in
from tests.world import World

PASSWORD = "only-for-tests"
# Requests that a navigation broke off.
BROKEN_OFF = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
MORE_PEOPLE = {
    "second-developer": Role.DEVELOPER,
    "auditor": Role.AUDITOR,
    "viewer": Role.VIEWER,
}


def give_accounts(world: World) -> None:
    """Everybody of the cast, each able to sign in."""
    for username, role in MORE_PEOPLE.items():
        world.people[username] = UserFactory.create(username=username, role=role)
    for person in world.people.values():
        person.set_password(PASSWORD)
        person.save()


@dataclass
class Profiles:
    """What keeps one person's browser apart from another's; a used one is emptied and used again.

    Only loaded scripts and styles stay: to begin each profile by fetching and compiling all of
    them would cost more than the first page of most tests.
    """

    browser: Browser
    _free: dict[str, list[BrowserContext]] = field(default_factory=dict)
    _kinds: dict[BrowserContext, str] = field(default_factory=dict)

    def take(self, **options: Any) -> BrowserContext:
        kind = repr(sorted(options.items()))
        if free := self._free.get(kind):
            return free.pop()
        context = self.browser.new_context(**options)
        context.set_default_timeout(60_000)
        self._kinds[context] = kind
        return context

    def give_back(self, context: BrowserContext, site: str) -> None:
        page = context.pages[0] if context.pages else context.new_page()
        # Before the pages are closed: only a page has a session to say it in.
        everything = {"origin": site, "storageTypes": "all"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", everything)
        for each in context.pages:
            each.close()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        self._free.setdefault(self._kinds[context], []).append(context)


@dataclass
class People:
    """`people("manager")` is a page of the manager's own browser, signed in, on the dashboard."""

    profiles: Profiles
    site: str
    errors: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def expect_error(self, *parts: str) -> None:
        """The consoles may complain about this; anything else fails the test."""
        self._expected.extend(parts)

    def stranger(self, **options: Any) -> Page:
        """A page that shows nothing yet, of somebody who is not signed in."""
        # What moves for ever costs a browser a tenth of a core, and a colour on its way is neither.
        still = {"reduced_motion": "reduce"}
        context = self.profiles.take(base_url=self.site, **still | options)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._listen)
        return page

    def sign_in_by_hand(self, username: str, **options: Any) -> Page:
        page = self.stranger(**options)
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("/")
        return page

    def __call__(
        self, username: str, path: str = "/", *, ago: timedelta = timedelta(0), **options: Any
    ) -> Page:
        page = self.stranger(**options)
        client = signed_in(User.objects.get(username=username), ago=ago)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site}])
        page.goto(path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            self.profiles.give_back(context, self.site)

    def _listen(self, line: ConsoleMessage) -> None:
        if line.type != "error" or line.text.startswith(BROKEN_OFF):
            return
        if not any(part in line.text for part in self._expected):
            at = line.page.url if line.page else ""
            self.errors.append(f"{at}: {line.text} ({line.location['url']})")
