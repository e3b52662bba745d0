#!/usr/bin/env python3
"""R1: stemmad is killed (SIGKILL) again and again while four clients record events, and started again each time. What was acknowledged is
kept outside the daemon; what was not is sent again under the same key. Nothing acknowledged may be lost, nothing be there twice; after each
restart the lineage, the histories and the signed tree must be those of the ledger's rows. Snapshots of the lineage are written all the time;
before each restart the lineage of the snapshot that is there and the entries behind it must be the one that the ledger alone gives. Now and
then the daemon is stopped in good order in between, and what it keeps beside ledger and keys, which is a cache by definition, is damaged or put
back to how it was earlier. The ledger is in SQLite, or in a PostgreSQL server of the test's own.

usage: kill_ingest.py BUILD_DIR [--store sqlite|postgresql] [--kills N] [--seed N]
"""
import argparse
import os
import random
import signal
import tempfile
import threading
import time

from rig import Caller, Commands, Failure, Ledger, Looker, Starts, Stemma, check_agreement, must_fail
from shared_store import Postgres, on_postgres, postgres_installed

CLIENTS = 4
KILLS_PER_LEDGER = 50  # then a new ledger, so that a restart stays short
ACKS_BEFORE_KILL_MAX = 25  # a kill comes after so many acknowledgements since the start, by chance, or right at the start
PAUSE_SECONDS_MAX = 0.006  # and so much later
PROGRESS_SECONDS_MAX = 120
CONTROL_KILLS = 40
CLEAN_STOP_EVERY = 5  # restarts
PLAIN_FILES = {"stemma.db", "stemma.db-wal", "stemma.db-shm", "ledger.key", "ledger.pub", "ledger.checkpoint", "ledger.checkpoint.new", "lock"}
BUSY = (429, 503)
BUSY_PAUSE_SECONDS = 0.02


