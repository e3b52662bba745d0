#!/usr/bin/env python3
"""A backup under load, restored elsewhere. Two threads record events and a third has a source read over and over while backups are taken; what
was acknowledged before a backup began is counted here, outside the daemon, and must be in it.

usage: backup.py SOURCE_DIR BUILD_DIR
"""
import gzip
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

SOURCE, BUILD = sys.argv[1:3]
SECONDS_MAX = 60  # for anything that is waited for
KILLS = 20        # of a backup, and of a restore
SEED = 20261121
ITEM = "S4-L17"   # a battery lot of the demo's story, far into it: traced before and after
SETTINGS = """daemon: {port: 0}
state: {folder: state}
plugins: {directory: plugins, enabled: [{name: lot}, {name: compliance, data: [rules/food.yaml]}]}
erp:
  mappings: [mappings]
  sources: [{name: tryton, mapping: tryton-6.0, connection: "sqlite:%s", every: 1s, batch_rows: 50}]
"""


def event(number):
    return {"type": "ObjectEvent", "eventID": f"urn:test:event:{number}", "eventTime": "2026-01-01T00:00:00Z", "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE", "bizStep": "inspecting", "epcList": [f"urn:test:item:{number % 50}"]}


class Instance:
    """A daemon over the settings of one folder."""

    def __init__(self, test, folder):
        self.test, self.folder = test, folder
        self.daemon = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def stemma(self, *words, code=0):
        ran = subprocess.run([os.path.join(BUILD, "bin/stemma"), "--config", self.path("stemma.yaml"), *words], capture_output=True, text=True,
                             timeout=SECONDS_MAX * 5, check=False)
        self.test.assertEqual(ran.returncode, code, f"{words}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def start(self):
        # Its log goes into a file: a pipe that nobody reads would stop it.
        with open(self.path("log"), "w", encoding="utf-8") as log:
            self.daemon = subprocess.Popen([os.path.join(BUILD, "bin/stemmad"), "--config", self.path("stemma.yaml")], stderr=log)
        self.test.addCleanup(self.daemon.wait)
        self.test.addCleanup(self.daemon.kill)
        wait = threading.Event()
        for _ in range(SECONDS_MAX * 20):
            with open(self.path("log"), encoding="utf-8") as log:
                found = re.search(r"DAEMON_READY (http://\S+)", log.read())
            if found:
                self.address = found.group(1)
                return
            self.test.assertIsNone(self.daemon.poll(), self.log())
            wait.wait(0.05)
        self.test.fail("the daemon did not come up")

    def log(self):
        with open(self.path("log"), encoding="utf-8") as log:
            return log.read()

    def stop(self):
        self.daemon.terminate()
        self.test.assertEqual(self.daemon.wait(SECONDS_MAX), 0, self.log())

    def ask(self, path, body=None):
        request = urllib.request.Request(f"{self.address}/api/v1{path}", method="GET" if body is None else "POST",
                                         data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return json.load(answer)

    def sync(self, full=False):
        return self.stemma("--server", self.address, "erp", "sync", "tryton", *(["--full"] if full else []), "--json")

    def trace(self):
        """The answer without what names the moment it was asked."""
        answer = json.loads(self.stemma("--server", self.address, "trace", "forward", ITEM, "--limit", "0", "--json"))
        self.test.assertGreater(len(json.dumps(answer)), 10_000)
        return {key: value for key, value in answer.items() if key not in ("position", "asOf", "stale", "asOfTime")}


class Load:
    """Records events until it is told to end, and remembers which ones were acknowledged."""

    def __init__(self, instance, threads=2):
        self.instance, self.ended, self.acknowledged, self.failed = instance, threading.Event(), [], []
        self.threads = [threading.Thread(target=self.run, args=(i * 1_000_000,)) for i in range(threads)]
        self.threads.append(threading.Thread(target=self.read_again))
        for thread in self.threads:
            thread.start()

    def run(self, number):
        try:
            while not self.ended.is_set():
                self.instance.ask("/events", [event(number + i) for i in range(5)])
                self.acknowledged.extend(range(number, number + 5))  # one operation of the interpreter: no lock is needed
                number += 5
        except (OSError, ValueError) as error:
            self.failed.append(error)

    def read_again(self):
        while not self.ended.is_set():
            self.instance.sync(full=True)

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


class Backup(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stemma-backup-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        self.lengths = {}
        self.here = Instance(self, self.path("here"))
        for folder in ("here", "here/plugins", "here/rules", "here/mappings"):
            os.mkdir(self.path(folder), 0o755)
        for plugin in ("lot", "compliance"):
            shutil.copy(os.path.join(BUILD, f"plugins/{plugin}.so"), self.path("here/plugins"))
            os.chmod(self.path(f"here/plugins/{plugin}.so"), 0o644)
        shutil.copy(os.path.join(SOURCE, "config/rules/food.yaml"), self.path("here/rules"))
        shutil.copy(os.path.join(SOURCE, "config/erp/tryton-6.0.yaml"), self.path("here/mappings"))
        with gzip.open(os.path.join(SOURCE, "tests/support/tryton_demo/demo.sql.gz"), "rt", encoding="utf-8") as sql:
            erp = sqlite3.connect(self.path("erp.sqlite"))
            erp.executescript(sql.read())
            erp.close()
        with open(self.path("here/stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(SETTINGS % self.path("erp.sqlite"))
        self.here.stemma("init")
        self.here.start()
        self.here.sync(full=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def verify(self, backup, code=0):
        return json.loads(self.here.stemma("verify", self.path(backup), "--json", code=code))

    def check_restored(self, backup, acknowledged, name):
        """Restores into a folder of its own, starts a daemon there and compares; gives back that instance, running."""
        there = Instance(self, self.path(name))
        self.here.stemma("restore", self.path(backup), "--to", self.path(name))
        with open(self.path(f"{backup}/manifest.json"), encoding="utf-8") as file:
            ledger = json.load(file)["ledger"]
        # The source is left out while the head is looked at: with it the daemon would read on at once.
        with open(there.path("conf.d/zzz-still.yaml"), "w", encoding="utf-8") as out:
            out.write("erp: {sources: [{name: tryton, enabled: false}]}\n")
        there.start()
        head = there.ask("/ledger")
        self.assertEqual((head["size"], head["root"]), (ledger["size"], ledger["root"]))
        for number in acknowledged:
            there.ask(f"/events/urn:test:event:{number}")
        os.remove(there.path("conf.d/zzz-still.yaml"))
        there.stop()
        self.assertIn("every entry is as it was signed", there.stemma("ledger", "verify"))
        there.start()
        return there

    def test_under_load_has_all_that_was_acknowledged_and_goes_on_elsewhere(self):
        load = Load(self.here)
        self.addCleanup(load.end)
        backups = []
        for number in range(3):
            wait = threading.Event()
            while len(load.acknowledged) < 100 * (number + 1) and not load.failed:
                wait.wait(0.05)
            before = list(load.acknowledged)
            self.here.stemma("backup", self.path(f"backup-{number}"), "--with-key")
            # The writer went on meanwhile and goes on now.
            self.assertEqual(load.failed, [])
            self.assertIsNone(self.here.daemon.poll())
            backups.append(before)
        load.end()
        self.assertEqual(load.failed, [])
        for number, before in enumerate(backups):
            self.assertTrue(self.verify(f"backup-{number}")["ok"])
            self.assertGreaterEqual(len(before), 100)
        there = self.check_restored("backup-2", backups[2], "there")
        self.assertEqual(there.trace(), self.here.trace())
        # What was read before the backup is not read into the ledger twice, neither by the next reading nor by one in full.
        with open(self.path("backup-2/manifest.json"), encoding="utf-8") as file:
            size = json.load(file)["ledger"]["size"]
        for full in (False, True):
            self.assertEqual(json.loads(there.sync(full))["last"]["added"], 0)
            self.assertEqual(there.ask("/ledger")["size"], size)
        sources = self.of_source(there.path("state/stemma.db"))
        self.assertEqual(sources, self.of_source(self.here.path("state/stemma.db")))
        # An event that was recorded before is known here, and one that was not is taken.
        with self.assertRaises(urllib.error.HTTPError) as refused:
            there.ask("/events", [event(backups[2][0])])
        refused.exception.close()
        self.assertEqual(refused.exception.code, 409)
        there.ask("/events", [event(99_000_000)])
        there.stop()
        self.assertIn("every entry is as it was signed", there.stemma("ledger", "verify"))

    def of_source(self, database):
        """Which rows of the ERP became which events, once each."""
        store = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        rows = store.execute("SELECT query, row_key, digest, version FROM source_row ORDER BY query, row_key").fetchall()
        store.close()
        self.assertGreater(len(rows), 1000)
        self.assertEqual({row[3] for row in rows}, {1})
        return rows

    def test_names_the_file_that_was_changed_or_cut(self):
        self.here.stemma("backup", self.path("backup"), "--with-key")
        self.assertTrue(self.verify("backup")["ok"])
        files = [os.path.relpath(os.path.join(folder, name), self.path("backup")) for folder, _, names in os.walk(self.path("backup"))
                 for name in names]
        self.assertGreater(len(files), 10)
        for name in files:
            path = self.path(f"backup/{name}")
            with open(path, "rb") as file:
                good = file.read()
            at = len(good) // 2
            for bad in (good[:at] + bytes([good[at] ^ 1]) + good[at + 1:], good[:at], good[:-1]):
                with open(path, "wb") as file:
                    file.write(bad)
                found = self.verify("backup", code=1)
                self.assertTrue(any(name in one for one in found["findings"]), f"{name}: {found}")
            with open(path, "wb") as file:
                file.write(good)
        self.assertTrue(self.verify("backup")["ok"])

    def test_is_made_without_a_daemon_as_well_and_restored_where_it_was(self):
        trace = self.here.trace()
        size = self.here.ask("/ledger")["size"]
        self.here.stop()
        self.here.stemma("backup", self.path("backup"), "--with-key")
        for name in ("state", "stemma.yaml", "rules", "mappings"):
            path = self.here.path(name)
            (shutil.rmtree if os.path.isdir(path) else os.remove)(path)
        for folder in ("rules", "mappings"):
            os.mkdir(self.here.path(folder))
        subprocess.run([os.path.join(BUILD, "bin/stemma"), "restore", self.path("backup")], check=True, capture_output=True, timeout=SECONDS_MAX,
                       cwd=self.folder)
        self.here.start()
        self.assertEqual(self.here.trace(), trace)
        self.here.sync(full=True)
        self.assertEqual(self.here.ask("/ledger")["size"], size)
        self.here.stop()
        self.here.stemma("doctor")

    def test_a_drill_never_reaches_the_daemon_that_was_backed_up(self):
        # The settings name the port, as they do in service, so that their copy in the backup does too.
        self.here.stop()
        port = int(self.here.address.rsplit(":", 1)[1])
        with open(self.here.path("stemma.yaml"), encoding="utf-8") as file:
            text = file.read()
        with open(self.here.path("stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(text.replace("port: 0", f"port: {port}").replace("every: 1s", "every: 1h"))
        self.here.start()
        live = json.loads(self.here.stemma("ledger", "head", "--json"))["size"]
        self.here.stemma("backup", self.path("backup"), "--with-key")
        self.here.stemma("restore", self.path("backup"), "--to", self.path("drill"))
        drill = Instance(self, self.path("drill"))

        def record(number):
            with open(self.path("event.json"), "w", encoding="utf-8") as out:
                json.dump(event(number), out)
            drill.stemma("event", "capture", self.path("event.json"))

        record(1)
        self.assertEqual(json.loads(drill.stemma("ledger", "head", "--json"))["size"], live + 1)
        drill.start()  # at a port of its own, where its settings find it
        record(2)
        self.assertEqual(drill.ask("/ledger")["size"], live + 2)
        drill.stop()
        self.assertEqual(self.here.ask("/ledger")["size"], live)
        # Settings that still have the other's port are refused, and nothing is written anywhere.
        os.remove(drill.path("conf.d/zz-restored.yaml"))
        with open(drill.path("stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(f"daemon: {{port: {port}}}\nstate: {{folder: state}}\n")
        for words in (("ledger", "head"), ("event", "capture", self.path("event.json"))):
            drill.stemma(*words, code=2)
        self.assertEqual(self.here.ask("/ledger")["size"], live)

    def test_killed_at_any_moment_is_there_whole_or_not_at_all(self):
        self.here.stemma("backup", self.path("good"), "--with-key")
        moments = random.Random(SEED)
        for word, options in (("backup", []), ("restore", ["--to"])):
            whole = 0
            for number in range(KILLS):
                target = self.path(f"{word}-{number}")
                words = [word, target] if word == "backup" else [word, self.path("good"), *options, target]
                began = subprocess.Popen([os.path.join(BUILD, "bin/stemma"), "--config", self.here.path("stemma.yaml"), *words],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    began.wait(self.length(word) * moments.random())
                except subprocess.TimeoutExpired:
                    began.kill()
                    began.wait()
                if not os.path.exists(target):
                    continue
                whole += 1
                if word == "backup":
                    self.assertTrue(self.verify(f"{word}-{number}")["ok"])
                else:
                    Instance(self, target).stemma("ledger", "verify")
            self.assertLess(whole, KILLS, "no kill came before the end")

    def length(self, word):
        """Seconds that the command takes here and now, and some more, so that a kill may come at any moment of it."""
        if word not in self.lengths:
            began = time.monotonic()
            self.here.stemma(*([word, self.path("measured")] if word == "backup" else [word, self.path("good"), "--to", self.path("measured-too")]))
            self.lengths[word] = 1.2 * (time.monotonic() - began)
        return self.lengths[word]

    def test_tells_a_rollback_and_records_one_that_is_accepted(self):
        self.here.stemma("backup", self.path("backup"))
        size = self.here.ask("/ledger")["size"]
        self.here.ask("/events", [event(1), event(2)])
        self.here.stemma("restore", self.path("backup"), "--force", code=3)  # the daemon runs
        self.here.stop()
        self.here.stemma("restore", self.path("backup"), code=1)
        refused = self.here.stemma("restore", self.path("backup"), "--force", code=1)
        self.assertIn(f"entries {size} to {size + 1} are not in it and would be lost", refused)
        # By hand it is the daemon that refuses.
        os.rename(self.here.path("state/stemma.db"), self.here.path("newer.db"))
        shutil.copy(self.path("backup/state/stemma.db"), self.here.path("state/stemma.db"))
        for beside in ("-wal", "-shm"):
            if os.path.exists(self.here.path("state/stemma.db" + beside)):
                os.remove(self.here.path("state/stemma.db" + beside))
        with self.assertRaises(AssertionError) as stopped:
            self.here.start()
        self.assertIn("an old backup was restored", str(stopped.exception))
        self.here.stemma("restore", self.path("backup"), "--force", "--accept-loss", "--reason", "disk lost", "--actor", "ada")
        self.here.start()
        self.assertIn("LEDGER_LOSS_RECORDED", self.here.log())
        entry = self.here.ask(f"/ledger/entries/{size}")
        self.assertIn("disk lost", entry["bytes"])
        self.here.stop()
        self.here.stemma("ledger", "verify")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
