"""What each role sees, and what each role is refused, with the reason."""

from __future__ import annotations

from html import unescape

from playwright.sync_api import Page, expect

from releases.models import Decision, Environment, Function, Release
from releases.states import ReleaseState
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, path_of
from tests.world import World

VERBS = ("approve", "reject", "withdraw-approval", "cancel", "retry", "stage-again", "adopt")
MAY_REJECT = {"security"}
MAY_REQUEST = {"second-developer"}
MAY_MANAGE = {"admin"}
OTHERS = ("viewer", "auditor", "security", "second-developer", "admin")


def refused(page: Page, path: str, method: str = "POST") -> str:
    """Send it as the page's own form would; the sentence of the 403."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    token = {"X-CSRFToken": cookies["csrftoken"], "Referer": page.url}
    form: dict[str, str | float | bool] = {
        "function": str(Function.objects.get().pk),
        "fingerprint": Release.objects.get().rounds.get().fingerprint,
        "seen": "awaiting_approval",
        "note": "x",
    }
    answer = page.request.fetch(path, method=method, headers=token, form=form, max_redirects=0)
    assert answer.status == 403, f"{method} {path}: {answer.status}"
    return unescape(answer.text())


def test_a_wrong_role_is_refused_with_a_sentence(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    for who in OTHERS:
        page = sign_in(who, path_of(release))
        for verb in VERBS:
            if verb != "reject" or who not in MAY_REJECT:
                said = refused(page, f"{path_of(release)}{verb}/")
                assert "You can't do this" in said, f"{who}: {verb}"
                assert path_of(release) in said, f"{who}: {verb}"
        for path, method in forbidden(who):
            assert "Only " in refused(page, path, method), f"{who}: {method} {path}"
        page.close()
    release.refresh_from_db()
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert not Decision.objects.exists() and Release.objects.count() == 1


def forbidden(who: str) -> list[tuple[str, str]]:
    """Path and method of all that this person may not do apart from the release."""
    function, environment = Function.objects.get(), Environment.objects.get()
    upload = f"/intakes/upload/?function={function.pk}&name=x.zip"
    asked = [("/intakes/s3/", "POST"), ("/intakes/image/", "POST"), (upload, "PUT")]
    settings = [(f"/functions/{function.pk}/settings/", "POST"), ("/functions/add/", "POST")]
    places = [("/environments/add/", "POST"), (f"/environments/{environment.pk}/", "POST")]
    return [
        *([] if who in MAY_REQUEST else asked),
        *([] if who in MAY_MANAGE else [*settings, *places]),
    ]


def test_a_page_offers_only_what_its_reader_may_do(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    for who in OTHERS:
        page = sign_in(who, path_of(release))
        offers_only_what_is_allowed(world, page, who)
        page.close()


def offers_only_what_is_allowed(world: World, page: Page, who: str) -> None:
    expect(page.locator(".person-menu")).to_contain_text(who)
    expect(page.locator("#act-approve")).to_have_attribute("aria-disabled", "true")
    title = page.locator("#act-approve").get_attribute("title")
    assert title and title.startswith("Only release managers approve releases.")
    offers_reject = page.locator("#act-reject[type=submit]")
    expect(offers_reject).to_have_count(int(who in MAY_REJECT))
    expect(page.locator("#note")).to_have_count(int(who in MAY_REJECT))
    expect(page.locator(".nav [data-go=e]")).to_have_count(int(who in MAY_MANAGE))

    page.goto(f"/functions/{world.function.pk}/")
    expect(page.locator("a#change-settings")).to_have_count(int(who in MAY_MANAGE))
    page.goto(f"/releases/new/?function={world.function.pk}")
    expect(page.locator("#zip:enabled")).to_have_count(int(who in MAY_REQUEST))
    page.goto("/functions/")
    expect(page.locator("main a[href='/functions/add/']")).to_have_count(int(who in MAY_MANAGE))


def test_a_manager_is_offered_the_whole_gate(world: World, sign_in: People) -> None:
    page = sign_in("manager", path_of(at_the_gate(world)))
    for act in ("approve", "reject"):
        expect(page.locator(f"#act-{act}[type=submit]")).to_be_enabled()
    expect(page.locator("#act-cancel[data-dialog]")).to_be_enabled()
    expect(page.locator("#act-retry, #act-stage-again, #act-adopt")).to_have_count(0)


def test_who_is_not_signed_in_is_led_there_and_back(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in.stranger()
    page.goto(path_of(release))
    page.wait_for_url(f"**/accounts/login/?next={path_of(release)}")
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#main")).to_contain_text("is wrong")
    page.get_by_label("Password").fill("only-for-tests")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path_of(release)}")
