"""Processes that colour are kept, killed when they take too long or too much, and replaced."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from releases.diff.workers import Worker, Workers

# Answers with its own process id, or does what it is asked to: hang, grow or die.
PROGRAM = """
import json, os, resource, signal, socket, struct
resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
with socket.socket(fileno=0) as asker:
    asker.sendall(b"!")
    while head := asker.recv(4, socket.MSG_WAITALL):
        task = json.loads(asker.recv(struct.unpack("!I", head)[0], socket.MSG_WAITALL))
        if task == "hang":
            signal.pause()
        if task == "grow":
            bytearray(1 << 30)
        if task == "die":
            os._exit(1)
        data = json.dumps(dict(os.environ) if task == "environment" else os.getpid()).encode()
        asker.sendall(struct.pack("!I", 1 << 31 if task == "boast" else len(data)) + data)
"""


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    workers = Workers(1, program)
    yield workers
    workers.close()


def ask(workers: Workers, task: str, seconds: float = 60) -> object:
    answer = workers.ask(json.dumps(task).encode(), seconds=seconds)
    return json.loads(answer) if answer else None


def test_worker_is_kept_for_the_next_question(workers: Workers) -> None:
    assert ask(workers, "") == ask(workers, "")


def test_worker_that_takes_too_long_is_killed_and_replaced(workers: Workers) -> None:
    first = ask(workers, "")
    assert isinstance(first, int)
    assert ask(workers, "hang", seconds=0.2) is None
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert ask(workers, "") not in {None, first}


@pytest.mark.parametrize("task", ["grow", "die", "boast"])
def test_worker_that_fails_is_replaced(workers: Workers, task: str) -> None:
    first = ask(workers, "")
    assert ask(workers, task) is None
    assert ask(workers, "") not in {None, first}


def test_worker_knows_nothing_of_our_environment(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "known to us only")
    found = ask(workers, "environment")
    assert isinstance(found, dict)
    assert "SECRET_KEY" not in found and "PATH" not in found


def test_nobody_waits_longer_than_the_time_for_a_busy_worker(workers: Workers) -> None:
    hanging = threading.Thread(target=ask, args=(workers, "hang", 1.0))
    ask(workers, "")
    hanging.start()
    while workers.idle:
        pass
    assert ask(workers, "", seconds=0.01) is None
    hanging.join()


def test_program_that_does_not_start_is_no_worker(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit(1)")
    with pytest.raises(ConnectionResetError):
        Worker(program)
    assert Workers(1, program).ask(b"1", seconds=60) is None


def test_forked_process_does_not_share_workers(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    script = (
        "import os, sys; from pathlib import Path; from releases.diff.workers import Workers;"
        "workers = Workers(1, Path(sys.argv[1]));"
        "ask = lambda: workers.ask(b'1', seconds=60);"
        "mine = ask(); child = os.fork();"
        "child or os._exit(0 if ask() not in {None, mine} else 1);"
        "sys.exit(os.waitpid(child, 0)[1] or ask() != mine)"
    )
    command = [sys.executable, "-c", script, str(program)]
    assert subprocess.run(command, check=False, timeout=60).returncode == 0


def test_lexer_that_goes_astray_is_ended_by_the_kernel(tmp_path: Path) -> None:
    lexing = Path("releases/diff/lexing.py").read_text()
    program = tmp_path / "lexing.py"
    endless = "def colour(task):\n    while task['name'] == 'endless': pass\n"
    program.write_text(lexing.replace("def serve(", f"{endless}\n\ndef serve("))
    workers = Workers(1, program)
    assert workers.ask(b'{"name": "endless"}', seconds=60) is None
    assert workers.ask(b'{"name": "other"}', seconds=60) == b"null"
    workers.close()
