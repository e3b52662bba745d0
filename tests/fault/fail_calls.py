#!/usr/bin/env python3
"""R3: every write and every sync of a run of events fails once, with EIO and with ENOSPC, once or from then on until the disk is mended. What
was acknowledged must be there once; while the disk fails Stemma answers reads and says on /health/ready what is wrong, or ends with a
reason; once the disk is mended it records again, by itself or after a restart, and each command is there once.

A run is 108 events from an empty folder: start, nine groups of events, stop. In each of these parts the N-th call fails, N counting up from run
to run until every call of the part had its turn.

usage: fail_calls.py BUILD_DIR [--every N] [--seed N]
"""
import argparse
import collections
import errno
import os
import random
import signal
import tempfile
import threading
import time

from disk import Disk
from rig import Caller, Commands, Failure, Ledger, Stemma, check_agreement, in_memory, must_fail

GROUPS = 9
EVENTS_PER_GROUP = 11  # while the disk fails; one more on the mended one
WORKERS = 2
RETRIES_MAX = 20  # on a mended disk
HEALTH_SECONDS_MAX = 1.0
LIES = range(5, 200, 15)
KINDS = [(group, error, sticky) for group in ("write", "sync") for error in (errno.EIO, errno.ENOSPC) for sticky in (False, True)]


class Life:
    """One run on a disk that fails at the N-th call of each part."""

    def __init__(self, build, template, folder, number):
        self.stemma = Stemma(build, folder, template)
        self.disk = Disk(os.path.join(build, "lib", "faulty_disk.so"), folder, self.stemma.state)
        self.number = number
        self.commands = Commands(number)
        self.caller = Caller()
        self.acknowledged = []
        self.seen = collections.Counter()

    def run(self, group, error, sticky, lie=False):
        """How many faults struck."""
        struck = 0
        try:
            self.arm = lambda: self.disk.fail(group, self.number, error, sticky, lie)
            self.arm()
            self.start()
            struck += self.disarm()
            for _ in range(GROUPS):
                self.arm()
                for _ in range(EVENTS_PER_GROUP):
                    self.record(self.commands.make(self.acknowledged))
                struck += self.disarm()
                self.record(self.commands.make(self.acknowledged))
                self.check_well()
            self.arm()
            self.stemma.end(signal.SIGTERM)
            struck += self.disarm()
            self.check()
        finally:
            self.caller.close()
            self.disk.close()
            self.stemma.remove()
        return struck

    def disarm(self):
        """Mends the disk; whether it had failed since it was armed."""
        failed = self.disk.failed > 0
        self.disk.put("failed", 0)
        self.disk.mend()
        return failed

    def start(self):
        """Also on a disk that fails: then it must end with a reason, and start on the mended one."""
        if self.stemma.start(self.disk.environment, may_end=True) is None:
            self.seen["ended at start"] += 1
            if not self.disk.failed or "stemmad: " not in self.stemma.said():
                raise Failure(f"stemmad ended without a reason: {self.stemma.said()}")
            self.disk.mend()
            self.stemma.start(self.disk.environment)

    def record(self, command):
        """Until it is acknowledged; the disk is mended after the first error that was told, and after a second when it goes on failing."""
        for attempt in range(RETRIES_MAX):
            answer = self.caller.post(self.stemma.port, command)
            if answer and answer[0] == 201:
                self.acknowledged.append(command.number)
                self.check_copy_trouble()
                return
            self.on_error(answer)
            if attempt > 0:
                self.disk.mend()
        raise Failure(f"command {command.number} is not recorded on a mended disk: {answer}\n{self.stemma.said()}")

    def on_error(self, answer):
        if answer is None or self.stemma.daemon.poll() is not None:
            self.seen["ended while it ran"] += 1
            self.stemma.end(signal.SIGKILL)
            self.start()
            return
        if not self.disk.failed:
            raise Failure(f"an error without a fault: {answer}")
        if answer[0] not in (500, 503):
            raise Failure(f"a failing disk is answered by {answer}")
        self.seen["answered by an error"] += 1
        self.check_told("writer", "read only")
        self.stemma.ask("/api/v1/status")
        if self.acknowledged:
            self.stemma.ask(f"/api/v1/trace/back?item=urn:fault:item:{self.acknowledged[-1]}")

    def check_well(self):
        self.wait_for_health("on a whole disk", self.is_well)

    @staticmethod
    def is_well(health):
        """What the folder is made of is told as it is: a folder in memory keeps nothing, and no fault here changes that."""
        told = {state for check, state in health["checks"].items() if check != "durability"}
        return health["status"] == "ready" and told == {"ok"}

    def check_told(self, part, status):
        """/health/ready says what is wrong, and under which part."""
        self.wait_for_health("on a failing disk", lambda health: health["checks"][part] != "ok" and health["status"] == status)

    def wait_for_health(self, when, good):
        """Within a second."""
        deadline = time.monotonic() + HEALTH_SECONDS_MAX
        while not good(health := self.stemma.get("/health/ready")[1]):
            if time.monotonic() > deadline:
                raise Failure(f"{when} /health/ready says {health}")
            time.sleep(0.02)

    def check_copy_trouble(self):
        """A fault that no client is told of struck what is not needed for the answer; while it lasts, /health/ready says so too."""
        if self.disk.failed and self.disk.sticky:
            self.seen["told on /health/ready alone"] += 1
            self.check_told("checkpoint_file", "ready")
            self.disk.mend()

    def check(self):
        """The folder as a daemon on a whole disk finds it."""
        self.stemma.start()
        ledger = Ledger(self.stemma.database)
        ledger.check_chain()
        ledger.check_acknowledged(self.acknowledged)
        if len(ledger.rows) != len(self.acknowledged):
            raise Failure(f"{len(ledger.rows)} entries for {len(self.acknowledged)} commands")
        check_agreement(self.stemma.ask, ledger, random.Random(self.number))
        self.check_well()
        self.stemma.stop()
        self.stemma.command("ledger", "verify")


