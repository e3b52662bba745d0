#!/usr/bin/env python3
"""R4: the disk under the state folder is full while clients record events. Nothing acknowledged may be lost; questions are answered all the
time; /health/ready says why nothing is recorded, and the ledger does so itself, in the room that was kept back for it; once there is space
again Stemma records without a restart. Then it is full again, the
daemon is killed and started on the full disk, and gets space once more.

The disk is a tmpfs of 8 MB in a mount namespace of the test's own, which needs no root where user namespaces are allowed; else the calls of
tests/support/faults/faulty_disk.c say that it is full.

usage: full_disk.py BUILD_DIR
"""
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from disk import UNLIMITED, Disk
from rig import Caller, Commands, Failure, Ledger, Stemma, check_agreement, must_fail

MEGABYTE = 1 << 20
DISK_BYTES = 8 * MEGABYTE
BALLAST_BYTES = 3 * MEGABYTE  # of somebody else; removed when space is wanted
CALLERS = 3
ERRORS_UNTIL_FULL = 5  # in a row, of each caller
EVENTS_MAX = 5000  # a disk that is not full by then is none of 8 MB
AFTERWARDS = 6  # events of each caller once there is space again: an event takes up to 64 KB of the log
RECOVERY_SECONDS_MAX = 2.0
FULL = re.compile("is full|No space left")
INSIDE = "STEMMA_FULL_DISK_INSIDE"


class Tmpfs:
    """A real file system that is full."""

    name = "a tmpfs of 8 MB"
    is_real = True  # what the file system says of its free space is true

    def __init__(self, _build, root):
        self.folder = os.path.join(root, "disk")
        os.mkdir(self.folder, 0o755)
        self._mount("size=%d" % DISK_BYTES)
        self._ballast = os.path.join(self.folder, "ballast")
        with open(self._ballast, "wb") as file:
            file.write(bytes(BALLAST_BYTES))
        self.environment = {}

    def _mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder], check=True, capture_output=True)

    def begin(self, _stemma):
        pass

    def free_some(self):
        os.remove(self._ballast)

    def free_much(self):
        self._mount("remount,size=%d" % (4 * DISK_BYTES))

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=True, capture_output=True)


class Pretended:
    """Calls that say ENOSPC once the files have grown by so much."""

    name = "calls that say that 8 MB are full"
    is_real = False

    def __init__(self, build, root):
        self.folder = root
        self._library = os.path.join(build, "lib", "faulty_disk.so")
        self._disk = None
        self.environment = {}

    def begin(self, stemma):
        self._disk = Disk(self._library, self.folder, stemma.state)
        self.environment = self._disk.environment
        self._disk.put("space", DISK_BYTES - BALLAST_BYTES)

    def free_some(self):
        self._disk.put("space", BALLAST_BYTES)

    def free_much(self):
        self._disk.put("space", UNLIMITED)

    def close(self):
        self._disk.close()


class Recorder:
    """A client that goes on until the disk is full, and knows what was acknowledged."""

    def __init__(self, commands, early):
        self.commands = commands
        self.early = early  # the red control: a command is taken for recorded as soon as it is sent
        self.acknowledged = []
        self.pending = None  # the command that the disk has no room for

    def fill(self, port):
        self._go(port, lambda errors: errors >= ERRORS_UNTIL_FULL, EVENTS_MAX)

    def go_on(self, port):
        """Everything must be recorded; the first within RECOVERY_SECONDS_MAX."""
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        self._go(port, lambda errors: errors and time.monotonic() > deadline, AFTERWARDS)
        if self.pending is not None:
            raise Failure(f"there is space again, and after {RECOVERY_SECONDS_MAX} s a command is still answered by {self.said}")

    def _go(self, port, enough, events):
        caller, errors = Caller(), 0
        while events > 0:
            command = self.pending or self.commands.make(self.acknowledged)
            answer = caller.post(port, command)
            recorded = answer is not None and answer[0] == 201
            if recorded or self.early:
                self.acknowledged.append(command.number)
            self.pending = None if recorded or self.early else command
            if recorded:
                errors, events = 0, events - 1
                continue
            self.said, errors = answer, errors + 1
            if enough(errors):
                break
            time.sleep(0.01)
        caller.close()


