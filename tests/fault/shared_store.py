#!/usr/bin/env python3
"""Two daemons on one ledger in PostgreSQL, four clients that record events at whichever takes them, and faults on order, each so many times:
the writing daemon is killed (SIGKILL), the database's first process is, every connection of Stemma is cut in the server, and the disk under
the database fills up. What was acknowledged is kept outside; what was not is sent again under its key. Nothing may be lost, nothing be there
twice, the ledger may not fork, and nobody mends anything by hand. How long a take-over takes, from the kill to the next acknowledgement, is
printed. One answer of ten is lost on its way besides. An outage of the database must leave the lineage's answers up and be told to writers by 503.

usage: shared_store.py BUILD_DIR [--rounds N] [--seed N]
"""
import argparse
import collections
import contextlib
import glob
import http.client
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from rig import Caller, Commands, Failure, Ledger, Stemma, body_of, check_agreement, must_fail

CLIENTS = 4
ACKS_BETWEEN_MAX = 12
PROGRESS_SECONDS_MAX = 120
PAUSE_SECONDS = 0.01
ONE_ANSWER_LOST_OF = 10  # on its way to the client, so that sending again meets what is recorded in every run
DISK_BYTES = 96 << 20
INSIDE = "STEMMA_SHARED_STORE_INSIDE"
FAULTS = ("writer", "database", "connections", "disk")


def postgres_installed():
    return bool(glob.glob("/usr/lib/postgresql/*/bin/initdb"))


