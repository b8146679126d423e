"""A click on the sheet of a rollback, with what the sheet showed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from releases.models import Function
from tests.world import World


def sheet(world: World) -> str:
    return f"/functions/{world.function.pk}/roll-back/"


def seen(world: World) -> dict[str, Any]:
    function = Function.objects.get(pk=world.function.pk)
    newest = function.rollbacks.first()
    return {
        "seen_live": str(function.live_version or ""),
        "seen_rollback": str(newest.pk if newest else 0),
    }


def click(client: Client, world: World, to: int | str = 1, **typed: str) -> HttpResponse:
    sent = {"to": str(to), "reason": "Checkout fails"} | seen(world) | typed
    answer = client.post(sheet(world), sent)
    assert isinstance(answer, HttpResponse)
    return answer
