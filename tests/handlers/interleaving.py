"""Calls that overlap exactly as a test wants, one access to the world at a time."""

import threading
from collections.abc import Callable


class CrashError(BaseException):
    """The process of a call ended."""


class Running(threading.Thread):
    """One call: it stands before an access to the world until it is told to go on, or to crash there."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self.answer: object = None
        self.error: Exception | None = None
        self.crashed = self.finished = False
        self._work = work
        self._goes, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self.start()
        self._stands.acquire()

    def run(self) -> None:
        try:
            self.answer = self._work()
        except Exception as error:  # noqa: BLE001 (the test wants to see it)
            self.error = error
        except CrashError:
            self.crashed = True
        finally:
            self.finished = True
            self._stands.release()

    def stand(self) -> None:
        """Wait before an access; called by the call itself."""
        self._stands.release()
        self._goes.acquire()
        if self.crashed:
            raise CrashError

    def step(self) -> None:
        """Let the call make one access and come to the next, or to its end."""
        self._goes.release()
        self._stands.acquire()

    def crash(self) -> None:
        """End the call's process where it stands."""
        self.crashed = True
        self.step()


def gate() -> None:
    """What every access of a call passes; whoever is no `Running` call passes freely."""
    thread = threading.current_thread()
    if isinstance(thread, Running):
        thread.stand()
