#!/usr/bin/env python3
"""`stemma trace ... | head`: the command ends with its reader, without a word, and the daemon ends the walk and gives its place back.

usage: reader_leaves.py SOURCE_DIR BUILD_DIR
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

SOURCE, BUILD = sys.argv[1:3]
SECONDS_MAX = 60
PRODUCTIONS, SERIALS = 100, 1000  # 100,000 rows of about 150 bytes: more than what pipes and sockets hold


class ReaderLeaves(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stemma-reader-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        os.mkdir(os.path.join(self.folder, "plugins"), 0o755)
        self.settings = os.path.join(self.folder, "stemma.yaml")
        with open(self.settings, "w", encoding="utf-8") as out:
            out.write("daemon: {port: 0}\nstate: {folder: state}\nplugins: {directory: plugins}\nlimits: {large_traces_max: 1}\n")
        subprocess.run([os.path.join(BUILD, "bin/stemma"), "--config", self.settings, "init"], check=True, capture_output=True)
        self.daemon = subprocess.Popen([os.path.join(BUILD, "bin/stemmad"), "--config", self.settings], stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.daemon.stderr.close)
        self.addCleanup(self.daemon.wait)
        self.addCleanup(self.daemon.kill)
        line = self.daemon.stderr.readline()
        while line and "DAEMON_READY" not in line:
            line = self.daemon.stderr.readline()
        self.server = re.search(r"http://\S+", line).group()
        self.record()

    def record(self):
        """One lot went into every serial."""
        lines = []
        for production in range(PRODUCTIONS):
            lines.append(json.dumps({
                "type": "TransformationEvent", "eventTime": "2026-01-01T00:00:00Z",
                "inputQuantityList": [{"epcClass": "urn:example:lot:wide", "quantity": 1}],
                "outputEPCList": [f"urn:example:serial:{production}-{number}" for number in range(SERIALS)]}))
        body = "\n".join(lines).encode()
        request = urllib.request.Request(f"{self.server}/api/v1/events", body, {"Content-Type": "application/x-ndjson"})
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            self.assertEqual(json.load(answer)["count"], PRODUCTIONS)

    def figure(self, name):
        with urllib.request.urlopen(f"{self.server}/metrics", timeout=SECONDS_MAX) as answer:
            return int(re.search(rf"^{name} (\d+)$", answer.read().decode(), re.M).group(1))

    def wait_for(self, name, value):
        until = time.monotonic() + SECONDS_MAX
        while self.figure(name) != value and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(self.figure(name), value, name)

    def test_the_command_and_the_walk_end_with_it(self):
        words = [os.path.join(BUILD, "bin/stemma"), "--server", self.server, "trace", "forward", "urn:example:lot:wide", "--format"]
        for number, form in enumerate(("ndjson", "csv", "ndjson"), start=1):
            with subprocess.Popen([*words, form], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
                first = command.stdout.readline()
                self.assertTrue(first.startswith(b'{"direction"' if form == "ndjson" else b"id,label"), first)
                command.stdout.close()  # as `| head -1` does
                self.assertEqual(command.wait(SECONDS_MAX), -signal.SIGPIPE)
                self.assertEqual(command.stderr.read(), b"")
            self.wait_for("stemma_trace_streams_running", 0)
            self.assertEqual(self.figure("stemma_traces_large_running"), 0)
            self.assertEqual(self.figure("stemma_traces_cancelled_total"), number)
            self.assertLess(self.figure("stemma_trace_rows_total"), number * PRODUCTIONS * SERIALS)
        whole = subprocess.run([*words, "ndjson", "--fields", "id"], capture_output=True, check=True, timeout=SECONDS_MAX)
        self.assertEqual(whole.stdout.count(b"\n"), 1 + 1 + PRODUCTIONS * (SERIALS + 1) + 1)  # head, the lot, all that came of it, end


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
