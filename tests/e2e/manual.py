#!/usr/bin/env python3
"""The commands that the manual prints, run over the demo data by the shell, page by page: each must end well, and say what the page says it says.

A block of a page is run where it is marked `sh`, or where its lines are commands of `stemma`, after a `$` or alone. What a page shows as
the answer is the block after an `sh` one, or what follows the `$` line; lines that begin with `...` stand for any others, and digests, times
and build numbers differ from run to run.

usage: manual.py SOURCE_DIR BUILD_DIR
"""
import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCE, BUILD = sys.argv[1:3]
SECONDS_MAX = 60  # for anything that is waited for
# In this order: what api.md records must not be there yet when the others count.
PAGES = ("README.md", "core/docs/index.md", "core/docs/tracing.md", "core/docs/recall.md", "core/docs/counts.md", "core/docs/rows.md", "core/docs/lineage.md",
         "core/docs/find-the-cause.md", "core/docs/audit.md", "core/docs/api.md")
# By itself, in an empty folder without a daemon: it begins with nothing.
FROM_NOTHING = ("core/docs/map-your-erp.md",)
READING = re.compile(r"^stemma (search|item|trace|recall|event show|ledger|status|erp audit)\b")
TELLS_BY_CODE = re.compile(r"^stemma erp audit\b")  # 1: there is a finding
DEMO_SAYS = re.compile(r"^(== |The ERP database is byte for byte)")  # between the commands of the demo
# What differs: digests, instants, what a page leaves out at a line's end.
ANY = ((r"[0-9a-f]{64}", "DIGEST"), (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "TIME"))


def blocks(page):
    """(first line's number, language, lines) of each fenced block."""
    with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
        lines = file.read().split("\n")
    begin = None
    for number, line in enumerate(lines):
        if line.startswith("```"):
            if begin is None:
                begin, language = number, line[3:].strip()
            else:
                yield begin + 1, language, lines[begin + 1:number]
                begin = None


def plain(line):
    for pattern, word in ANY:
        line = re.sub(pattern, word, line)
    return re.sub(r" +", " ", line).strip()


def commands(page):
    """(where, text for the shell, lines that it must say, whether it must end with 0)."""
    found = list(blocks(page))
    for place, (number, language, lines) in enumerate(found):
        if language == "sh":
            following = found[place + 1] if place + 1 < len(found) else (0, "-", [])
            yield f"{page}:{number + 1}", "\n".join(lines), following[2] if following[1] == "" else [], True
        elif language == "" and lines and READING.match(lines[0]):
            for offset, line in enumerate(lines):
                yield f"{page}:{number + 1 + offset}", line, [], True
        elif language == "":
            at = [i for i, line in enumerate(lines) if line.startswith("$ ")]
            for i, end in zip(at, at[1:] + [len(lines)]):
                if READING.match(lines[i][2:]):
                    said = [line for line in lines[i + 1:end] if not DEMO_SAYS.match(line)]
                    yield f"{page}:{number + 1 + i}", lines[i][2:], said, not any(line.startswith("stemma: ") for line in said)


class Manual(unittest.TestCase):
    def setUp(self):
        for tool in ("curl", "jq"):
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is not here")
        self.folder = tempfile.mkdtemp(prefix="stemma-manual-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        for name, source, ending in (("plugins", os.path.join(BUILD, "plugins"), ".so"), ("erp", os.path.join(SOURCE, "config/erp"), ".yaml"),
                                     ("rules", os.path.join(SOURCE, "config/rules"), ".yaml")):
            os.mkdir(self.path(name), 0o755)
            for file in os.listdir(source):
                if file.endswith(ending):
                    shutil.copy(os.path.join(source, file), self.path(name))
                    os.chmod(self.path(name, file), 0o644)
        with open(os.path.join(SOURCE, "config/examples/demo.yaml"), encoding="utf-8") as given:
            text = given.read()
        self.assertEqual(text.count("port: 7430\n"), 1)
        with open(self.path("stemma.yaml"), "w", encoding="utf-8") as out:
            out.write(text.replace("port: 7430\n", "port: 0\n"))
        with gzip.open(os.path.join(SOURCE, "tests/support/tryton_demo/demo.sql.gz"), "rt", encoding="utf-8") as sql:
            erp = sqlite3.connect(self.path("tryton.sqlite"))
            erp.executescript(sql.read())
            erp.close()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("STEMMA_") and name != "NOTIFY_SOCKET"}
        self.environment.update(PATH=os.path.join(BUILD, "bin") + os.pathsep + os.environ["PATH"], STEMMA_CONFIG=self.path("stemma.yaml"))
        for words in ("stemma init", "stemma erp sync tryton"):
            self.assertEqual(self.shell(words).returncode, 0, words)
        self.start()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def start(self):
        with open(self.path("log"), "w", encoding="utf-8") as log:
            daemon = subprocess.Popen([os.path.join(BUILD, "bin/stemmad")], env=self.environment, stderr=log)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        wait = threading.Event()
        for _ in range(SECONDS_MAX * 20):
            with open(self.path("log"), encoding="utf-8") as log:
                found = re.search(r"DAEMON_READY (http://\S+)", log.read())
            if found:
                self.environment["api"] = found.group(1)
                return
            self.assertIsNone(daemon.poll())
            wait.wait(0.05)
        self.fail("the daemon did not come up")

    def shell(self, text):
        # Without a pager or a terminal; `head` may end a pipe early, so a pipe's code is that of its last command.
        return subprocess.run(["bash", "-euc", text], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=SECONDS_MAX,
                              check=False)

    def check(self, where, text, said, done):
        ran = self.shell(text)
        answered = ran.returncode == 0 or (ran.returncode == 1 and TELLS_BY_CODE.match(text) is not None)
        self.assertEqual(answered, done, f"{where}: {text}\n{ran.stdout}{ran.stderr}")
        answers = [plain(line) for line in (ran.stderr if not done else ran.stdout).split("\n")]
        at = 0
        for line in said:
            wanted, cut = plain(line), plain(line).endswith("...")
            if wanted in ("", "...") or wanted.startswith("..."):
                continue
            wanted = wanted[:-3].rstrip() if cut else wanted
            there = [i for i in range(at, len(answers)) if (answers[i].startswith(wanted) if cut else answers[i] == wanted)]
            self.assertTrue(there, f"{where} shows a line that is not answered: {line}\n{ran.stdout}{ran.stderr}")
            at = there[0] + 1

    def test_prints_what_can_be_run_and_what_it_says(self):
        for page in PAGES:
            count = 0
            for where, text, said, done in commands(page):
                with self.subTest(where):
                    self.check(where, text, said, done)
                count += 1
            if page not in ("core/docs/index.md",):  # which has words and no commands
                self.assertGreater(count, 0, page)


class FromNothing(Manual):
    def setUp(self):
        if shutil.which("sqlite3") is None:
            self.skipTest("sqlite3 is not here")
        self.folder = tempfile.mkdtemp(prefix="stemma-manual-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.symlink(os.path.join(SOURCE, "config"), self.path("config"))
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("STEMMA_") and name != "NOTIFY_SOCKET"}
        self.environment.update(PATH=os.path.join(BUILD, "bin") + os.pathsep + os.environ["PATH"], HOME=self.folder)

    def test_prints_what_can_be_run_and_what_it_says(self):
        for page in FROM_NOTHING:
            for where, text, said, done in commands(page):
                with self.subTest(where):
                    self.check(where, text, said, done)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