class Postgres:
    """A cluster of the test's own, run by an unprivileged user; durable, as the doctor asks."""

    def __init__(self, folder, on_small_disk):
        self.bin = os.path.dirname(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))[-1])
        self.folder = folder
        self.user = None
        if os.getuid() == 0:
            known = {one.pw_name for one in pwd.getpwall()}
            self.user = next(name for name in ("postgres", "nobody") if name in known)
        os.makedirs(folder, mode=0o755)
        self.small_disk = on_small_disk
        if on_small_disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=True)
        if self.user:
            shutil.chown(folder, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = os.path.join(folder, "data")
        self.server = None
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", "stemma", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                  "--wal-segsize=1")
        self.start()

    def _run(self, program, *words, check=True):
        return subprocess.run([os.path.join(self.bin, program), *words], user=self.user, cwd="/", check=check, capture_output=True, text=True)

    def start(self):
        """Also after a crash: the rest of the old server must have died before the new one may start."""
        settings = {"unix_socket_directories": "", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "max_connections": "60",
                    "max_wal_size": "8MB", "min_wal_size": "2MB", "shared_buffers": "16MB"}
        words = [os.path.join(self.bin, "postgres"), "-D", self.data, "-h", "127.0.0.1", "-p", str(self.port)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + PROGRESS_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.server is None or self.server.poll() is not None:
                self.server = subprocess.Popen(words, user=self.user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise Failure("the database does not start")

    def crash(self):
        self.server.kill()
        self.server.wait()

    def stop(self):
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait(60)
        if self.small_disk:
            subprocess.run(["umount", "-l", self.folder], check=False)

    def ask(self, sql, database="postgres"):
        done = self._run("psql", "-X", "-At", "-h", "127.0.0.1", "-p", str(self.port), "-U", "stemma", "-d", database, "-c", sql)
        return [line.split("|") for line in done.stdout.splitlines()]

    def cut(self):
        """Every connection of Stemma, from inside the server; how many."""
        return len(self.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'stemma%'"))

    @contextlib.contextmanager
    def full_disk(self):
        """All room but a few kilobytes is taken."""
        filler = os.path.join(self.folder, "filler")
        with open(filler, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(65536))
        try:
            yield
        finally:
            os.remove(filler)

    def ledger(self, database="postgres"):
        rows = [(int(number), bytes.fromhex(data), leaf.encode(), chain.encode()) for number, data, leaf, chain in
                self.ask("SELECT sequence, encode(bytes, 'hex'), leaf_hash, chain_hash FROM stemma.ledger_entry ORDER BY sequence", database)]
        return Ledger(rows=rows)


class Clients:
    """Threads that record events at any of the daemons. `keys` False, the red control: what is sent again is made anew."""

    def __init__(self, seed, keys=True):
        self.keys = keys
        self.commands = Commands(seed)
        self.acknowledged = set()
        self.refusals = []
        self.resent = 0
        self.answers = 0
        self.ports = []
        self._lock = threading.Lock()
        self._ending = False
        self._threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, acks):
        wanted, deadline = len(self.acknowledged) + acks, time.monotonic() + PROGRESS_SECONDS_MAX
        while len(self.acknowledged) < wanted:
            if self.refusals:
                raise Failure(f"a command was refused: {self.refusals[0]}")
            if time.monotonic() > deadline:
                raise Failure(f"no {acks} acknowledgements in {PROGRESS_SECONDS_MAX} s")
            time.sleep(0.002)

    def finish(self):
        self._ending = True
        for thread in self._threads:
            thread.join(PROGRESS_SECONDS_MAX)
            if thread.is_alive():
                raise Failure("a client's last command is not acknowledged")

    def _run(self, turn):
        callers, done = collections.defaultdict(Caller), []
        while not self._ending:
            command = self.commands.make(done)
            while not self._send(callers, command, turn):
                turn += 1
                self.resent += 1
                if not self.keys:
                    command = command._replace(key=f"key-{command.number}-again-{self.resent}", made=command.made + 1)
                time.sleep(PAUSE_SECONDS)
            with self._lock:
                self.acknowledged.add(command.number)
            done.append(command.number)

    def _send(self, callers, command, turn):
        ports = list(self.ports)
        if not ports:
            return False
        port = ports[turn % len(ports)]
        answer = callers[port].post(port, command)
        if answer and answer[0] not in (201, 429, 500, 503):
            self.refusals.append(f"{answer[0]} {answer[1]}")
        return bool(answer) and answer[0] == 201 and not self._is_lost(callers[port])

    def _is_lost(self, caller):
        """The daemon answered; whether the client hears of it."""
        with self._lock:
            self.answers += 1
            lost = self.answers % ONE_ANSWER_LOST_OF == 0
        if lost:
            caller.close()
        return lost


def on_postgres(build, folder, port, database="postgres", away_ms=10_000, **options):
    """A state folder whose ledger is in a database of that server."""
    stemma = Stemma(build, folder, **options)
    connection = f"host=127.0.0.1 port={port} user=stemma dbname={database}"
    with open(stemma.settings, "a", encoding="utf-8") as out:
        out.write(f"store: {{engine: postgresql, connection: '{connection}', follow_ms: 100, away_ms: {away_ms}}}\n")
    return stemma


class Pair:
    """Two daemons with one key on one ledger."""

    def __init__(self, build, folder, postgres, database="postgres", port=None, started=True, **settings):
        """`port`: of a relay before the server."""
        first = on_postgres(build, os.path.join(folder, "a"), port or postgres.port, database, **settings)
        self.daemons = [first, Stemma(build, os.path.join(folder, "b"), template=first.folder)]
        if started:
            for daemon in self.daemons:
                daemon.start()

    def ports(self):
        return [daemon.port for daemon in self.daemons if daemon.port is not None]

    def roles(self):
        """Of the daemons that answer: port -> role."""
        roles = {}
        for daemon in self.daemons:
            with contextlib.suppress(OSError, http.client.HTTPException, Failure):
                roles[daemon.port] = daemon.ask("/api/v1/status")["role"]["is"]
        return roles

    def writer(self):
        deadline = time.monotonic() + PROGRESS_SECONDS_MAX
        while time.monotonic() < deadline:
            roles = self.roles()
            if len(roles) == 2 and sorted(roles.values()) == ["standby", "writer"]:
                return next(daemon for daemon in self.daemons if roles[daemon.port] == "writer")
            time.sleep(0.02)
        raise Failure(f"there is not one writer and one standby, but {self.roles()}")

    def remove(self):
        for daemon in self.daemons:
            daemon.remove()


class Run:
    def __init__(self, build, folder, seed, small_disk, keys=True):
        self.postgres = Postgres(os.path.join(folder, "postgres"), small_disk)
        self.pair = Pair(build, folder, self.postgres)
        self.choose = random.Random(seed)
        self.clients = Clients(seed, keys)
        self.clients.ports = self.pair.ports()
        self.take_overs = []
        self.counts = collections.Counter()

    def fault(self, kind):
        self.counts[kind] += 1
        self.clients.wait_for(self.choose.randrange(1, ACKS_BETWEEN_MAX + 1))
        if kind == "writer":
            self.kill_writer()
        elif kind == "database":
            self.postgres.crash()
            self.postgres.start()
        elif kind == "connections":
            self.postgres.cut()
        else:
            with self.postgres.full_disk():
                time.sleep(self.choose.uniform(0.2, 1.0))
            if self.postgres.server.poll() is not None:  # a server that could not write its log ends itself
                self.postgres.start()
        self.clients.wait_for(1)

    def kill_writer(self):
        writer = self.pair.writer()
        killed = time.monotonic()
        writer.end(signal.SIGKILL)
        self.clients.ports = self.pair.ports()
        other = next(daemon for daemon in self.pair.daemons if daemon is not writer)
        asking = Caller()
        while (answer := asking.post(other.port, self.probe())) is None or answer[0] != 201:
            if time.monotonic() > killed + PROGRESS_SECONDS_MAX:
                raise Failure("nobody took over")
            time.sleep(0.002)
        self.take_overs.append(time.monotonic() - killed)
        writer.start()
        self.clients.ports = self.pair.ports()

    def probe(self):
        """A new command for each try: an answer means that writing goes on now."""
        return self.clients.commands.make([])

    def check(self):
        self.clients.finish()
        self.pair.writer()
        ledger = self.postgres.ledger()
        ledger.check_chain()
        ledger.check_acknowledged(self.clients.acknowledged)
        for daemon in self.pair.daemons:
            deadline = time.monotonic() + PROGRESS_SECONDS_MAX
            while daemon.ask("/api/v1/status")["lineage"]["position"] < len(ledger.rows) and time.monotonic() < deadline:
                time.sleep(0.05)
            check_agreement(daemon.ask, ledger, self.choose)
            daemon.command("ledger", "verify")
        return ledger

    def outage(self):
        """The database is away for a while: what is in memory is answered, writers hear 503 and when to come again, then all goes on."""
        self.clients.wait_for(5)
        item = f"urn:fault:item:{min(self.clients.acknowledged)}"
        daemon = self.pair.writer()
        self.postgres.crash()
        heard = collections.Counter()
        until = time.monotonic() + 4
        while time.monotonic() < until:
            heard["live " + str(daemon.get("/health/live")[0])] += 1
            heard["trace " + str(daemon.get(f"/api/v1/trace/forward?item={item}")[0])] += 1
            heard["metrics " + str(raw_status(daemon.port, "/metrics"))] += 1
            time.sleep(0.1)
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.request("POST", "/api/v1/events", body_of(self.probe()), {"Content-Type": "application/json", "Idempotency-Key": "outage"})
        answer = connection.getresponse()
        heard[f"write {answer.status}, Retry-After {'given' if answer.getheader('Retry-After') else 'missing'}"] += 1
        connection.close()
        self.postgres.start()
        self.clients.wait_for(5)
        return dict(heard)

    def remove(self):
        self.clients._ending = True
        self.pair.remove()
        self.postgres.stop()


def raw_status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def run(build, rounds, seed, small_disk):
    with tempfile.TemporaryDirectory(prefix="stemma-shared-") as folder:
        os.chmod(folder, 0o755)
        one = Run(build, folder, seed, small_disk)
        try:
            kinds = [kind for kind in FAULTS if small_disk or kind != "disk"]
            order = [kind for kind in kinds for _ in range(rounds)]
            one.choose.shuffle(order)
            for kind in order:
                one.fault(kind)
            heard = one.outage()
            ledger = one.check()
        except BaseException:
            for daemon in one.pair.daemons:
                print(f"--- {daemon.folder}\n{daemon.said()}")
            raise
        finally:
            one.remove()
    times = sorted(one.take_overs)
    print(f"faults {dict(one.counts)}; {len(one.clients.acknowledged)} acknowledged, {len(ledger.rows)} there, {one.clients.resent} sent again: "
          "nothing lost, nothing twice, no fork")
    print(f"take-over after SIGKILL, to the next acknowledgement: median {times[len(times) // 2] * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms of {len(times)}")
    print(f"outage of the database: {heard}")
    if any(word.startswith(("trace", "live", "metrics")) and not word.endswith("200") for word in heard):
        raise Failure(f"what is in memory was not answered: {heard}")
    if "write 503, Retry-After given" not in heard:
        raise Failure(f"a writer was not told to come again: {heard}")


def control(build, seed):
    """Who sends again without the key records twice where connections break."""
    with tempfile.TemporaryDirectory(prefix="stemma-shared-") as folder:
        os.chmod(folder, 0o755)
        one = Run(build, folder, seed, False, keys=False)
        try:
            for _ in range(6):
                one.fault("writer")
            one.check()
        finally:
            one.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args()
    if not postgres_installed():
        print("SKIP needs package postgresql")
        return
    small_disk = INSIDE in os.environ
    if not small_disk and os.getuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv])
    if not small_disk:
        print("SKIP the full disk: no mount namespace for a server that runs as another user")
    print(f"seed {given.seed}")
    run(given.build, given.rounds, given.seed, small_disk)
    must_fail("sent again without the key", lambda: control(given.build, given.seed))


if __name__ == "__main__":
    main()
