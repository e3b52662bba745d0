#!/usr/bin/env python3
"""stemmad is killed (SIGKILL) in the middle of a sync, at random moments and at chosen points, and started again each time. At the end
the ledger must verify, and its events must equal those of an undisturbed run: nothing lost, nothing twice.

usage: kill_during_sync.py SOURCE_DIR BUILD_DIR [kill_at.so [KILLS [sqlite|postgresql]]]
KILLS: how often at each of six points: before and after the ERP is read, a batch is committed, the checkpoint is written; 2 without it.
On a PostgreSQL store, a server of the test's own, the kills are at these points alone.
"""
import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fault"))
from shared_store import Postgres, postgres_installed

SOURCE, BUILD = sys.argv[1:3]
PRELOAD = sys.argv[3] if len(sys.argv) > 3 else None
KILLS_PER_POINT = int(sys.argv[4]) if len(sys.argv) > 4 else 2
ENGINE = sys.argv[5] if len(sys.argv) > 5 else "sqlite"
RANDOM_KILLS = 50
SMALL_BATCH = 5
CHOSEN_POINTS = [(n, when) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 18, 23, 30, 41, 60, 90, 140, 220, 340) for when in ("before", "after")]
START_SECONDS_MAX = 60
SYNC_SECONDS_MAX = 120
SEED = 20261121


class InSqlite:
    """Where the ledgers are: each in a file of its state folder."""

    @staticmethod
    def settings_of(_):
        return ""

    @staticmethod
    def connect(folder):
        return sqlite3.connect(os.path.join(folder, "state/stemma.db"))

    def entries(self, folder):
        database = self.connect(folder)
        rows = [text for (text,) in database.execute("SELECT bytes FROM ledger_entry ORDER BY sequence")]
        database.close()
        return rows

    def size(self, folder):
        if not os.path.exists(os.path.join(folder, "state/stemma.db")):
            return 0
        database = self.connect(folder)
        try:
            return database.execute("SELECT COUNT(*) FROM ledger_entry").fetchone()[0]
        except sqlite3.OperationalError:
            return 0
        finally:
            database.close()

    def copy_cursors(self, source, target):
        database = self.connect(source)
        cursors = database.execute("SELECT * FROM source_state").fetchall()
        database.close()
        database = self.connect(target)
        database.executemany("INSERT OR REPLACE INTO source_state VALUES (?, ?, ?, ?, ?, ?)", cursors)
        database.commit()
        database.close()

    def remove(self, folder):
        shutil.rmtree(folder)


class InPostgres:
    """Each in a schema of one database, named as the state folder."""

    def __init__(self, server):
        self.server = server
        self.connection = f"host=127.0.0.1 port={server.port} user=stemma dbname=postgres"

    @staticmethod
    def schema(folder):
        return os.path.basename(folder).replace("-", "_")

    def settings_of(self, folder):
        return f"store: {{engine: postgresql, connection: '{self.connection}', schema: {self.schema(folder)}, follow_ms: 100}}\n"

    def entries(self, folder):
        rows = self.server.ask(f"SELECT encode(bytes, 'hex') FROM {self.schema(folder)}.ledger_entry ORDER BY sequence")
        return [bytes.fromhex(text) for (text,) in rows]

    def copy_cursors(self, source, target):
        source, target = self.schema(source), self.schema(target)
        self.server.ask(f"TRUNCATE {target}.source_state; INSERT INTO {target}.source_state SELECT * FROM {source}.source_state")

    def remove(self, folder):
        self.server.ask(f"DROP SCHEMA {self.schema(folder)} CASCADE")
        shutil.rmtree(folder)


