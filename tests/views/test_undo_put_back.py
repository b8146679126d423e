"""Undoing a put-back, where its outcome is shown: forward again, or a sentence why not."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import User
from releases.actions.put_back import put_back
from releases.actions.restore_drift import restore_drift
from releases.models import Artifact, Release
from releases.packages.store import artifacts, package_name
from releases.states import ReleaseState
from tests.actions.drifts import change_code, change_memory, drifted, found, through_the_gate
from tests.aws.packages import sha256_of
from tests.kept import kept
from tests.rollbacks import released_without_alias
from tests.world import HERE, World, package

ClientFor = Callable[[User], Client]


@kept
def over_their_code(world: World) -> Release:
    """Code that was never published was on `$LATEST` when version 2 was put back."""
    released_without_alias(world)
    change_code(world, "theirs")
    found(world)
    return back_to(world, 2)


def back_to(world: World, number: int) -> Release:
    world.function.refresh_from_db()
    code = world.function.latest_code_sha256
    release = put_back(world.function, to=number, reason="It fails", seen=code,
                       by=world.people["manager"], origin=HERE)  # fmt: skip
    world.advance(release)
    assert release.state == ReleaseState.RELEASED
    return release


def restored(world: World) -> Release:
    """Somebody's code and memory were replaced by what was released, of which two approved."""
    drift = found(world)
    release = restore_drift(drift, by=world.people["manager"], origin=HERE, seen=drift.revision)
    assert release is not None
    through_the_gate(world, release, "second-manager")
    return release


def page(client: Client, release: Release) -> str:
    return client.get(f"/releases/{release.pk}/").content.decode()


def test_a_published_version_is_gone_forward_to_by_the_sheet(
    world: World, client_for: ClientFor
) -> None:
    released_without_alias(world)
    browser = client_for(world.people["manager"])
    text = page(browser, back_to(world, 2))
    assert "Undo is another rollback, forward to the code of v3." in text
    assert f'href="/functions/{world.function.pk}/roll-back/?to=3"' in text
    again = back_to(world, 3)
    assert "forward to the code of v4" in page(browser, again)
    first = Release.objects.filter(rolls_back_to=2).get()
    assert "act-undo" not in page(browser, first)


def test_code_that_was_never_published_is_requested_again(
    world: World, client_for: ClientFor
) -> None:
    release = over_their_code(world)
    browser = client_for(world.people["manager"])
    assert release.before_stage is not None
    theirs = release.before_stage.code_sha256
    assert theirs == sha256_of(package("theirs"))
    assert "Undo requests a release of the code from before it" in page(browser, release)
    answer = browser.post(f"/releases/{release.pk}/undo-put-back/")
    made = Release.objects.latest("pk")
    assert answer.headers["Location"] == f"/releases/{made.pk}/"
    assert made.artifact is not None and made.artifact.code_sha256 == theirs
    assert (made.skips_gate, made.rolls_back_to) == (False, None)
    assert f"{made.reference} brings that code already" in page(browser, release)
    assert browser.post(f"/releases/{release.pk}/undo-put-back/").status_code in (403, 409)


def test_what_the_store_lost_cannot_be_undone_and_says_why(
    world: World, client_for: ClientFor
) -> None:
    release = over_their_code(world)
    browser = client_for(world.people["manager"])
    assert release.before_stage is not None
    lost = Artifact.objects.get(code_sha256=release.before_stage.code_sha256)
    artifacts().storage.delete(package_name(lost.sha256))
    text = page(browser, release)
    assert "so this cannot be undone here" in text and "act-undo" not in text


def test_a_restored_drift_offers_it_on_its_page_and_says_that_settings_stay(
    world: World, client_for: ClientFor
) -> None:
    drifted(world, change_code, change_memory, alias="")
    browser = client_for(world.people["manager"])
    release = restored(world)
    drift = release.drifts.get()
    text = browser.get(f"/drifts/{drift.pk}/").content.decode()
    assert "Undo requests a release of the code from before it" in text
    assert "Sluice keeps no environment values" in text.replace("\n", " ")
    assert f"/releases/{release.pk}/undo-put-back/" in text and "act-undo" in text
    assert "act-undo" in page(browser, release)


def test_settings_alone_cannot_be_undone_and_say_why(world: World, client_for: ClientFor) -> None:
    drift = drifted(world, change_memory)
    browser = client_for(world.people["manager"])
    restore_drift(drift, by=world.people["manager"], origin=HERE, seen=drift.revision)
    text = browser.get(f"/drifts/{drift.pk}/").content.decode()
    assert "settings-stay" in text and "act-undo" not in text


def test_who_may_not_request_a_release_is_told_so(world: World, client_for: ClientFor) -> None:
    release = over_their_code(world)
    security = client_for(world.people["security"])
    assert "request releases" in page(security, release)
    assert security.post(f"/releases/{release.pk}/undo-put-back/").status_code == 403
    ordinary = world.request(None)
    assert security.post(f"/releases/{ordinary.pk}/undo-put-back/").status_code == 403
