"""Keeping a release as a draft on the form, and requesting it on its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import IntakeState, Release
from releases.states import ReleaseState
from tests.factories import IntakeFactory
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def test_the_form_keeps_a_draft(client_for: ClientFor, developer: User) -> None:
    intake = IntakeFactory.create(state=IntakeState.ACCEPTED)
    sent = {"function": intake.function.pk, "intake": str(intake.pk), "draft": ""}
    assert client_for(developer).post("/releases/new/", sent).status_code == 302
    assert Release.objects.get().state == ReleaseState.DRAFT


def test_its_page_requests_it(client_for: ClientFor, developer: User) -> None:
    draft = a_release(ReleaseState.DRAFT, requested_by=developer)
    page = client_for(developer).get(f"/releases/{draft.pk}/").content.decode()
    assert f'action="/releases/{draft.pk}/request/"' in page
    assert post(client_for(developer), draft, "request").status_code == 302
    assert state_of(draft) == ReleaseState.QUEUED


def test_others_read_why_they_cannot(client_for: ClientFor, manager: User) -> None:
    draft = a_release(ReleaseState.DRAFT)
    page = client_for(manager).get(f"/releases/{draft.pk}/").content.decode()
    assert "whose draft this is, can request it" in page
    assert post(client_for(manager), draft, "request").status_code == 403