class Runs:
    def __init__(self, build, root):
        self.build, self.root = build, root
        self.template = os.path.join(root, "template")
        Stemma(build, self.template)
        self.struck = self.lives = 0
        self.seen = collections.Counter()
        self._next = 0
        self._lock = threading.Lock()

    def life(self, number):
        with self._lock:
            self._next += 1
            folder = os.path.join(self.root, f"life-{self._next}")
        return Life(self.build, self.template, folder, number)

    def one(self, kind, number, lie=False):
        """Faults that struck in one life; the life's other figures are added up."""
        life = self.life(number)
        try:
            struck = life.run(*kind, lie)
        except Failure as found:
            raise Failure(f"{kind[0]} {number} of each part, {errno.errorcode[kind[1]]}, {'sticky' if kind[2] else 'once'}: {found}") from None
        with self._lock:
            self.struck += struck
            self.lives += 1
            self.seen += life.seen
        return struck

    def all_of(self, kind, every):
        """N = 1, 1 + every, … until no part has an N-th call."""
        number = 1
        while self.one(kind, number):
            number += every


def run_all(runs, every):
    """Each kind of fault, in two threads; the first failure ends it."""
    kinds, failures = collections.deque(KINDS), []

    def work():
        while kinds and not failures:
            with runs._lock:
                kind = kinds.popleft() if kinds else None
            if kind is None:
                return
            try:
                runs.all_of(kind, every if kind[0] == "write" else max(1, every // 10))
            except Failure as found:
                failures.append(found)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def lying_disk(runs):
    """Writes that never happen and are told as done."""
    for number in LIES:
        runs.one(("write", errno.EIO, False), number, lie=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("build")
    options.add_argument("--every", type=int, default=100)
    given = options.parse_args()
    if not os.path.exists(os.path.join(given.build, "lib", "faulty_disk.so")):
        print("SKIP failing calls: a sanitizer's runtime does not share the process with another preloaded library")
        return
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stemma-fault-", dir=in_memory()) as root:
        os.chmod(root, 0o755)
        runs = Runs(given.build, root)
        try:
            run_all(runs, given.every)
        except Failure as found:
            raise SystemExit(str(found)) from None
        told = ", ".join(f"{count} {what}" for what, count in sorted(runs.seen.items()))
        print(f"{runs.struck} faults in {runs.lives} runs in {time.monotonic() - began:.0f} s: 0 acknowledged lost, 0 twice; {told}")
        must_fail("a disk that lies", lambda: lying_disk(Runs(given.build, os.path.join(root, "lies"))))


if __name__ == "__main__":
    main()