def all_of(recorders, act):
    failures = []

    def work(recorder):
        try:
            act(recorder)
        except Failure as found:
            failures.append(found)

    threads = [threading.Thread(target=work, args=(recorder,)) for recorder in recorders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def check_full(stemma, recorders):
    for recorder in recorders:
        if recorder.pending is None:
            raise Failure(f"the disk is not full after {len(recorder.acknowledged)} events")
        if recorder.said is None or recorder.said[0] not in (500, 503) or not FULL.search(recorder.said[1]):
            raise Failure(f"a full disk is answered by {recorder.said}")
    health = stemma.ask("/health/ready")
    if health["status"] != "read only" or not FULL.search(health["checks"]["writer"]):
        raise Failure(f"on a full disk /health/ready says {health}")
    status = stemma.ask("/api/v1/status")
    if status.get("readOnly") != health["checks"]["writer"]:
        raise Failure(f"on a full disk the status says {status}")


def check_stored(stemma, recorders):
    ledger = Ledger(stemma.database)
    ledger.check_acknowledged({number for recorder in recorders for number in recorder.acknowledged})
    check_agreement(stemma.ask, ledger, random.Random(len(ledger.rows)))
    return ledger


def run(build, root, make_disk, early=False, reserve=True):
    disk = make_disk(build, root)
    stemma = Stemma(build, os.path.join(disk.folder, "stemma"), snapshots=True, reserve=reserve)
    disk.begin(stemma)
    try:
        commands = Commands(0)
        recorders = [Recorder(commands, early) for _ in range(CALLERS)]
        stemma.start(disk.environment)
        all_of(recorders, lambda recorder: recorder.fill(stemma.port))
        if not early:
            check_full(stemma, recorders)
        ledger = check_stored(stemma, recorders)
        first = len(ledger.rows) - ledger.said_full
        if disk.is_real and ledger.said_full != 1:
            raise Failure(f"the disk was full once, the ledger says so {ledger.said_full} times")
        disk.free_some()
        all_of(recorders, lambda recorder: recorder.go_on(stemma.port))
        check_stored(stemma, recorders)
        all_of(recorders, lambda recorder: recorder.fill(stemma.port))
        check_full(stemma, recorders)
        stemma.end(signal.SIGKILL)
        stemma.start(disk.environment)
        check_stored(stemma, recorders)
        disk.free_much()
        all_of(recorders, lambda recorder: recorder.go_on(stemma.port))
        ledger = check_stored(stemma, recorders)
        ledger.check_chain()
        acknowledged = sum(len(recorder.acknowledged) for recorder in recorders)
        if len(ledger.rows) - ledger.said_full != acknowledged:
            raise Failure(f"{len(ledger.rows)} entries, another number than acknowledged commands")
        if disk.is_real and ledger.said_full != 2:
            raise Failure(f"the disk was full twice, the ledger says so {ledger.said_full} times")
        stemma.stop()
        stemma.command("ledger", "verify")
        print(f"{disk.name}: full at {first} events and again later; {acknowledged} acknowledged, {acknowledged} stored, 0 lost, 0 twice; "
              f"the ledger says {ledger.said_full} times that the disk was full; "
              "questions were answered, recording went on without a restart")
    finally:
        stemma.remove()
        disk.close()


def namespace():
    """A command that gives its own mounts to what it runs, or nothing where that is not allowed."""
    command = ["unshare", "--user", "--map-root-user", "--mount"]
    if os.geteuid() == 0:
        command = ["unshare", "--mount"]
    for candidate in (command, ["unshare", "--user", "--map-root-user", "--mount"]):
        with tempfile.TemporaryDirectory(prefix="stemma-fault-") as folder:
            tried = subprocess.run([*candidate, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
        if tried.returncode == 0:
            return candidate
    return []


def main():
    build = sys.argv[1]
    if INSIDE not in os.environ and (command := namespace()):
        os.execvpe(command[0], [*command, sys.executable, "-B", *sys.argv], {**os.environ, INSIDE: "1"})
    kinds = [Tmpfs] if INSIDE in os.environ else []
    if os.path.exists(os.path.join(build, "lib", "faulty_disk.so")):
        kinds.append(Pretended)
    if not kinds:
        print("SKIP full disk: no mount namespace, and a sanitizer's runtime does not share the process with another preloaded library")
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="stemma-fault-") as root:
            os.chmod(root, 0o755)
            try:
                run(build, root, kind)
            except Failure as found:
                raise SystemExit(f"{kind.name}: {found}") from None
        with tempfile.TemporaryDirectory(prefix="stemma-fault-") as root:
            os.chmod(root, 0o755)
            must_fail("early ack", lambda root=root, kind=kind: run(build, root, kind, early=True))
        if not kind.is_real:
            continue
        with tempfile.TemporaryDirectory(prefix="stemma-fault-") as root:
            os.chmod(root, 0o755)
            must_fail("no reserve", lambda root=root, kind=kind: run(build, root, kind, reserve=False))


if __name__ == "__main__":
    main()
