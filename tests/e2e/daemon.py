#!/usr/bin/env python3
"""stemmad as a supervisor sees it: what it tells the notify socket, what each signal does, and which exit code each end has.

usage: daemon.py SOURCE_DIR BUILD_DIR
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

SOURCE, BUILD = sys.argv[1:3]
SECONDS_MAX = 30  # for anything the daemon is waited for
SETTINGS = "daemon: {port: 0}\nstate: {folder: state}\nplugins: {directory: plugins, enabled: [{name: lot%s}]}\n"


class Daemon(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stemma-daemon-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        os.mkdir(self.path("plugins"), 0o755)
        shutil.copy(os.path.join(BUILD, "plugins/lot.so"), self.path("plugins"))
        os.chmod(self.path("plugins/lot.so"), 0o644)
        self.configure()
        subprocess.run([os.path.join(BUILD, "bin/stemma"), "--config", self.path("stemma.yaml"), "init"], check=True, capture_output=True)
        self.supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.supervisor.close)
        self.supervisor.bind(self.path("notify"))
        self.supervisor.settimeout(SECONDS_MAX)

    def path(self, name):
        return os.path.join(self.folder, name)

    def configure(self, wrong=""):
        with open(self.path("stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(SETTINGS % wrong)

    def start(self):
        daemon = subprocess.Popen([os.path.join(BUILD, "bin/stemmad"), "--config", self.path("stemma.yaml")], stderr=subprocess.PIPE,
                                  text=True, env={**os.environ, "NOTIFY_SOCKET": self.path("notify")})
        self.addCleanup(daemon.stderr.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        return daemon

    def told(self):
        return self.supervisor.recv(256).decode()

    def refused(self):
        """Exit code and words of a daemon that does not come up."""
        daemon = self.start()
        _, words = daemon.communicate(timeout=SECONDS_MAX)
        return daemon.returncode, words

    def record(self):
        """One entry in the ledger: a reload is recorded."""
        daemon = self.start()
        self.assertEqual(self.told(), "READY=1")
        daemon.send_signal(signal.SIGHUP)
        self.assertEqual([self.told(), self.told()], ["RELOADING=1", "READY=1"])
        daemon.terminate()
        self.assertEqual(self.told(), "STOPPING=1")
        self.assertEqual(daemon.wait(SECONDS_MAX), 0)

    def test_tells_its_supervisor_when_it_is_ready_and_when_it_stops(self):
        for end in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start()
            self.assertEqual(self.told(), "READY=1")
            line = daemon.stderr.readline()
            while "DAEMON_READY" not in line:
                line = daemon.stderr.readline()
            address = re.search(r"http://\S+", line).group()
            with urllib.request.urlopen(f"{address}/api/v1/plugins", timeout=SECONDS_MAX) as answer:
                self.assertEqual([plugin["name"] for plugin in json.load(answer)["plugins"]], ["lot"])
            daemon.send_signal(end)
            self.assertEqual(self.told(), "STOPPING=1")
            self.assertEqual(daemon.wait(SECONDS_MAX), 0)
            self.assertIn("DAEMON_STOPPED", daemon.stderr.read())

    def test_keeps_what_is_in_force_when_a_reload_is_refused(self):
        daemon = self.start()
        self.assertEqual(self.told(), "READY=1")
        for wrong, said in ((", options: {patern: 1}", "SETTINGS_RELOAD_REFUSED"), ("", "SETTINGS_RELOADED")):
            self.configure(wrong)
            daemon.send_signal(signal.SIGHUP)
            self.assertEqual([self.told(), self.told()], ["RELOADING=1", "READY=1"])
            line = daemon.stderr.readline()
            while "SETTINGS_RELOAD" not in line:
                line = daemon.stderr.readline()
            self.assertIn(said + " ", line)
        daemon.terminate()
        self.assertEqual(daemon.wait(SECONDS_MAX), 0)

    def test_ends_with_2_on_wrong_settings_or_plugins(self):
        self.configure(", options: {patern: 1}")
        code, words = self.refused()
        self.assertEqual(code, 2, words)
        self.assertIn("'patern'", words)
        with open(self.path("stemma.yaml"), "a", encoding="utf-8") as out:
            out.write("prot: 1\n")
        code, words = self.refused()
        self.assertEqual(code, 2, words)
        self.assertIn("stemma.yaml:4:1", words)

    def test_ends_with_3_when_another_uses_its_state_folder(self):
        self.start()
        self.assertEqual(self.told(), "READY=1")
        code, words = self.refused()
        self.assertEqual(code, 3, words)
        self.assertIn("another process uses this state folder", words)

    def test_ends_with_4_when_the_ledger_is_not_what_was_signed(self):
        self.record()
        with open(self.path("state/ledger.checkpoint"), "w", encoding="utf-8") as out:
            out.write("no note\n")
        code, words = self.refused()
        self.assertEqual(code, 4, words)
        self.assertIn("the checkpoint outside the database is damaged or signed by another key", words)

    def test_writes_a_missing_checkpoint_again_and_says_so(self):
        self.record()
        os.remove(self.path("state/ledger.checkpoint"))
        daemon = self.start()
        self.assertEqual(self.told(), "READY=1")
        daemon.terminate()
        _, words = daemon.communicate(timeout=SECONDS_MAX)
        self.assertIn("LEDGER_CHECKPOINT_FILE_MISSING", words)
        self.assertTrue(os.path.exists(self.path("state/ledger.checkpoint")))


class InTheCurrentFolder(unittest.TestCase):
    """The settings that `stemma init` writes, in an empty folder, with no word of where they are."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stemma-here-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {name: value for name, value in os.environ.items() if name not in ("STEMMA_CONFIG", "NOTIFY_SOCKET")}
        os.chmod(self.folder, 0o755)
        os.mkdir(os.path.join(self.folder, "plugins"), 0o755)
        shutil.copy(os.path.join(BUILD, "plugins/lot.so"), os.path.join(self.folder, "plugins"))
        os.chmod(os.path.join(self.folder, "plugins/lot.so"), 0o644)
        with open(os.path.join(SOURCE, "config/stemma.yaml"), encoding="utf-8") as given:
            text = given.read()
        for before, after in (("folder: /var/lib/stemma\n", "folder: state\n"), ("directory: /usr/lib/stemma/plugins\n", "directory: plugins\n"),
                              ("port: 7430\n", "port: 0\n")):
            self.assertEqual(text.count(before), 1, before)
            text = text.replace(before, after)
        with open(os.path.join(self.folder, "stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(text)

    def stemma(self, *words):
        ran = subprocess.run([os.path.join(BUILD, "bin/stemma"), *words], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                             timeout=SECONDS_MAX, check=False)
        self.assertEqual(ran.returncode, 0, f"{words}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def test_does_all_its_work(self):
        self.assertIn(os.path.join(os.path.realpath(self.folder), "state"), self.stemma("init"))
        self.stemma("doctor")
        self.stemma("config", "check")
        self.stemma("--config", "stemma.yaml", "config", "show")
        self.stemma("plugin", "enable", "lot")
        self.assertTrue(os.path.exists(os.path.join(self.folder, "conf.d/50-plugins.yaml")))
        daemon = subprocess.Popen([os.path.join(BUILD, "bin/stemmad")], cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(daemon.stderr.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        line = daemon.stderr.readline()
        while line and "DAEMON_READY" not in line:
            line = daemon.stderr.readline()
        self.assertIn("DAEMON_READY", line)
        daemon.terminate()
        self.assertEqual(daemon.wait(SECONDS_MAX), 0)
        self.assertIn("1 entry", self.stemma("ledger", "verify"))
        self.stemma("doctor")

    def test_lets_a_plugin_be_disabled_whose_file_is_gone(self):
        self.stemma("init")
        self.stemma("plugin", "enable", "lot")
        os.remove(os.path.join(self.folder, "plugins/lot.so"))
        self.assertRegex(self.stemma("plugin", "list"), r"lot +enabled +its file is not there")
        self.stemma("status")
        refused = subprocess.run([os.path.join(BUILD, "bin/stemma"), "rule", "list"], cwd=self.folder, env=self.environment,
                                 capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        with open(os.path.join(self.folder, "conf.d/10-gone.yaml"), "w", encoding="utf-8") as out:
            out.write("plugins: {enabled: [{name: gone, data: [none.yaml]}]}\n")
        self.stemma("plugin", "disable", "lot")
        self.stemma("plugin", "disable", "gone")
        self.stemma("rule", "list")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
