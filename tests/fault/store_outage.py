#!/usr/bin/env python3
"""R13: the ledger's database in PostgreSQL is away for a while under two daemons. Clients go on making commands at their own pace, send each
until it is acknowledged, and pause in between as the daemons themselves do: 50 ms, doubled to 5 s, drawn at random. Meanwhile readers ask for
what is in memory, which must be answered, and for rows of the ledger, which cannot. When the database is back, everything that was made must
be acknowledged within twice the outage, nothing acknowledged be lost, nothing be there twice; nobody may have stormed the database or a
daemon: connections and requests are counted against what such pauses allow.

usage: store_outage.py BUILD_DIR [--outage SECONDS] [--clients N] [--rate COMMANDS_PER_SECOND] [--seed N]
"""
import argparse
import collections
import contextlib
import http.client
import os
import random
import socket
import tempfile
import threading
import time

from rig import Caller, Commands, Failure, body_of, check_agreement, must_fail
from shared_store import PROGRESS_SECONDS_MAX, Pair, Postgres, postgres_installed, raw_status

PAUSE_FIRST, PAUSE_LONGEST = 0.05, 5.0  # seconds
LATE_SECONDS_MAX = 1.0  # a client is up to date when nothing that it made is older and not acknowledged
BEFORE_SECONDS = 2.0  # of ordinary work
READERS = 4
READER_PAUSE = 0.1
READ_SECONDS_MAX = 5.0  # a question to memory in an outage
SESSIONS_MAX = 5  # of a daemon to its store: the writer's, and four that read
DAEMONS = 2
CONTROL_OUTAGE = 4.0
CONTROL_CLIENTS = 8


class Pauses:
    """Between two tries: from the upper half of 50 ms doubled for each failure, 5 s at most."""

    def __init__(self, seed):
        self._choose = random.Random(seed)
        self._failures = 0

    def next(self):
        whole = min(PAUSE_FIRST * 2**min(self._failures, 16), PAUSE_LONGEST)
        self._failures += 1
        return self._choose.uniform(whole / 2, whole)

    def reset(self):
        self._failures = 0


def tries_allowed(seconds):
    """Of one who pauses so: those while the pauses grow, then one in half of the longest."""
    return 9 + seconds / (PAUSE_LONGEST / 2)


class Relay:
    """Before the database, where it counts who comes, also while there is nobody behind it."""

    def __init__(self, server_port):
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listening.getsockname()[1]
        self.came = []
        threading.Thread(target=self._accept, daemon=True).start()

    def between(self, begin, end):
        return sum(1 for moment in list(self.came) if begin <= moment < end)

    def _accept(self):
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.came.append(time.monotonic())
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.settimeout(None)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client), daemon=True).start()

    @staticmethod
    def _pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self._listening.close()


class Clients:
    """Each makes a command at every tick of its own and sends them in order. Mode "honest", or a red control: "503 taken" takes any answer for
    an acknowledgement, "no pause" sends again at once."""

    def __init__(self, count, rate, seed, mode, ports):
        self.mode = mode
        self.ports = ports
        self.commands = Commands(seed)
        self.acknowledged = set()
        self.sent = []  # moments of all requests
        self.refused = collections.Counter()
        self.wrong = []
        self.last_ack = 0.0
        self._period = count / rate
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._due = [0.0] * count  # by client: when what it works on was made; or will be
        began = time.monotonic()
        self._threads = [threading.Thread(target=self._run, args=(i, f"{seed}-{i}", began + self._period * i / count), daemon=True)
                         for i in range(count)]
        for thread in self._threads:
            thread.start()

    def late(self):
        """Seconds since the oldest command was made that is not acknowledged yet."""
        return time.monotonic() - min(self._due)

    def finish(self):
        self._ending.set()
        for thread in self._threads:
            thread.join(PROGRESS_SECONDS_MAX)
            if thread.is_alive():
                raise Failure("a client's last command is not acknowledged")

    def _run(self, i, seed, due):
        callers, done, pauses, turn = collections.defaultdict(Caller), [], Pauses(seed), i
        self._due[i] = due
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            command = self.commands.make(done)
            while not self._taken(callers, self.ports[turn % len(self.ports)], command):
                turn += 1
                time.sleep(0.002 if self.mode == "no pause" else pauses.next())
            pauses.reset()
            done.append(command.number)
            due += self._period
            self._due[i] = due
            with self._lock:
                self.acknowledged.add(command.number)
                self.last_ack = time.monotonic()

    def _taken(self, callers, port, command):
        self.sent.append(time.monotonic())
        answer = callers[port].post(port, command)
        status = answer[0] if answer else 0
        if status in (201, 0):
            return status == 201
        with self._lock:
            self.refused[status] += 1
        if status not in (429, 500, 503):
            self.wrong.append(f"{status} {answer[1]}")
        return self.mode == "503 taken"


