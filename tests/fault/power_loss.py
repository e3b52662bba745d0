#!/usr/bin/env python3
"""R2: what a power loss may leave. While stemmad records events, every call that changes a file of its state folder is kept; then images are
built of the folder as it could stand after a loss of power at any moment: what was made durable is there, of the rest nothing, all, a
prefix, any part, or any 512-byte sectors. Each image is opened as the daemon would open it and must hold every event that was
acknowledged by that moment, whole and once; the lineage of its snapshot, which is written all the time, and the entries behind it
must be the one that the ledger alone gives.

What is modelled: bytes of files in sectors of 512 that are old or new, lengths, and names (made, replaced, removed), which become durable in
order, by a sync of the folder or of the file they belong to. Not modelled: a sector that is neither old nor new, a disk that lies.

usage: power_loss.py BUILD_DIR [--images N] [--seed N]
"""
import argparse
import bisect
import collections
import json
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time

from disk import Disk, read_record
from rig import Caller, Commands, Failure, Ledger, Looker, Starts, Stemma, in_memory, must_fail

SECTOR = 512
CALLERS = 3
EVENTS = 120  # of each of the three lives of the daemon that are recorded
WORKERS = 2
CONTROL_IMAGES = 60
WAYS = ("none", "all", "prefix", "subset", "torn")