class Stemma:
    """One state folder with its settings; daemons come and go on it."""

    def __init__(self, folder, batch_rows):
        self.folder = folder
        for name in ("plugins", "erp", "rules"):
            os.makedirs(os.path.join(folder, name), mode=0o755, exist_ok=True)
        for name in sorted(os.listdir(os.path.join(BUILD, "plugins"))):
            if name in ("serial.so", "lot.so", "compliance.so"):
                shutil.copy(os.path.join(BUILD, "plugins", name), os.path.join(folder, "plugins", name))
                os.chmod(os.path.join(folder, "plugins", name), 0o644)
        shutil.copy(os.path.join(SOURCE, "config/erp/tryton-6.0.yaml"), os.path.join(folder, "erp"))
        shutil.copy(os.path.join(SOURCE, "config/rules/food.yaml"), os.path.join(folder, "rules"))
        with open(os.path.join(folder, "stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(
                "daemon: {port: 0}\n"
                "state: {folder: state}\n"
                "plugins:\n  directory: plugins\n  enabled:\n    - name: serial\n    - name: lot\n"
                "    - name: compliance\n      data: [rules/food.yaml]\n"
                "erp:\n  mappings: [erp]\n  sources:\n    - name: tryton\n      mapping: tryton-6.0\n"
                f"      connection: \"sqlite:{ERP}\"\n      batch_rows: {batch_rows}\n"
                + STORE.settings_of(folder))
        self.run("init")
        self.daemon = None
        self.log = None

    def run(self, *words, wanted=0):
        done = subprocess.run([os.path.join(BUILD, "bin/stemma"), "--config", os.path.join(self.folder, "stemma.yaml"), *words],
                              capture_output=True, text=True, check=False)
        if done.returncode != wanted:
            raise SystemExit(f"stemma {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, environment=None):
        """Starts a daemon; returns its port, or None when it died before it was ready."""
        path = os.path.join(self.folder, "stemmad.log")
        self.log = open(path, "w", encoding="utf-8")
        self.daemon = subprocess.Popen([os.path.join(BUILD, "bin/stemmad"), "--config", os.path.join(self.folder, "stemma.yaml")],
                                       stderr=self.log, env={**os.environ, **(environment or {})})
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            for line in open(path, encoding="utf-8"):
                if "DAEMON_READY" in line:
                    return int(line.split("http://127.0.0.1:")[1].split()[0])
            if self.daemon.poll() is not None:
                if self.daemon.returncode != -signal.SIGKILL:
                    raise SystemExit(f"stemmad ended by itself ({self.daemon.returncode}):\n{open(path, encoding='utf-8').read()}")
                return None
            time.sleep(0.002)
        raise SystemExit("stemmad did not become ready")

    def end(self, how):
        if self.daemon.poll() is None:
            self.daemon.send_signal(how)
        code = self.daemon.wait(timeout=60)
        self.log.close()
        return code

    def synced(self, port):
        """Whether the sync of this daemon's start is done."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/erp/sources/tryton", timeout=30) as answer:
                status = json.load(answer)
        except OSError:
            if self.daemon.poll() not in (None, -signal.SIGKILL):
                raise SystemExit(f"stemmad ended by itself ({self.daemon.returncode}):\n{open(self.log.name, encoding='utf-8').read()}") from None
            raise
        if status.get("error") or status.get("paused"):
            raise SystemExit(f"the sync failed: {status}")
        return status["runs"] > 0

    def finish(self):
        """Runs to the end of a sync without disturbance; returns how many seconds it took once the daemon was ready."""
        port = self.start()
        began = time.monotonic()
        deadline = began + SYNC_SECONDS_MAX
        while not self.synced(port):
            if time.monotonic() > deadline:
                raise SystemExit("the sync did not end")
            time.sleep(0.02)
        took = time.monotonic() - began
        code = self.end(signal.SIGTERM)
        if code != 0:
            raise SystemExit(f"stemmad stopped with exit {code}")
        return took

    def records(self):
        """All entries without what differs from run to run: record time and the salted digest of a name."""
        found = []
        for text in STORE.entries(self.folder):
            entry = json.loads(text)
            entry.pop("recordTime", None)
            for body in entry.values():
                if isinstance(body, dict):
                    body.pop("contactDigest", None)
            for judgement in entry.get("judgements", []):
                judgement.pop("position", None)
            found.append(json.dumps(entry, sort_keys=True))
        return found


def compare(what, stemma, wanted):
    stemma.run("ledger", "verify")
    records = stemma.records()
    if records != wanted:
        lost = len(set(wanted) - set(records))
        twice = len(records) - len(set(records))
        raise SystemExit(f"{what}: {len(records)} entries instead of {len(wanted)}; {lost} lost, {twice} twice")


def random_kills(root, wanted):
    """Some kills per sync, wherever they fall; how long a sync takes here is measured first (a sanitizer's build is slow)."""
    choose = random.Random(SEED)
    measured = Stemma(os.path.join(root, "measured"), batch_rows=SMALL_BATCH)
    pause_max = max(0.15, measured.finish() / 2)
    kills = inside = rounds = 0
    while inside < RANDOM_KILLS:
        rounds += 1
        stemma = Stemma(os.path.join(root, f"random-{rounds}"), batch_rows=SMALL_BATCH)
        while True:
            before = STORE.size(stemma.folder)
            port = stemma.start()
            time.sleep(choose.uniform(0, pause_max))
            done = stemma.synced(port)
            stemma.end(signal.SIGKILL)
            kills += 1
            if done:
                break
            after = STORE.size(stemma.folder)
            inside += before < after < len(wanted)
        stemma.finish()
        compare(f"round {rounds}", stemma, wanted)
        STORE.remove(stemma.folder)
        if rounds > 60:
            raise SystemExit(f"only {inside} kills fell inside a sync")
    print(f"{kills} random kills in {rounds} syncs, {inside} of them with the ledger half filled: events equal, ledgers verify")


def chosen_kills(root, wanted):
    struck = 0
    for number, (point, when) in enumerate(CHOSEN_POINTS):
        stemma = Stemma(os.path.join(root, f"point-{number}"), batch_rows=20)
        port = stemma.start({"LD_PRELOAD": PRELOAD, "STEMMA_KILL_AT": str(point), "STEMMA_KILL_WHEN": when})
        deadline = time.monotonic() + SYNC_SECONDS_MAX
        while port is not None and stemma.daemon.poll() is None and time.monotonic() < deadline:
            try:
                if stemma.synced(port):
                    break
            except OSError:
                break
            time.sleep(0.01)
        struck += stemma.end(signal.SIGKILL) == -signal.SIGKILL
        stemma.finish()
        compare(f"{when} call {point}", stemma, wanted)
        STORE.remove(stemma.folder)
    print(f"{len(CHOSEN_POINTS)} kills before and after chosen calls of fsync, fdatasync and rename: events equal, ledgers verify")


def killed_once(root, name, number, call, when):
    """A sync that was killed at the `number`-th call of a kind; whether it was."""
    stemma = Stemma(os.path.join(root, name), batch_rows=20)
    port = stemma.start({"LD_PRELOAD": PRELOAD, "STEMMA_KILL_AT": str(number), "STEMMA_KILL_WHEN": when, "STEMMA_KILL_CALL": call,
                         "STEMMA_KILL_FILE": os.path.basename(ERP)})
    deadline = time.monotonic() + SYNC_SECONDS_MAX
    struck = port is None
    while not struck and time.monotonic() < deadline:
        try:
            if stemma.synced(port):
                break
        except OSError:
            struck = True
        struck = struck or stemma.daemon.poll() is not None
        time.sleep(0.01)
    stemma.end(signal.SIGKILL)
    return stemma, struck


def kills_at_points(root, wanted):
    # The checkpoint's file is written by a thread of its own, once for all that was committed meanwhile: a few times in a sync.
    for call, reach in (("read", 60), ("commit", 60), ("checkpoint", 4)):
        for when in ("before", "after"):
            struck = 0
            for number in range(1, KILLS_PER_POINT + 1):
                stemma, hit = killed_once(root, f"{call}-{when}-{number}", 1 + number * reach // (KILLS_PER_POINT + 1), call, when)
                struck += hit
                stemma.finish()
                compare(f"{when} {call} {number}", stemma, wanted)
                STORE.remove(stemma.folder)
            if struck * 2 < KILLS_PER_POINT:
                raise SystemExit(f"{when} {call}: only {struck} of {KILLS_PER_POINT} kills struck")
            print(f"{struck} kills {when} {call}: events equal, ledgers verify", flush=True)


def red_control(root, wanted, undisturbed):
    """After a kill, cursors that are ahead of what was recorded, as if they were committed apart from it: the comparison must see it."""
    stemma, _ = killed_once(root, "red", 40, "commit", "after")
    STORE.copy_cursors(undisturbed.folder, stemma.folder)
    stemma.finish()
    try:
        compare("red control", stemma, wanted)
    except SystemExit as said:
        print(f"the red control is seen: {said}")
        return
    raise SystemExit("a sync whose cursors were ahead of its events passed for a good one")


def run(root):
    undisturbed = Stemma(os.path.join(root, "undisturbed"), batch_rows=500)
    undisturbed.finish()
    wanted = undisturbed.records()
    if ENGINE == "sqlite":
        random_kills(root, wanted)
        if PRELOAD:
            chosen_kills(root, wanted)
    if PRELOAD:
        kills_at_points(root, wanted)
        red_control(root, wanted, undisturbed)
    else:
        print("SKIP kills at chosen points: a sanitizer's runtime does not share the process with another preloaded library")


def main():
    global ERP, STORE
    if ENGINE == "postgresql" and not postgres_installed():
        print("SKIP needs package postgresql")
        return 0
    with tempfile.TemporaryDirectory(prefix="stemma-kill-") as root:
        os.chmod(root, 0o755)
        ERP = os.path.join(root, "tryton.sqlite")
        database = sqlite3.connect(ERP)
        with gzip.open(os.path.join(SOURCE, "tests/support/tryton_demo/demo.sql.gz"), "rt", encoding="utf-8") as text:
            database.executescript(text.read())
        database.close()
        server = Postgres(os.path.join(root, "postgres"), False) if ENGINE == "postgresql" else None
        STORE = InPostgres(server) if server else InSqlite()
        try:
            run(root)
        finally:
            if server:
                server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
