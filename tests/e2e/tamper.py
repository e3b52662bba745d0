#!/usr/bin/env python3
"""A ledger of the demo is tampered with a thousand times, each time on a fresh copy: a flipped bit in any column of any row, in the head
inside or outside the database, a row deleted, swapped or cut off, also with every checkpoint that would tell. `stemma ledger verify` must end
with 1 and name the entry or the head.
A flipped bit anywhere else in the file must be called damage (1), or leave the answer as it was.

usage: tamper.py SOURCE_DIR BUILD_DIR
"""
import concurrent.futures
import gzip
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SOURCE, BUILD = sys.argv[1:3]
TAMPERS = 1000
WORKERS = 2
SEED = 20261121
ENTRY_COLUMNS = ("bytes", "leaf_hash", "chain_hash")


class Ledger:
    """A state folder whose database and outside checkpoint are put back as they were before each tamper."""

    def __init__(self, folder):
        self.folder = folder
        self.database = os.path.join(folder, "state/stemma.db")
        self.outside = os.path.join(folder, "state/ledger.checkpoint")
        with open(self.database, "rb") as file:
            self.pristine = file.read()
        with open(self.outside, "rb") as file:
            self.pristine_outside = file.read()

    def restore(self):
        for suffix in ("-wal", "-shm"):
            if os.path.exists(self.database + suffix):
                os.remove(self.database + suffix)
        with open(self.database, "wb") as file:
            file.write(self.pristine)
        with open(self.outside, "wb") as file:
            file.write(self.pristine_outside)

    def edit(self, *statements):
        """Runs SQL as somebody would who wants to leave no other trace: past the triggers, which are there again afterwards."""
        database = sqlite3.connect(self.database, isolation_level=None)
        database.text_factory = bytes
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        database.execute("BEGIN")
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name.decode()}")
        for sql, values in statements:
            database.execute(sql, values)
        for _, sql in triggers:
            database.execute(sql.decode())
        database.execute("COMMIT")
        database.close()

    def row(self, sql, *values):
        database = sqlite3.connect(self.database)
        database.text_factory = bytes
        found = database.execute(sql, values).fetchone()
        database.close()
        return found

    def verify(self):
        return subprocess.run([os.path.join(BUILD, "bin/stemma"), "--config", os.path.join(self.folder, "stemma.yaml"), "ledger", "verify"],
                              capture_output=True, text=True, check=False)


def flipped(data, choose, before=None):
    """The bytes with one bit of one byte changed."""
    changed = bytearray(data)
    place = choose.randrange(before or len(changed))
    changed[place] ^= 1 << choose.randrange(8)
    return bytes(changed)


# Each takes a Ledger, its number of entries and a source of chance, does its damage, and gives what was done and what must be said.

def flip_entry(ledger, size, choose):
    sequence = choose.randrange(size)
    column = choose.choice(ENTRY_COLUMNS)
    (value,) = ledger.row(f"SELECT {column} FROM ledger_entry WHERE sequence = ?", sequence)
    ledger.edit((f"UPDATE ledger_entry SET {column} = CAST(? AS TEXT) WHERE sequence = ?", (flipped(value, choose), sequence)))
    return f"{column} of entry {sequence}", rf"\bentry {sequence}\b"


def flip_sequence(ledger, size, choose):
    sequence = choose.randrange(size)
    moved = sequence
    while 0 <= moved < size:
        moved = sequence ^ (1 << choose.randrange(63))
    ledger.edit(("UPDATE ledger_entry SET sequence = ? WHERE sequence = ?", (moved, sequence)))
    return f"number of entry {sequence}, now {moved}", rf"\bentry {sequence}\b"


def delete_entry(ledger, size, choose):
    sequence = choose.randrange(size)
    ledger.edit(("DELETE FROM ledger_entry WHERE sequence = ?", (sequence,)))
    return f"entry {sequence} deleted", rf"\bentry {sequence}\b"


