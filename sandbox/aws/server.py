"""The sandbox as one object: started, stopped and reset in this process, or served alone."""

import pickle
import threading
from types import TracebackType

from sandbox.aws import moto_backends, routes
from sandbox.aws.admin import Admin
from sandbox.aws.calls import CallLog
from sandbox.aws.control_plane import ControlPlane
from sandbox.aws.faults import Faults
from sandbox.aws.front import Front
from sandbox.aws.http import Server
from sandbox.aws.limits import Limits
from sandbox.aws.moto_backends import DEFAULT_ACCOUNT
from sandbox.aws.names import Place
from sandbox.aws.seed import Seed
from sandbox.aws.timing import Timing
from sandbox.aws.world import World


class AwsSandbox:
    """S3, STS, IAM and ECR by moto, Lambda by ourselves, on one port of 127.0.0.1.

    Moto keeps its state once per process: two sandboxes in one process share it.
    """

    def __init__(self, port: int = 0, timing: Timing | None = None) -> None:
        self.faults = Faults()
        self.calls = CallLog()
        self._world = World(timing or Timing())
        self._plane = ControlPlane(self._world)
        self._front = Front(self._world, self._plane, self.faults, self.calls)
        self._front.admin = Admin(self._world, self._plane, self.faults, self.calls, self.reset)
        self.seed: Seed = self._front.admin.seed
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def timing(self) -> Timing:
        return self._world.timing

    @timing.setter
    def timing(self, timing: Timing) -> None:
        self._world.timing = timing

    @property
    def limits(self) -> Limits:
        return self._world.limits

    @property
    def url(self) -> str:
        return self._world.downloads.base_url

    def start(self) -> "AwsSandbox":
        self._server = self._bind()
        self._thread = threading.Thread(target=self._run, name="sandbox-aws", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server = self._bind()
        try:
            self._run()
        except KeyboardInterrupt:
            pass
        finally:
            self._close()

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._close()

    def settle(
        self, name: str, *, account: str = DEFAULT_ACCOUNT, region: str = "us-east-1"
    ) -> None:
        """End now what is Pending or InProgress, whatever the timing says."""
        self._plane.settle(Place(account, region), name)

    def saved(self) -> bytes:
        """Lambda as it stands, and the calls it was asked, for `restore` in this process."""
        return pickle.dumps((self._world.saved(), self.calls.find()))

    def restore(self, saved: bytes) -> None:
        """Be again as when `saved` was made. Moto's services are left as they are."""
        world, calls = pickle.loads(saved)  # noqa: S301 (made by `saved`, never sent)
        self._world.restore(world)
        self.calls.restore(calls)

    def reset(self) -> None:
        """Forget everything but the timing, as if just started."""
        self.faults.clear()
        self.calls.clear()
        self._world.reset()
        moto_backends.reset()

    def __enter__(self) -> "AwsSandbox":
        return self if self._server else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _bind(self) -> Server:
        routes.table()  # read now, so that the first call is as quick as the rest
        server = Server(self._port, self._front.answer)
        self._world.downloads.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        return server

    def _run(self) -> None:
        assert self._server is not None  # noqa: S101
        self._server.serve_forever(poll_interval=0.05)

    def _close(self) -> None:
        assert self._server is not None  # noqa: S101
        self.faults.close()
        self._server.server_close()
        self._server.close_connections()
        self._server = self._thread = None
        self._world.reset()


def serve(port: int = 0, timing: Timing | None = None) -> None:
    """Serve alone, in the foreground, until interrupted."""
    AwsSandbox(port, timing).serve()
