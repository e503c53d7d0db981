"""A guest in QEMU: started, listened to, answered, and ended when its time is over."""

import json
import os
import selectors
import socket
import subprocess
import time

from .archive import LabError

DONE = b"@@@DONE"
# What a console may come to: a scenario with a few thousand blocks has a tenth of it.
CONSOLE_LIMIT = 64 << 20


class Monitor:
    """QEMU's monitor, as a person would use it, over its protocol for programs (QMP)."""

    def __init__(self, connection):
        connection.settimeout(60)
        self._file = connection.makefile("rw")
        self._file.readline()
        self._ask("qmp_capabilities")

    def command(self, text):
        """The answer to a command, in one line; `done` where it has nothing to say."""
        try:
            answer = self._ask("human-monitor-command", **{"command-line": text})
        except OSError as error:
            answer = f"Error: {error}"
        return "; ".join(line.strip() for line in str(answer).splitlines() if line.strip()) or "done"

    def _ask(self, command, **arguments):
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        for line in self._file:
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                return "Error: " + answer["error"]["desc"]
        return "Error: QEMU closed its monitor"


def run(command, folder, timeout, environment, progress=None):
    """Runs QEMU with two serial ports and gives what the first one printed.

    The guest writes commands for the monitor into the second, a line each, and reads the answers there.
    A guest that does not end in time is ended: what it printed is the answer then, too. Raises LabError where QEMU
    does not start.
    """
    sockets = {name: str(folder / name) for name in ("monitor", "requests")}
    for path in sockets.values():
        if os.path.exists(path):
            os.unlink(path)
    command = command + [
        "-display", "none", "-no-reboot", "-serial", "stdio",
        "-chardev", f"socket,id=requests,path={sockets['requests']},server=on,wait=off", "-serial", "chardev:requests",
        "-qmp", f"unix:{sockets['monitor']},server=on,wait=off",
    ]
    deadline = time.monotonic() + timeout
    errors = folder / "errors"
    with errors.open("w") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=file, env=environment,
            preexec_fn=lambda: os.nice(10),
        )
    try:
        monitor = Monitor(_connect(sockets["monitor"], process, deadline))
        requests = _connect(sockets["requests"], process, deadline)
        console = _listen(process, requests, monitor, deadline, progress)
    except LabError as error:
        raise LabError(f"{error}: {errors.read_text(errors='replace').strip()}") from None
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
    return console, errors.read_text(errors="replace").strip()


def _send(requests, answer):
    try:
        requests.sendall(answer.encode() + b"\n")
    except OSError:
        pass  # The guest is gone, and so is who asked.


def _connect(path, process, deadline):
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection
        except OSError:
            connection.close()
        if process.poll() is not None:
            raise LabError("QEMU ended at once")
        if time.monotonic() > deadline:
            raise LabError("QEMU did not open its sockets")
        time.sleep(0.1)


def _listen(process, requests, monitor, deadline, progress):
    """The console up to its end; requests are answered meanwhile. A guest whose time is over is ended by the caller."""
    console, request = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(requests, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or len(console) > CONSOLE_LIMIT:
                return bytes(console)
            for key, _ in selector.select(min(left, 1)):
                if key.fileobj is requests:
                    chunk = requests.recv(4096)
                    if not chunk:
                        selector.unregister(requests)
                    request += chunk
                    while b"\n" in request:
                        line, _, rest = bytes(request).partition(b"\n")
                        request = bytearray(rest)
                        answer = monitor.command(line.decode(errors="replace").strip())
                        _send(requests, answer)
                else:
                    chunk = os.read(process.stdout.fileno(), 65536)
                    if not chunk:
                        return bytes(console)
                    console += chunk
                    if progress:
                        progress(len(console))