def swap_entries(ledger, size, choose):
    first, second = sorted(choose.sample(range(size), 2))
    ledger.edit(("UPDATE ledger_entry SET sequence = -1 WHERE sequence = ?", (first,)),
                ("UPDATE ledger_entry SET sequence = ? WHERE sequence = ?", (first, second)),
                ("UPDATE ledger_entry SET sequence = ? WHERE sequence = -1", (second,)))
    return f"entries {first} and {second} swapped", rf"\bentry {first}\b"


def cut_off(ledger, size, choose):
    first = size - 1 - choose.randrange(min(size - 1, 200))
    ledger.edit(("DELETE FROM ledger_entry WHERE sequence >= ?", (first,)))
    if choose.randrange(2):  # and the checkpoints that would tell: the one outside still does
        ledger.edit(("DELETE FROM ledger_checkpoint WHERE size > ?", (first,)))
    return f"entries from {first} cut off", rf"\b(entry|entries) {first}\b"


def cut_off_with_all_checkpoints(ledger, _, choose):
    """What is left is a whole ledger, as it was at an earlier day: only that the checkpoint outside is gone tells."""
    sizes = sorted(int(size) for size in ledger.row("SELECT group_concat(size) FROM ledger_checkpoint")[0].decode().split(","))
    first = choose.choice(sizes[:-1])
    ledger.edit(("DELETE FROM ledger_entry WHERE sequence >= ?", (first,)), ("DELETE FROM ledger_checkpoint WHERE size > ?", (first,)))
    os.remove(ledger.outside)
    return f"entries from {first} cut off with all checkpoints", r"checkpoint outside the database \(.*\) is missing"


def flip_checkpoint(ledger, _, choose):
    sizes = ledger.row("SELECT group_concat(size) FROM ledger_checkpoint")[0].decode().split(",")
    size = int(choose.choice(sizes))
    (note,) = ledger.row("SELECT note FROM ledger_checkpoint WHERE size = ?", size)
    ledger.edit(("UPDATE ledger_checkpoint SET note = CAST(? AS TEXT) WHERE size = ?", (flipped(note, choose), size)))
    return f"checkpoint over {size}", rf"checkpoint over {size} entries"


def flip_checkpoint_size(ledger, _, choose):
    sizes = [int(size) for size in ledger.row("SELECT group_concat(size) FROM ledger_checkpoint")[0].decode().split(",")]
    size = choose.choice(sizes)
    moved = size
    while moved in sizes:
        moved = size ^ (1 << choose.randrange(63))
    ledger.edit(("UPDATE ledger_checkpoint SET size = ? WHERE size = ?", (moved, size)))
    return f"size of the checkpoint over {size}, now {moved}", rf"checkpoint over {moved} entries"


def flip_outside(ledger, _, choose):
    with open(ledger.outside, "wb") as file:
        file.write(flipped(ledger.pristine_outside, choose))
    return "the checkpoint outside", r"checkpoint outside the database"


STRUCTURED = ((flip_entry, 40), (flip_sequence, 6), (delete_entry, 8), (swap_entries, 8), (cut_off, 6), (cut_off_with_all_checkpoints, 2),
              (flip_checkpoint, 8), (flip_checkpoint_size, 2), (flip_outside, 2))
ANYWHERE = 20  # of a hundred: a bit anywhere in the file, each fourth time in its header
HEADER_BYTES = 100


def tamper(ledger, size, well, number):
    choose = random.Random(SEED * 100_000 + number)
    ledger.restore()
    anywhere = choose.randrange(100) < ANYWHERE
    if anywhere:
        with open(ledger.database, "wb") as file:
            file.write(flipped(ledger.pristine, choose, HEADER_BYTES if choose.randrange(4) == 0 else None))
        done, wanted = "a bit of the file", r"."
    else:
        kinds, weights = zip(*STRUCTURED)
        done, wanted = choose.choices(kinds, weights)[0](ledger, size, choose)
    answer = ledger.verify()
    if anywhere and answer.returncode == 0 and answer.stdout == well:
        return number, None, "unharmed"
    said = [line for line in answer.stdout.splitlines() if line.startswith("FAIL")]
    if answer.returncode != 1 or not any(re.search(wanted, line) for line in said):
        return number, f"tamper {number} ({done}): exit {answer.returncode}, wanted 1 and {wanted}\n{answer.stdout}{answer.stderr}", done
    return number, None, "damage" if anywhere else "named"


