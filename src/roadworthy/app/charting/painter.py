"""Draws pictures in a process of its own, which may die without harm.

The library that draws holds a JavaScript engine and native code that ends its whole process
where it meets what it did not expect. So it runs in a helper: started for the first picture,
kept warm, ended after a while without work, replaced when it dies or takes too long. It ends
with this process too, because its end of the pipe closes.

Run as a module, this is the helper. It reads no environment and no files of the project.

Not here: what is drawn (`charts`).
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from threading import Lock
from typing import Final, Literal, TypeAlias

import msgspec

from roadworthy.base.errors import RoadworthyError

PATIENCE_S: Final = 30.0
"""How long one picture may take; the slowest of ours takes a second."""
IDLE_S: Final = 300.0
"""How long the helper waits for work before it ends, which gives back 170 MB."""
_HELPER: Final = (sys.executable, "-m", "roadworthy.app.charting.painter")
_TRIES: Final = 2  # a helper may end, having nothing to do, at the moment in which it is asked
_DIED: Final = (EOFError, OSError)

Task: TypeAlias = Literal["svg", "script"]


class NotDrawn(RoadworthyError):
    """There is no picture: the process that draws died over it, or took too long."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the helper made, or why there is nothing."""

    drawn: str = ""
    fault: str | None = None


class Painter:
    """One helper at most, and one picture at a time. Safe from several threads."""

    def __init__(self, helper: Sequence[str] = _HELPER, *, patience_s: float = PATIENCE_S) -> None:
        """Start nothing yet. `helper` is run with the number of its end of the pipe."""
        self._command = tuple(helper)
        self._patience_s = patience_s
        self._lock = Lock()
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    @property
    def pid(self) -> int | None:
        """The helper's process, `None` while there is none."""
        return None if self._process is None else self._process.pid

    def paint(self, task: Task, data: bytes) -> str:
        """Have `task` done on `data`: a Vega-Lite chart as JSON, or what a script exports.

        Raises:
            NotDrawn: the helper died over it twice, took too long, or could not do it.
        """
        with self._lock:
            for _ in range(_TRIES):
                try:
                    answer = self._ask(task, data)
                except _DIED:
                    self._end()
                else:
                    return _picture_in(answer)
        raise NotDrawn("the picture cannot be drawn: the process that draws died over it")

    def close(self) -> None:
        """End the helper; the next picture starts another."""
        with self._lock:
            self._end()

    def _ask(self, task: Task, data: bytes) -> Answer:
        pipe = self._pipe or self._start()
        pipe.send_bytes(task.encode())
        pipe.send_bytes(data)
        if not pipe.poll(self._patience_s):
            self._end()
            raise NotDrawn(f"the picture was not drawn within {self._patience_s:.0f} s")
        try:
            return msgspec.msgpack.decode(pipe.recv_bytes(), type=Answer)
        except msgspec.DecodeError as error:
            raise EOFError from error  # whatever this is, it draws no more

    def _start(self) -> Connection:
        near, far = socket.socketpair()
        with far:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                (*self._command, str(far.fileno())),
                pass_fds=(far.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a dying engine prints pages
            )
        self._pipe = Connection(near.detach())
        return self._pipe

    def _end(self) -> None:
        pipe, process = self._pipe, self._process
        self._pipe = self._process = None
        if pipe is not None:
            pipe.close()
        if process is not None and self._owner == os.getpid():  # a forked child has none
            process.kill()
            process.wait()


def _picture_in(answer: Answer) -> str:
    if answer.fault is not None:
        raise NotDrawn(f"the picture cannot be drawn: {answer.fault}")
    return answer.drawn


def serve(pipe: Connection, *, idle_s: float = IDLE_S) -> None:
    """The helper's life: draw what is asked for, until nobody asks any more."""
    try:
        while pipe.poll(idle_s):
            task, data = pipe.recv_bytes(), pipe.recv_bytes()
            pipe.send_bytes(msgspec.msgpack.encode(_answer(task, data)))
    except _DIED:
        return


def _answer(task: bytes, data: bytes) -> Answer:
    import vl_convert  # noqa: PLC0415 - starts a JavaScript engine

    try:
        if task == b"svg":
            return Answer(drawn=vl_convert.vegalite_to_svg(data.decode()))
        return Answer(drawn=vl_convert.javascript_bundle(data.decode()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the next picture may do
        return Answer(fault=type(error).__name__)


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    with Connection(int(sys.argv[1])) as pipe:
        serve(pipe)
    os._exit(0)  # the engine's own threads need no farewell


if __name__ == "__main__":
    _main()