class Readers:
    """Threads that ask both daemons all the time: what is in memory, and an item's history, which is in the database."""

    def __init__(self, ports, item):
        self.heard = collections.Counter()
        self.longest = 0.0
        self._ports, self._item = ports, item
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(READERS)]
        for thread in self._threads:
            thread.start()

    def _run(self, i):
        paths = {"live": "/health/live", "trace": f"/api/v1/trace/forward?item={self._item}", "metrics": "/metrics",
                 "history": f"/api/v1/items/{self._item}"}
        while not self._ending.wait(READER_PAUSE):
            for name, path in paths.items():
                began = time.monotonic()
                try:
                    status = raw_status(self._ports[i % len(self._ports)], path)
                except (OSError, http.client.HTTPException) as failed:
                    status = repr(failed)
                self.heard[f"{name} {status}"] += 1
                if name != "history":
                    self.longest = max(self.longest, time.monotonic() - began)

    def finish(self):
        self._ending.set()
        for thread in self._threads:
            thread.join(PROGRESS_SECONDS_MAX)

    def check(self):
        unanswered = {word: count for word, count in self.heard.items() if not word.startswith("history") and not word.endswith(" 200")}
        if unanswered:
            raise Failure(f"what is in memory was not answered: {unanswered}")
        if self.longest > READ_SECONDS_MAX:
            raise Failure(f"a question to memory took {self.longest:.1f} s")