def run_worker(folder, numbers, size, well):
    ledger = Ledger(folder)
    return [tamper(ledger, size, well, number) for number in numbers]


def make_ledger(root):
    """The demo, synced once; its database as one file."""
    folder = os.path.join(root, "demo")
    for name in ("plugins", "erp", "rules"):
        os.makedirs(os.path.join(folder, name), mode=0o755)
    for name in ("serial.so", "lot.so", "compliance.so"):
        shutil.copy(os.path.join(BUILD, "plugins", name), os.path.join(folder, "plugins", name))
        os.chmod(os.path.join(folder, "plugins", name), 0o644)
    shutil.copy(os.path.join(SOURCE, "config/erp/tryton-6.0.yaml"), os.path.join(folder, "erp"))
    shutil.copy(os.path.join(SOURCE, "config/rules/food.yaml"), os.path.join(folder, "rules"))
    erp = os.path.join(root, "tryton.sqlite")
    database = sqlite3.connect(erp)
    with gzip.open(os.path.join(SOURCE, "tests/support/tryton_demo/demo.sql.gz"), "rt", encoding="utf-8") as text:
        database.executescript(text.read())
    database.close()
    with open(os.path.join(folder, "stemma.yaml"), "w", encoding="utf-8") as out:
        out.write("daemon: {port: 0}\nstate: {folder: state}\nplugins:\n  directory: plugins\n  enabled:\n    - name: serial\n    - name: lot\n"
                  "    - name: compliance\n      data: [rules/food.yaml]\nerp:\n  mappings: [erp]\n  sources:\n    - name: tryton\n"
                  f"      mapping: tryton-6.0\n      connection: \"sqlite:{erp}\"\n      batch_rows: 50\n")
    for words in (("init",), ("erp", "sync", "tryton")):
        done = subprocess.run([os.path.join(BUILD, "bin/stemma"), "--config", os.path.join(folder, "stemma.yaml"), *words],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"stemma {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    database = sqlite3.connect(os.path.join(folder, "state/stemma.db"))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (size,) = database.execute("SELECT COUNT(*) FROM ledger_entry").fetchone()
    database.close()
    return folder, size


def main():
    with tempfile.TemporaryDirectory(prefix="stemma-tamper-") as root:
        os.chmod(root, 0o755)
        folder, size = make_ledger(root)
        whole = Ledger(folder)
        whole.restore()
        whole.edit()
        well = whole.verify()
        if well.returncode != 0:
            raise SystemExit(f"an untouched ledger does not verify: exit {well.returncode}\n{well.stdout}{well.stderr}")
        whole.restore()
        folders = [shutil.copytree(folder, os.path.join(root, f"worker-{n}")) for n in range(WORKERS)]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            jobs = [pool.submit(run_worker, folders[n], range(n, TAMPERS, WORKERS), size, well.stdout) for n in range(WORKERS)]
            results = [result for job in jobs for result in job.result()]
        wrong = [complaint for _, complaint, _ in sorted(results) if complaint]
        counts = {word: sum(1 for _, complaint, kind in results if kind == word and not complaint) for word in ("named", "damage", "unharmed")}
    for complaint in wrong[:20]:
        print(complaint)
    print(f"{len(results)} tampers of a ledger of {size} entries: {counts['named']} named with entry or head; of flips anywhere in the file "
          f"{counts['damage']} called damage, {counts['unharmed']} without effect; {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
