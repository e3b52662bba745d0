"""What the fault tests share: a daemon on a state folder of its own, clients that keep what was acknowledged outside it, and an oracle
that reads the ledger's rows without any code of Stemma's and says what the daemon must answer.
"""
import base64
import collections
import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

START_SECONDS_MAX = 120
ANSWER_SECONDS_MAX = 30
INPUTS_MAX = 3  # items that one command uses up
RECENT_ITEMS = 12  # it takes them from its client's last so many
SAMPLES = 3  # items whose trace and history are compared after a restart
SNAPSHOT_ENTRIES = 5  # between two snapshots of the lineage while events are recorded


def in_memory():
    """Where files go that need no disk, for tempfile; None where there is no such place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Failure(Exception):
    """What a harness is here to find: something acknowledged is lost, something is there twice, two views of one ledger differ."""


class Stemma:
    """One state folder with its settings; daemons come and go on it."""

    def __init__(self, build, folder, template=None, snapshots=False, reserve=True):
        """A new one, or a copy of another's folder; one that writes snapshots of its lineage all the time, or at a stop alone."""
        self.build = build
        self.folder = os.path.realpath(folder)
        self.daemon = None
        self.port = None
        self.log = collections.deque(maxlen=200)
        if template is not None:
            shutil.copytree(template, self.folder)
            return
        os.makedirs(os.path.join(self.folder, "plugins"), mode=0o755)
        os.chmod(self.folder, 0o755)
        with open(self.settings, "w", encoding="utf-8") as out:
            out.write("daemon: {port: 0}\nstate: {folder: state}\nplugins: {directory: plugins}\n")
            ledger = [f"snapshot_entries: {SNAPSHOT_ENTRIES}"] if snapshots else []
            if not reserve:
                ledger.append("reserve_bytes: 0")
            if ledger:
                out.write(f"ledger: {{{', '.join(ledger)}}}\n")
        self.command("init")

    @property
    def settings(self):
        return os.path.join(self.folder, "stemma.yaml")

    @property
    def state(self):
        return os.path.join(self.folder, "state")

    @property
    def database(self):
        return os.path.join(self.state, "stemma.db")

    def command(self, *words):
        done = subprocess.run([os.path.join(self.build, "bin/stemma"), "--config", self.settings, *words], capture_output=True, text=True,
                              timeout=START_SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise Failure(f"stemma {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, environment=None, may_end=False):
        """Starts a daemon and waits until it is ready; its port, or None when it ended instead and may."""
        self.daemon = subprocess.Popen([os.path.join(self.build, "bin/stemmad"), "--config", self.settings], stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, **(environment or {})})
        watchdog = threading.Timer(START_SECONDS_MAX, self.daemon.kill)
        watchdog.start()
        for line in self.daemon.stderr:
            self.log.append(line)
            if " DAEMON_READY " in line:
                break
        watchdog.cancel()
        if " DAEMON_READY " not in (self.log[-1] if self.log else ""):
            code = self.end(signal.SIGKILL)
            if may_end:
                return None
            raise Failure(f"stemmad did not start: exit {code}\n{self.said()}")
        self.port = int(self.log[-1].split("http://127.0.0.1:")[1].split()[0])
        threading.Thread(target=self._keep_log, args=(self.daemon.stderr,), daemon=True).start()
        return self.port

    def _keep_log(self, stream):
        with contextlib.suppress(ValueError):
            for line in stream:
                self.log.append(line)

    def said(self):
        return "".join(self.log)

    def end(self, how):
        """Sends the signal and waits; gives the exit code."""
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            self.daemon.send_signal(how)
        try:
            code = self.daemon.wait(timeout=START_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            raise Failure(f"stemmad did not end on signal {how}") from None
        self.daemon = None
        self.port = None
        return code

    def stop(self):
        code = self.end(signal.SIGTERM)
        if code != 0:
            raise Failure(f"stemmad stopped with exit {code}\n{self.said()}")

    def get(self, path):
        """Status and document."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def ask(self, path):
        status, document = self.get(path)
        if status != 200:
            raise Failure(f"GET {path}: {status} {document}")
        return document

    def remove(self):
        if self.daemon is not None:
            self.end(signal.SIGKILL)
        shutil.rmtree(self.folder)


class Looker:
    """open_image, asked folder by folder: what is there, and whether the lineage of snapshot and rest is the ledger's."""

    def __init__(self, build, *options):
        self._process = subprocess.Popen([os.path.join(build, "bin/open_image"), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True)

    def look(self, folder):
        self._process.stdin.write(folder + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("open_image ended by itself")
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Starts:
    """Of how many starts the lineage was held against the ledger's, and what they were made from."""

    def __init__(self):
        self.alone = self.snapshot = self.rest = 0

    def count(self, said):
        self.alone += said["snapshot"] == 0
        self.snapshot += said["snapshot"] != 0
        self.rest += 0 < said["snapshot"] < said["entries"]

    def __str__(self):
        return f"lineage from a snapshot {self.snapshot} times, {self.rest} of them with a rest behind it, from the ledger alone {self.alone} times, always the same"


Command = collections.namedtuple("Command", "number key made inputs")
COMMAND_URI = "urn:fault:command:"
ITEM_URI = "urn:fault:item:"


def body_of(command):
    """A transformation: items of earlier commands go in, the item of this one comes out. It names the command, so that the same
    business twice shows whatever keys and times it came under."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_790_000_000 + command.made))
    event = {"type": "TransformationEvent", "eventTime": f"{moment}Z", "bizStep": "commissioning",
             "transformationID": f"urn:fault:work:{command.number}", "outputEPCList": [f"{ITEM_URI}{command.number}"],
             "bizTransactionList": [{"type": "prodorder", "bizTransaction": f"{COMMAND_URI}{command.number}"}]}
    event["inputEPCList"] = [f"{ITEM_URI}{number}" for number in command.inputs] or ["urn:fault:item:raw"]
    return json.dumps(event)


class Commands:
    """Makes commands, each with a number and an idempotency key of its own. Any thread."""

    def __init__(self, seed):
        self._lock = threading.Lock()
        self._choose = random.Random(seed)
        self._next = 0

    def make(self, done):
        """A command that uses up items of the commands in `done`, the newest first."""
        with self._lock:
            number, self._next = self._next, self._next + 1
            near = done[-RECENT_ITEMS:]
            inputs = self._choose.sample(near, min(len(near), self._choose.randrange(1, INPUTS_MAX + 1)))
        return Command(number, f"key-{number}", number, inputs)


class Caller:
    """One connection to the daemon, made again when it breaks. One thread."""

    def __init__(self):
        self._connection = None
        self._port = None

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def post(self, port, command):
        """Status and text of the answer; None when the connection ended without one."""
        try:
            if self._connection is None or port != self._port:
                self.close()
                self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)
                self._port = port
            self._connection.request("POST", "/api/v1/events", body_of(command),
                                     {"Content-Type": "application/json", "Idempotency-Key": command.key})
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            return None


def leaf_of(data):
    return hashlib.sha256(b"\0" + data).digest()


class Ledger:
    """The rows as the database has them, and what follows from them, computed here alone."""

    def __init__(self, database=None, rows=None):
        """Of a SQLite file, or of rows that were read elsewhere: number, bytes, and both hashes as bytes of hexadecimal text."""
        self.rows = self._rows_of(database) if rows is None else rows
        self.entries = [json.loads(row[1]) for row in self.rows]
        self.commands = collections.Counter()
        self.said_full = 0  # entries of the daemon's own: the disk was full
        self.sequences = collections.defaultdict(list)  # of an item: the entries that name it
        self.forward = collections.defaultdict(set)
        self.back = collections.defaultdict(set)
        for (sequence, *_), entry in zip(self.rows, self.entries):
            self._read(sequence, entry)

    @staticmethod
    def _rows_of(database):
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
        connection.text_factory = bytes
        try:
            return connection.execute("SELECT sequence, bytes, leaf_hash, chain_hash FROM ledger_entry ORDER BY sequence").fetchall()
        finally:
            connection.close()

    def _read(self, sequence, entry):
        if entry.get("system", {}).get("action") == "disk_full":
            self.said_full += 1
            return
        event = entry["event"]
        for transaction in event["bizTransactionList"]:
            self.commands[int(transaction["bizTransaction"].removeprefix(COMMAND_URI))] += 1
        inputs, outputs, work = event["inputEPCList"], event["outputEPCList"], event["transformationID"]
        for item in (*inputs, *outputs):
            self.sequences[item].append(sequence)
        for item in inputs:
            self.forward[item].add(work)
            self.back[work].add(item)
        for item in outputs:
            self.forward[work].add(item)
            self.back[item].add(work)

    def check_chain(self):
        """Numbers without a gap, and every hash as RFC 6962 and the ledger's chain define it."""
        chain = bytes(32)
        for expected, (sequence, data, leaf, linked) in enumerate(self.rows):
            if sequence != expected:
                raise Failure(f"entry {expected} is missing: the next one is {sequence}")
            chain = hashlib.sha256(chain + leaf_of(data)).digest()
            if leaf.decode() != leaf_of(data).hex() or linked.decode() != chain.hex():
                raise Failure(f"entry {sequence} does not fit its hashes")

    def root(self):
        """The Merkle tree's root (RFC 6962 section 2.1), by its binary carry."""
        stack = []  # (leaves, hash), widest first
        for _, data, *_ in self.rows:
            stack.append((1, leaf_of(data)))
            while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
                (width, right), (_, left) = stack.pop(), stack.pop()
                stack.append((2 * width, hashlib.sha256(b"\1" + left + right).digest()))
        if not stack:
            return hashlib.sha256().digest()
        digest = stack.pop()[1]
        while stack:
            digest = hashlib.sha256(b"\1" + stack.pop()[1] + digest).digest()
        return digest

    @staticmethod
    def reached(edges, start):
        seen, todo = {start}, [start]
        while todo:
            for node in edges[todo.pop()]:
                if node not in seen:
                    seen.add(node)
                    todo.append(node)
        return seen

    def check_acknowledged(self, acknowledged):
        """Every acknowledged command once, none twice."""
        lost = sorted(number for number in acknowledged if not self.commands[number])
        twice = sorted(number for number, count in self.commands.items() if count > 1)
        if lost:
            raise Failure(f"{len(lost)} acknowledged commands are lost, the first is {lost[0]}")
        if twice:
            raise Failure(f"{len(twice)} commands are there twice, the first is {twice[0]}")


def check_agreement(ask, ledger, choose):
    """The daemon's lineage, histories and tree against the ledger's rows; `ask` gives the document of a path."""
    status, head = ask("/api/v1/status"), ask("/api/v1/ledger")
    size = len(ledger.rows)
    told = (status["entries"], status["lineage"]["position"], head["size"])
    if told != (size, size, size):
        raise Failure(f"the ledger has {size} entries, but entries, lineage position and head are {told}")
    if size == 0:
        return
    if head["root"] != ledger.root().hex():
        raise Failure(f"the head's root over {size} entries is not that of the rows")
    note = head["checkpoint"].split("\n")
    if (note[1], base64.b64decode(note[2])) != (str(size), ledger.root()):
        raise Failure(f"the signed checkpoint is not over the {size} entries")
    items = sorted(ledger.sequences)
    for item in {items[0], *choose.sample(items, min(SAMPLES, len(items)))}:
        for way, edges in (("forward", ledger.forward), ("back", ledger.back)):
            nodes = [node["id"] for node in ask(f"/api/v1/trace/{way}?item={item}")["nodes"]]
            if len(nodes) != len(set(nodes)) or set(nodes) != ledger.reached(edges, item):
                raise Failure(f"trace {way} of {item}: {len(nodes)} nodes, the ledger's rows give {len(ledger.reached(edges, item))}")
        history = [entry["sequence"] for entry in ask(f"/api/v1/items/{item}?limit=1000")["history"]]
        if history != ledger.sequences[item][-1000:]:
            raise Failure(f"history of {item}: entries {history[:5]}…, the ledger's rows give {ledger.sequences[item][:5]}…")


def must_fail(what, run):
    """A red control: the harness is worth something only if this fails."""
    try:
        run()
    except Failure as found:
        print(f"red control, {what}: found, as it must be ({str(found).splitlines()[0]})")
        return
    raise SystemExit(f"red control, {what}: the harness did not notice")
