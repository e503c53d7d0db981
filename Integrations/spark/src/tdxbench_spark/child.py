"""A `tdxbench advise --jsonl --keep-going` for each partition: requests in, answers out, in order."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import tempfile
import threading
from typing import Iterable, Iterator, Optional, Sequence


class ChildError(RuntimeError):
    """tdxbench ended before it answered. Spark takes it for a failed task, and tries again."""


def find_binary(name: Optional[str] = None) -> str:
    """tdxbench as it was shipped with the job (--files), named by TDXBENCH, or in PATH, in this order.

    ``name``: of the shipped file, or a path that is the same on all machines.
    """
    from pyspark import SparkFiles

    name = name or "tdxbench"
    if os.path.isabs(name):
        return _executable(name)
    try:
        shipped = SparkFiles.get(name)
        if os.path.isfile(shipped):
            return _executable(shipped)
    except Exception:
        pass  # Outside a job nothing is shipped.
    path = os.environ.get("TDXBENCH") or shutil.which(name)
    if not path:
        raise ChildError(f"no {name}: ship it with --files, or put it into the PATH of the executors")
    return _executable(path)


def _executable(path: str) -> str:
    if not os.path.isfile(path):
        raise ChildError(f"{path} is not there")
    if not os.access(path, os.X_OK):
        # What was shipped belongs to the executor.
        os.chmod(path, os.stat(path).st_mode | 0o755)
    return path


class Child:
    """One process.

    A thread writes and a thread reads, so that neither waits for the other: a pipe holds 64 KiB, and the
    answers to a block of requests are more than that.
    """

    def __init__(self, command: Sequence[str]):
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        self._requests: queue.Queue = queue.Queue(maxsize=2)
        self._answers: queue.Queue = queue.Queue(maxsize=4096)
        self._closed = threading.Event()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._writer.start()
        self._reader.start()

    def _write(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        broken = False
        while (block := self._requests.get()) is not None:
            if broken:
                continue  # The reader has met the end, or will.
            try:
                stdin.write(block)
                stdin.flush()
            except (BrokenPipeError, OSError):
                broken = True
        try:
            stdin.close()
        except (BrokenPipeError, OSError):
            pass

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            # A line without its end is what a dying process leaves.
            if not line.endswith(b"\n") or not self._put(line):
                break
        self._put(None)

    def _put(self, line: Optional[bytes]) -> bool:
        while not self._closed.is_set():
            try:
                self._answers.put(line, timeout=1)
                return True
            except queue.Full:
                continue
        return False

    def send(self, block: bytes) -> None:
        """Hands on lines of requests. Waits while two blocks before are not written yet."""
        self._requests.put(block)

    def answer(self, host: str) -> bytes:
        """The next answer; ``host`` is the one that it must be of."""
        line = self._answers.get()
        if line is None:
            raise self._failure(f"before it answered for the host {host}")
        return line

    def finish(self, host: str) -> None:
        """Ends it, and holds its exit status against what was asked; ``host`` is the last one."""
        self._requests.put(None)
        if self._answers.get() is not None:
            raise ChildError(f"tdxbench answered more than it was asked, after the host {host}")
        # 1: an answer was no.
        if self._process.wait() not in (0, 1):
            raise self._failure(f"after the host {host}")

    def _failure(self, when: str) -> ChildError:
        try:
            status = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        said = self._errors.read().decode("utf-8", "replace").strip()
        return ChildError(f"tdxbench {how} {when}" + (f": {said}" if said else ""))

    def close(self) -> None:
        """Lets go of everything, whatever the process does."""
        self._closed.set()
        if self._process.poll() is None:
            self._process.kill()
        try:
            self._requests.put_nowait(None)
        except queue.Full:
            try:
                self._requests.get_nowait()
                self._requests.put_nowait(None)
            except (queue.Empty, queue.Full):
                pass
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()


def ask(command: Sequence[str], blocks: Iterable[tuple[list[str], bytes]]) -> Iterator[list[bytes]]:
    """The answers to blocks of requests, a list for each block.

    ``blocks``: the hosts of a block, and its lines, one for each host. The next block is read and written while
    the answers to this one are awaited; memory holds three blocks.
    """
    child = None
    waiting: list[list[str]] = []
    last = "none"
    try:
        for hosts, lines in blocks:
            if not hosts:
                continue
            child = child or Child(command)
            child.send(lines)
            waiting.append(hosts)
            if len(waiting) > 1:
                last = waiting[0][-1]
                yield [child.answer(host) for host in waiting.pop(0)]
        while child and waiting:
            last = waiting[0][-1]
            yield [child.answer(host) for host in waiting.pop(0)]
        if child:
            child.finish(last)
    finally:
        if child:
            child.close()
