"""Many jobs in one process or several; what goes wrong with one does not stop the others."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TypeVar

from unnoise.errors import UnnoiseError

Job = TypeVar("Job")
Result = TypeVar("Result")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Failed:
    """What went wrong with a job."""

    error: str


def side_by_side(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[tuple[Job, Result | Failed]]:
    """Each job with its result, or with why it failed, as it is done.

    `work` must pickle where `workers` is above 1. Other errors than those that unnoise raises on purpose stop all.
    """
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield job, _one(work, job)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context, initializer=_begin) as pool:
        with _held_interrupts(), _one_thread_each():
            futures = {pool.submit(_in_worker, work, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                job = futures.pop(future)  # results must not pile up
                error = future.exception()
                yield job, Failed(f"the worker broke off ({error})") if error else future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # Interrupted like us, the workers remove what they have half written.
            for process in list((getattr(pool, "_processes", None) or {}).values()):
                if process.pid:
                    os.kill(process.pid, signal.SIGINT)
            raise


@contextlib.contextmanager
def _held_interrupts() -> Iterator[None]:
    """Interrupts wait, also in the processes begun meanwhile: one that is still loading would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes begun meanwhile compute on one thread, unless the user says otherwise: together they fill the cores."""
    names = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


def _begin() -> None:
    """First in a worker: an interrupt ends it quietly, also one that waited."""
    signal.signal(signal.SIGINT, _leave)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _leave(number: int = 0, frame: object = None) -> None:
    os._exit(130)


def _break_off(number: int, frame: object) -> None:
    """One interrupt only: a second would break off the removing of what is half written."""
    signal.signal(signal.SIGINT, _pass_over)
    signal.signal(signal.SIGTERM, _pass_over)
    raise KeyboardInterrupt


def _pass_over(number: int, frame: object) -> None:
    """In place of SIG_IGN, of which Python warns where a signal came just before."""


def _in_worker(work: Callable[[Job], Result], job: Job) -> Result | Failed:
    signal.signal(signal.SIGINT, _break_off)
    signal.signal(signal.SIGTERM, _break_off)  # what the pool sends to the others as soon as one has ended
    try:
        return _one(work, job)
    except KeyboardInterrupt:
        _leave()
        raise
    finally:
        signal.signal(signal.SIGINT, _leave)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _one(work: Callable[[Job], Result], job: Job) -> Result | Failed:
    try:
        return work(job)
    except UnnoiseError as error:
        return Failed(str(error))
    except MemoryError:
        return Failed("not enough memory")