class Recording:
    """A daemon's life on a disk that keeps a record: the folder before, the calls, and when each command was acknowledged."""

    def __init__(self, build, root, seed):
        self.stemma = Stemma(build, os.path.join(root, "recorded"), snapshots=True)
        self.before = os.path.join(root, "before")
        shutil.copytree(self.stemma.state, self.before)
        record = os.path.join(root, "record")
        disk = Disk(os.path.join(build, "lib", "faulty_disk.so"), root, self.stemma.state)
        environment = {**disk.environment, "STEMMA_DISK_RECORD": record}
        self.acknowledged = []  # (time in ns, number)
        self._lock = threading.Lock()
        commands = Commands(seed)
        for end in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            self.stemma.start(environment)
            threads = [threading.Thread(target=self._record, args=(commands,)) for _ in range(CALLERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.stemma.end(end)
        disk.close()
        self.calls = read_record(record)
        self.acknowledged.sort()
        if len(self.acknowledged) != 3 * EVENTS:
            raise Failure(f"{len(self.acknowledged)} of {3 * EVENTS} events were acknowledged on a disk without faults")

    def _record(self, commands):
        caller, done = Caller(), []
        for _ in range(EVENTS // CALLERS):
            command = commands.make(done)
            answer = caller.post(self.stemma.port, command)
            if answer is None or answer[0] != 201:
                return
            with self._lock:
                self.acknowledged.append((time.monotonic_ns(), command.number))
            done.append(command.number)
        caller.close()

    def acknowledged_before(self, moment_ns):
        return {number for _, number in self.acknowledged[:bisect.bisect_left(self.acknowledged, (moment_ns, -1))]}


class File:
    """Bytes that are durable, and changes since the last sync in their order: (offset, bytes) or a new length."""

    def __init__(self, durable=b""):
        self.durable = bytearray(durable)
        self.pending = []

    def sync(self):
        for change in self.pending:
            apply(self.durable, change)
        self.pending.clear()


def apply(content, change):
    if isinstance(change, int):
        content[change:] = bytes(max(0, change - len(content)))
        return
    offset, data = change
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def sectors(change):
    """A write in pieces that lie in one sector each; a new length as it is."""
    if isinstance(change, int):
        return [change]
    offset, data = change
    cuts = [0, *range(SECTOR - offset % SECTOR, len(data), SECTOR), len(data)]
    return [(offset + a, data[a:b]) for a, b in zip(cuts, cuts[1:])]


class Folder:
    """The state folder as calls change it: names point to files, and changes of names wait for a sync too."""

    def __init__(self, before):
        self.durable = {}
        for base, _, names in os.walk(before):
            for name in names:
                path = os.path.join(base, name)
                with open(path, "rb") as file:
                    self.durable[os.path.relpath(path, before)] = File(file.read())
        self.names = dict(self.durable)
        self.pending_names = []  # (what, name, file): "link" or "unlink", in order

    def perform(self, call):
        """One call of the record."""
        if call.kind == "c":
            self._name("link", call.path, File())
        elif call.kind == "u":
            self._name("unlink", call.path, self.names[call.path])
        elif call.kind == "r":
            file = self.names[call.path]
            self._name("link", call.second, file)
            self._name("unlink", call.path, file)
        elif call.kind == "w":
            self.names[call.path].pending.append((call.offset, call.data))
        elif call.kind == "t":
            self.names[call.path].pending.append(call.offset)
        elif call.path in self.names:
            self._sync_file(self.names[call.path])
        else:
            self._sync_names(len(self.pending_names))

    def _name(self, what, name, file):
        if what == "link":
            self.names[name] = file
        else:
            del self.names[name]
        self.pending_names.append((what, name, file))

    def _sync_file(self, file):
        """As journalling file systems do it: a file's sync also makes its own new name durable, and all changes of names before."""
        file.sync()
        made = [at for at, (what, _, of) in enumerate(self.pending_names) if what == "link" and of is file]
        if made:
            self._sync_names(made[-1] + 1)

    def _sync_names(self, count):
        change_names(self.durable, self.pending_names[:count])
        del self.pending_names[:count]

    def image(self, way, choose):
        """Name -> bytes, one of the ways a loss of power can end."""
        names = dict(self.durable)
        kept = {"none": 0, "all": len(self.pending_names)}.get(way, choose.randint(0, len(self.pending_names)))
        change_names(names, self.pending_names[:kept])
        return {name: content_of(file, way, choose) for name, file in names.items()}


def change_names(names, changes):
    for what, name, file in changes:
        if what == "link":
            names[name] = file
        else:
            names.pop(name, None)


def content_of(file, way, choose):
    pending = file.pending
    if way == "none" or not pending:
        return bytes(file.durable)
    content = bytearray(file.durable)
    if way == "prefix":
        pending = pending[:choose.randint(0, len(pending))]
    if way == "torn":
        pending = [piece for change in pending for piece in sectors(change)]
    for change in pending:
        if way in ("all", "prefix") or choose.randrange(2):
            apply(content, change)
    return bytes(content)


def honest(calls):
    return calls


def synchronous_normal(calls):
    """As with PRAGMA synchronous=NORMAL: the log is made durable before it is copied into the database, not at each commit."""
    kept = []
    for at, call in enumerate(calls):
        if call.kind == "s" and call.path.endswith("-wal"):
            following = next((later for later in calls[at + 1:] if later.kind in "wt" and ".checkpoint" not in later.path), None)
            if following is None or following.path.endswith("-wal"):
                continue
        kept.append(call)
    return kept


def synchronous_off(calls):
    return [call for call in calls if call.kind != "s" or ".checkpoint" in call.path or call.path == "."]


class Opener:
    """Lays images out in a folder and has them opened."""

    def __init__(self, build, folder, options):
        self.folder = folder
        os.makedirs(os.path.join(folder, "plugins"), mode=0o755)
        with open(os.path.join(folder, "stemma.yaml"), "w", encoding="utf-8") as out:
            out.write("state: {folder: state}\nplugins: {directory: plugins}\n")
        self.looker = Looker(build, *options)
        self.close = self.looker.close

    def open(self, image):
        state = os.path.join(self.folder, "state")
        shutil.rmtree(state, ignore_errors=True)
        for name, content in image.items():
            path = os.path.join(state, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            if name.endswith(".key"):
                os.chmod(path, 0o600)
        return self.looker.look(self.folder), os.path.join(state, "stemma.db")


Verdict = collections.namedtuple("Verdict", "at way wrong kind")


def judge(opener, image, acknowledged, starts):
    """What is wrong with the image as opened, "" when nothing is; and how to count it."""
    said, database = opener.open(image)
    for word in ("refused", "damaged", "differs"):
        if word in said:
            return f"{word}: {said[word]}", word
    ledger = Ledger(database)
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    if sound != "ok":
        return f"integrity_check: {sound}", "damaged"
    try:
        ledger.check_chain()
        ledger.check_acknowledged(acknowledged)
    except Failure as found:
        return str(found), "lost"
    if said["entries"] != len(ledger.rows) or said["lineage"]["position"] != len(ledger.rows):
        return f"{len(ledger.rows)} entries, but the daemon says {said['entries']} and lineage {said['lineage']['position']}", "differs"
    if said["snapshot"] is not None:
        starts.count(said)
    elif ledger.rows:
        return "the lineage could not be compared", "damaged"
    return "", "well"


def explore(recording, build, root, images, seed, starts, disk=honest, options=()):
    """Opens so many images, at moments chosen evenly over the record; verdicts of those that are not well, and how many were."""
    calls = disk(recording.calls)
    choose = random.Random(seed)
    moments = sorted(choose.randrange(1, len(calls)) for _ in range(images))
    jobs = [[] for _ in range(WORKERS)]
    for number, moment in enumerate(moments):
        jobs[number % WORKERS].append((moment, WAYS[choose.randrange(len(WAYS))], choose.randrange(2**32)))
    verdicts = [[] for _ in range(WORKERS)]

    def work(worker):
        opener = Opener(build, os.path.join(root, f"{disk.__name__}{''.join(options)}-{worker}"), options)
        folder, done = Folder(recording.before), 0
        for moment, way, chance in jobs[worker]:
            while done < moment:
                folder.perform(calls[done])
                done += 1
            acknowledged = recording.acknowledged_before(calls[moment].began_ns)
            wrong, kind = judge(opener, folder.image(way, random.Random(chance)), acknowledged, starts)
            verdicts[worker].append(Verdict(moment, way, wrong, kind))
        opener.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [verdict for part in verdicts for verdict in part]
    if len(found) != images:
        raise SystemExit("a worker ended early")
    return found


def check(recording, build, root, images, seed, disk=honest, options=()):
    """What the starts were made from, when all is well."""
    starts = Starts()
    found = explore(recording, build, root, images, seed, starts, disk, options)
    wrong = [verdict for verdict in found if verdict.wrong]
    if wrong:
        counts = collections.Counter(verdict.kind for verdict in wrong)
        first = wrong[0]
        raise Failure(f"{len(wrong)} of {images} images, {dict(counts)}; power loss before call {first.at} ({first.way}): {first.wrong}")
    return starts


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("build")
    options.add_argument("--images", type=int, default=500)
    options.add_argument("--seed", type=int, default=20261121)
    given = options.parse_args()
    if not os.path.exists(os.path.join(given.build, "lib", "faulty_disk.so")):
        print("SKIP power losses: a sanitizer's runtime does not share the process with another preloaded library")
        return
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stemma-fault-") as root, \
            tempfile.TemporaryDirectory(prefix="stemma-fault-", dir=in_memory()) as images:
        os.chmod(root, 0o755)
        recording = Recording(given.build, root, given.seed)
        kinds = collections.Counter(call.kind for call in recording.calls)
        try:
            starts = check(recording, given.build, images, given.images, given.seed)
            if not starts.rest:
                raise Failure(f"no image had a snapshot with a rest behind it: {starts}")
        except Failure as found:
            raise SystemExit(f"seed {given.seed}: {found}") from None
        print(f"{given.images} images of {len(recording.calls)} calls ({kinds['w']} writes, {kinds['s']} syncs) and "
              f"{len(recording.acknowledged)} acknowledged events in {time.monotonic() - began:.0f} s: 0 damaged, 0 acknowledged lost, 0 twice; {starts}")
        for disk in (synchronous_normal, synchronous_off):
            must_fail(disk.__name__.replace("_", "="),
                      lambda disk=disk: check(recording, given.build, images, min(given.images, CONTROL_IMAGES), given.seed, disk))
        must_fail("a start that leaves out the first entry behind its snapshot",
                  lambda: check(recording, given.build, images, min(given.images, CONTROL_IMAGES), given.seed, options=("--one-late",)))


if __name__ == "__main__":
    main()
