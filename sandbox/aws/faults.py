"""Faults on demand: errors, silence, lost answers, lateness, other people's changes, holds."""

import threading
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from sandbox.aws.calls import Call

Action = Literal["error", "hang", "drop", "late", "hold", "change", "fail_update"]


@dataclass
class Fault:
    """What happens to the next `times` matching calls, once `skip` others have passed.

    error   answer `status`/`code`/`message` instead (with `after`: although it was applied)
    hang    say nothing for `seconds`, then close the connection; never applied
    drop    close the connection; `after` decides whether the call was applied
    late    wait `seconds` before the call is applied, or with `after` before it is answered
    hold    wait until released, before or after the call is applied
    change  run `call` first, as somebody else would: {"operation", "parameters", "settle", "user"}
    fail_update   the update that this call begins ends Failed, with `code` and `message`
    """

    operation: str
    action: Action
    after: bool = False
    skip: int = 0
    times: int = 1
    function: str = ""
    account: str = ""
    region: str = ""
    seconds: float = 0.0
    status: int = 0
    code: str = ""
    message: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    call: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise ValueError(f"no such action: {self.action}")

    def matches(self, call: Call) -> bool:
        wanted = (self.operation, self.function, self.account, self.region)
        actual = (call.operation, call.function, call.account, call.region)
        return all(w in ("", "*", a) for w, a in zip(wanted, actual, strict=True))


@dataclass
class State:
    """A fault and how far it has come."""

    fault: Fault
    matched: int = 0
    held: int = 0
    released: bool = False
    apply: bool = True

    @property
    def hits(self) -> int:
        return max(0, min(self.matched - self.fault.skip, self.fault.times))

    def describe(self) -> dict[str, Any]:
        return {**asdict(self.fault), "hits": self.hits, "held": self.held}


class Faults:
    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._moved = threading.Condition()
        self.closing = threading.Event()

    def add(self, fault: Fault) -> str:
        with self._moved:
            self._states[fault.id] = State(fault)
        return fault.id

    def matching(self, call: Call) -> list[Fault]:
        """The faults due for this call; each is used up by one."""
        with self._moved:
            return [state.fault for state in self._states.values() if _due(state, call)]

    def hold(self, fault: Fault) -> bool:
        """Wait here until released; whether the call may go on."""
        with self._moved:
            state = self._states.get(fault.id)
            if state is None:
                return True
            state.held += 1
            self._moved.notify_all()
            self._moved.wait_for(lambda: state.released or self.closing.is_set())
            state.held -= 1
            return state.apply and not self.closing.is_set()

    def wait_held(self, fault_id: str, seconds: float = 5.0) -> bool:
        """Whether a call is being held by this fault now, or begins to be within `seconds`."""
        with self._moved:
            state = self._states[fault_id]
            return self._moved.wait_for(lambda: state.held > 0, seconds)

    def release(self, fault_id: str, *, apply: bool = True) -> None:
        """Let held calls go on; with `apply=False` their connections are dropped instead."""
        with self._moved:
            state = self._states[fault_id]
            state.released, state.apply = True, apply
            self._moved.notify_all()

    def describe(self, fault_id: str | None = None) -> list[dict[str, Any]]:
        with self._moved:
            states = [s for i, s in self._states.items() if fault_id in (None, i)]
            return [state.describe() for state in states]

    def remove(self, fault_id: str) -> None:
        with self._moved:
            if state := self._states.pop(fault_id, None):
                state.released = True
                self._moved.notify_all()

    def clear(self) -> None:
        for fault_id in list(self._states):
            self.remove(fault_id)

    def close(self) -> None:
        """Let everybody go, for good."""
        with self._moved:
            self.closing.set()
            self._moved.notify_all()


def _due(state: State, call: Call) -> bool:
    fault = state.fault
    if state.released or not fault.matches(call):
        return False
    state.matched += 1
    return fault.skip < state.matched <= fault.skip + fault.times