class Clients:
    """Threads that record events as long as there is a daemon. Mode "honest", or one of the red controls: "new key", which makes a command
    anew when it is sent again, and "early ack", which takes a command for recorded as soon as it is sent."""

    def __init__(self, seed, mode):
        self.mode = mode
        self.commands = Commands(seed)
        self.acknowledged = set()
        self.resent = 0
        self.refusals = []
        self._changed = threading.Condition()
        self._port = None
        self._daemons = 0  # started so far: a port may come again
        self._ending = False
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def serve_at(self, port):
        with self._changed:
            self._port = port
            self._daemons += port is not None
            self._changed.notify_all()

    def wait_for(self, acks):
        """Until so many more commands have been acknowledged."""
        deadline = time.monotonic() + PROGRESS_SECONDS_MAX
        with self._changed:
            wanted = len(self.acknowledged) + acks
            while len(self.acknowledged) < wanted and not self.refusals:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise Failure(f"no {acks} acknowledgements in {PROGRESS_SECONDS_MAX} s")

    def finish(self):
        """No new commands; ends when every one that was sent is acknowledged."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(PROGRESS_SECONDS_MAX)
            if thread.is_alive():
                raise Failure("a client's last command is not acknowledged")

    def _run(self):
        caller, done = Caller(), []
        while (daemon := self._daemon()) is not None:
            command = self.commands.make(done)
            if not self._send(caller, daemon, command):
                return
            done.append(command.number)
        caller.close()

    def _daemon(self, after=0):
        """Port and number of the daemon that runs, a later one than number `after`. For a new command None when all is done."""
        with self._changed:
            while self._port is None or self._daemons <= after:
                if self._ending and not after:
                    return None
                self._changed.wait()
            return None if self._ending and not after else (self._port, self._daemons)

    def _send(self, caller, daemon, command):
        """Until it is acknowledged. False when it was refused."""
        if self.mode == "early ack":
            self._acknowledge(command)
            caller.post(daemon[0], command)
            return True
        while True:
            answer = caller.post(daemon[0], command)
            if answer and answer[0] == 201:
                self._acknowledge(command)
                return True
            if answer and answer[0] not in BUSY:
                with self._changed:
                    self.refusals.append(f"{answer[0]} {answer[1]}")
                    self._changed.notify_all()
                return False
            if answer:
                time.sleep(BUSY_PAUSE_SECONDS)
                continue
            daemon = self._daemon(after=daemon[1])
            self.resent += 1
            if self.mode == "new key":
                command = command._replace(key=f"{command.key}-again-{self.resent}", made=command.made + 1)

    def _acknowledge(self, command):
        with self._changed:
            self.acknowledged.add(command.number)
            self._changed.notify_all()


class Caches:
    """The files of a state folder that are neither ledger nor keys: whatever is in them, answers must be the same."""

    def __init__(self, state, choose):
        self.state, self.choose = state, choose
        self.earlier = {}
        self.damaged = 0

    def damage(self):
        for name in sorted(os.listdir(self.state)):
            path = os.path.join(self.state, name)
            if name in PLAIN_FILES or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            self._damage(path, content, self.choose.randrange(5))
            self.earlier.setdefault(name, content)

    def _damage(self, path, content, way):
        if way == 0:
            return
        self.damaged += 1
        if way == 1 or not content:
            os.remove(path)
            return
        changed = bytearray(content)
        if way == 2:
            changed[self.choose.randrange(len(changed))] ^= 1 << self.choose.randrange(8)
        elif way == 3:
            del changed[self.choose.randrange(len(changed)):]
        else:
            changed = self.earlier.get(os.path.basename(path), content)
        with open(path, "wb") as file:
            file.write(changed)


class InSqlite:
    """Where the ledgers of a run are: each in a file of its state folder."""

    def make(self, build, folder):
        return Stemma(build, folder, snapshots=True)

    def is_made(self, stemma):
        return os.path.exists(stemma.database)

    def ledger(self, stemma):
        return Ledger(stemma.database)


class InPostgres:
    """Each in a database of one server."""

    def __init__(self, postgres):
        self.postgres = postgres

    @staticmethod
    def name_of(folder):
        return os.path.basename(folder).replace("-", "_")

    def make(self, build, folder):
        self.postgres.ask(f"CREATE DATABASE {self.name_of(folder)}")
        return on_postgres(build, folder, self.postgres.port, self.name_of(folder), snapshots=True)

    def is_made(self, stemma):
        return self.postgres.ask("SELECT to_regclass('stemma.ledger_entry') IS NOT NULL", self.name_of(stemma.folder)) == [["t"]]

    def ledger(self, stemma):
        return self.postgres.ledger(self.name_of(stemma.folder))


class Run:
    def __init__(self, build, root, seed, store, mode="honest", late=False):
        """`late` is a red control: a start that leaves out the first entry behind its snapshot."""
        self.store = store
        self.build, self.root, self.seed, self.mode = build, root, seed, mode
        self.looker = Looker(build, "--lineage", *(["--one-late"] if late else []))
        self.starts = Starts()
        self.choose = random.Random(seed)
        self.kills = self.ledgers = self.entries = self.acknowledged = self.resent = self.unacknowledged = self.damaged = 0

    def kill(self, count):
        try:
            while self.kills < count:
                self.one_ledger(min(KILLS_PER_LEDGER, count - self.kills))
        finally:
            self.looker.close()

    def one_ledger(self, kills):
        self.ledgers += 1
        stemma = self.store.make(self.build, os.path.join(self.root, f"{self.mode.replace(' ', '-')}-{self.ledgers}"))
        clients = Clients(f"{self.seed}-{self.ledgers}", self.mode)
        caches = Caches(stemma.state, self.choose)
        try:
            for number in range(kills):
                self.restart_and_check(stemma, clients)
                if number % CLEAN_STOP_EVERY == CLEAN_STOP_EVERY - 1:
                    stemma.stop()
                    caches.damage()
                    self.restart_and_check(stemma, clients)
                clients.serve_at(stemma.port)
                clients.wait_for(self.choose.randrange(ACKS_BEFORE_KILL_MAX))
                time.sleep(self.choose.uniform(0, PAUSE_SECONDS_MAX))
                stemma.end(signal.SIGKILL)
                clients.serve_at(None)
                self.kills += 1
            self.restart_and_check(stemma, clients)
            clients.serve_at(stemma.port)
            clients.finish()
            stemma.stop()
            self.check_whole(stemma, clients)
        finally:
            self.damaged += caches.damaged
            stemma.remove()

    def restart_and_check(self, stemma, clients):
        if self.store.is_made(stemma):
            said = self.looker.look(stemma.folder)
            if "snapshot" not in said:
                raise Failure(f"before a start: {said}")
            self.starts.count(said)
        stemma.start()
        if clients.refusals:
            raise Failure(f"a command was refused: {clients.refusals[0]}")
        ledger = self.store.ledger(stemma)
        ledger.check_acknowledged(clients.acknowledged)
        self.unacknowledged += sum(1 for number in ledger.commands if number not in clients.acknowledged)
        check_agreement(stemma.ask, ledger, self.choose)

    def check_whole(self, stemma, clients):
        ledger = self.store.ledger(stemma)
        ledger.check_chain()
        ledger.check_acknowledged(clients.acknowledged)
        if len(ledger.rows) != len(clients.acknowledged):
            raise Failure(f"{len(ledger.rows)} entries for {len(clients.acknowledged)} commands")
        stemma.command("ledger", "verify")
        self.entries += len(ledger.rows)
        self.acknowledged += len(clients.acknowledged)
        self.resent += clients.resent


def run_all(given, root, store):
    began = time.monotonic()
    run = Run(given.build, root, given.seed, store)
    try:
        run.kill(given.kills)
    except Failure as found:
        raise SystemExit(f"seed {given.seed}, after {run.kills} kills: {found}") from None
    print(f"{run.kills} kills over {run.ledgers} ledgers in {given.store} in {time.monotonic() - began:.0f} s: {run.acknowledged} acknowledged, "
          f"{run.entries} entries, 0 lost, 0 twice; {run.resent} sent again, {run.unacknowledged} found stored but not acknowledged; "
          f"{run.damaged} cache files damaged; {run.starts}")
    if not run.starts.rest:
        raise SystemExit("no start had a snapshot with a rest behind it")
    for mode in ("new key", "early ack"):
        must_fail(mode, lambda mode=mode: Run(given.build, root, given.seed, store, mode).kill(CONTROL_KILLS))
    must_fail("a start that leaves out the first entry behind its snapshot",
              lambda: Run(given.build, root, given.seed, store, "one late", late=True).kill(CONTROL_KILLS))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("build")
    options.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--kills", type=int, default=60)
    options.add_argument("--seed", type=int, default=20261121)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="stemma-fault-") as root:
        os.chmod(root, 0o755)
        if given.store == "sqlite":
            run_all(given, root, InSqlite())
        elif not postgres_installed():
            print("SKIP needs package postgresql")
        else:
            postgres = Postgres(os.path.join(root, "postgres"), False)
            try:
                run_all(given, root, InPostgres(postgres))
            finally:
                postgres.stop()


if __name__ == "__main__":
    main()
