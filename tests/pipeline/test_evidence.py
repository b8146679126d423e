"""What an event keeps besides its sentence: objects, before and after, AWS's request ids."""

from __future__ import annotations

from releases.models import AuditEvent, AwsCall, Rollback
from releases.pipeline.engine import take_over
from releases.pipeline.poll import poll
from tests.actions.drifts import change_code
from tests.pipeline.ways import added, at_the_gate
from tests.rollbacks import back, released_twice
from tests.world import World


def event(action: str) -> AuditEvent:
    found = AuditEvent.objects.filter(action=action).order_by("pk").last()
    assert found is not None, f"no {action}"
    return found


def ids(**fields: object) -> set[str]:
    """AWS's ids of the recorded calls that match."""
    return set(AwsCall.objects.filter(**fields).values_list("request_id", flat=True)) - {""}


def kinds(found: AuditEvent) -> set[str]:
    return {each["kind"] for each in found.objects_named}


def test_a_release_tells_what_went_out_and_the_calls_that_put_it_there(world: World) -> None:
    release = released_twice(world)
    out = event("release.released")
    named = {each["kind"]: each["name"] for each in out.objects_named}
    assert release.artifact is not None
    assert named == {"version": "2", "artifact": release.artifact.sha256, "alias": "live"}
    assert out.before == {"state": "publishing", "live_version": "1"}
    assert out.after == {"state": "released", "live_version": "2"}
    assert set(out.aws_request_ids) >= ids(release=release, is_write=True)
    for step in release.steps.all():
        done = AuditEvent.objects.get(action="step.done", data__step=step.get_name_display())
        assert set(done.aws_request_ids) == ids(step=step) != set()


def test_an_approval_names_what_it_was_given_for_and_is_one_click_with_what_it_caused(
    world: World,
) -> None:
    release = released_twice(world)
    given, let = event("release.approval_given"), event("release.approved")
    assert kinds(given) == kinds(let) == {"round", "artifact"}
    assert release.artifact is not None
    assert release.artifact.sha256 in [each["name"] for each in given.objects_named]
    assert given.request_id == let.request_id
    # Sluice let it through; nobody sits at its address.
    assert (given.address, let.address) == ("127.0.0.1", None)


def test_a_step_that_was_broken_off_keeps_the_calls_it_made(world: World) -> None:
    release = at_the_gate(world)
    release.steps.update(finished_at=None)
    take_over(release)
    assert set(event("step.interrupted").aws_request_ids) == ids(release=release) != set()


def test_a_rollback_is_one_click_with_its_calls_and_what_was_live(world: World) -> None:
    released_twice(world)
    rollback = back(world)
    done, held = event("rollback.done"), event("function.held")
    assert set(done.aws_request_ids) == ids(rollback=rollback) != set()
    assert (done.before, done.after) == ({"live_version": 2}, {"live_version": 1})
    assert kinds(done) == {"rollback", "version", "alias", "person"}
    assert held.after == {"on_hold": True, "until": "somebody resumes it"}
    begun = event("rollback.started")
    assert begun.request_id == held.request_id == done.request_id
    assert Rollback.objects.get().pk in [each["id"] for each in begun.objects_named]


def test_drift_names_both_codes_and_the_calls_that_saw_it_and_made_it(world: World) -> None:
    added(world)
    was = world.function.latest_code_sha256
    change_code(world)
    poll(world.function.pk)
    drifted, traced = event("function.drifted"), event("function.traced")
    assert drifted.before == {"code_sha256": was}
    assert drifted.after == {"code_sha256": world.latest()["CodeSha256"]}
    assert kinds(drifted) == {"drift"} and drifted.aws_request_ids
    assert len(traced.aws_request_ids) == 1


def test_no_secret_is_in_any_event(world: World) -> None:
    released_twice(world)
    change_code(world)
    poll(world.function.pk)
    for row in AuditEvent.objects.values():
        assert "planted" not in str(row)