class Outage:
    def __init__(self, build, folder, given, mode="honest"):
        self.given, self.mode = given, mode
        self.postgres = Postgres(os.path.join(folder, "postgres"), False)
        self.relay = Relay(self.postgres.port)
        away_ms = int(min(10.0, given.outage / 6) * 1000)  # an outage outlives the daemons' patience
        self.pair = Pair(build, folder, self.postgres, port=self.relay.port, away_ms=away_ms)
        self.clients = Clients(given.clients, given.rate, given.seed, mode, self.pair.ports())
        self.readers = None

    def run(self):
        time.sleep(BEFORE_SECONDS)
        self.wait("work goes well before the outage", lambda: len(self.clients.acknowledged) > 5 and self.clients.late() < LATE_SECONDS_MAX, 60)
        self.readers = Readers(self.pair.ports(), f"urn:fault:item:{min(self.clients.acknowledged)}")
        before = len(self.clients.acknowledged)
        self.postgres.crash()
        down = time.monotonic()
        time.sleep(self.given.outage)
        self.readers.finish()
        retry_after = self.asks_to_come_again()
        in_outage = len(self.clients.acknowledged) - before
        self.postgres.start()
        up = time.monotonic()
        outage = up - down
        self.wait("the clients are up to date", lambda: self.clients.late() < LATE_SECONDS_MAX, 2 * outage + 10)
        caught_up = time.monotonic() - up
        self.clients.finish()
        figures = self.check(down, up)
        if not retry_after:
            raise Failure("a writer was not told by 503 and Retry-After to come again")
        if caught_up > 2 * outage:
            raise Failure(f"caught up after {caught_up:.1f} s, the outage was {outage:.1f} s")
        print(f"outage of {outage:.1f} s under {self.given.clients} clients and {self.given.rate:g} commands a second: caught up "
              f"{caught_up:.1f} s after the database was back ({caught_up / outage:.2f} of the outage); {len(self.clients.acknowledged)} "
              f"acknowledged, {in_outage} of them while it went, {figures['rows']} there, 0 lost, 0 twice; refused {dict(self.clients.refused)}")
        print(f"meanwhile {dict(sorted(self.readers.heard.items()))}, the longest answer from memory {self.readers.longest * 1000:.0f} ms")
        print(f"connections to the database: {figures['connections']} in the outage ({figures['connections'] / outage:.2f} a second), "
              f"{figures['after']} in the {figures['second']:.0f} s after it; requests of a client: {figures['requests']:.1f}, "
              f"pauses allow {tries_allowed(outage):.0f}")

    @staticmethod
    def wait(what, holds, seconds):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise Failure(f"after {seconds:.0f} s it does not hold that {what}")
            time.sleep(0.02)

    def asks_to_come_again(self):
        """A command of its own while the database is away: whether the answer says 503 and when to come again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.pair.ports()[0], timeout=60)
        body = body_of(self.clients.commands.make([]))
        connection.request("POST", "/api/v1/events", body, {"Content-Type": "application/json", "Idempotency-Key": "outage"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status == 503 and answer.getheader("Retry-After") is not None

    def check(self, down, up):
        if self.clients.wrong:
            raise Failure(f"a command was refused: {self.clients.wrong[0]}")
        self.readers.check()
        self.pair.writer()
        ledger = self.postgres.ledger()
        ledger.check_chain()
        ledger.check_acknowledged(self.clients.acknowledged)
        for daemon in self.pair.daemons:
            self.wait("a daemon has taken in all", lambda d=daemon: d.ask("/api/v1/status")["lineage"]["position"] >= len(ledger.rows), 60)
            check_agreement(daemon.ask, ledger, random.Random(self.given.seed))
            daemon.command("ledger", "verify")
        return {"rows": len(ledger.rows), **self.check_herd(down, up)}

    def check_herd(self, down, up):
        """Who came while nobody could be answered, against what the pauses allow; and at once afterwards."""
        outage, second = up - down, 5.0
        connections, after = self.relay.between(down, up), self.relay.between(up, up + second)
        requests = sum(1 for moment in self.clients.sent if down <= moment < up) / self.given.clients
        allowed = DAEMONS * SESSIONS_MAX * tries_allowed(outage)
        if connections > allowed:
            raise Failure(f"{connections} connections to a database that was away for {outage:.0f} s: pauses allow {allowed:.0f}")
        if requests > tries_allowed(outage) + LATE_SECONDS_MAX * self.given.rate / self.given.clients:
            raise Failure(f"{requests:.0f} requests of a client in an outage of {outage:.0f} s: pauses allow {tries_allowed(outage):.0f}")
        if after > 2 * DAEMONS * SESSIONS_MAX:
            raise Failure(f"{after} connections in the {second:.0f} s after the outage, {DAEMONS * SESSIONS_MAX} are in use")
        return {"connections": connections, "after": after, "second": second, "requests": requests}

    def remove(self):
        self.clients._ending.set()
        self.pair.remove()
        self.relay.close()
        self.postgres.stop()


def one(build, given, mode="honest"):
    with tempfile.TemporaryDirectory(prefix="stemma-outage-") as folder:
        os.chmod(folder, 0o755)
        outage = Outage(build, folder, given, mode)
        try:
            outage.run()
        except BaseException:
            if mode == "honest":
                for daemon in outage.pair.daemons:
                    print(f"--- {daemon.folder}\n{daemon.said()}")
            raise
        finally:
            outage.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--outage", type=float, default=6.0)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--rate", type=float, default=48.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args()
    if not postgres_installed():
        print("SKIP needs package postgresql")
        return
    print(f"seed {given.seed}", flush=True)
    one(given.build, given)
    control = argparse.Namespace(**{**vars(given), "outage": CONTROL_OUTAGE, "clients": CONTROL_CLIENTS, "rate": 2.0 * CONTROL_CLIENTS})
    must_fail("a refusal taken for an acknowledgement", lambda: one(given.build, control, "503 taken"))
    must_fail("clients that do not pause", lambda: one(given.build, control, "no pause"))


if __name__ == "__main__":
    main()
