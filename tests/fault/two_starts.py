#!/usr/bin/env python3
"""Two daemons are started at the same moment on an empty database in PostgreSQL, again and again: both must come up, one of them the writer
and one the standby, the schema must be made once, and what is recorded through either must be there in both. Nobody says which is the first.

usage: two_starts.py BUILD_DIR [--rounds N]
"""
import argparse
import collections
import contextlib
import os
import random
import signal
import tempfile
import threading
import time

from rig import Caller, Commands, Failure, Stemma, check_agreement
from shared_store import PROGRESS_SECONDS_MAX, Pair, Postgres, postgres_installed

TABLES = ("SELECT count(*), count(DISTINCT number), min(number), max(number) FROM stemma.schema_migration",
          "SELECT count(*) FROM stemma.writer_turn")
COMMANDS = 6


def start_at_once(daemons):
    """Starts them from threads that were held back; what went wrong, by daemon."""
    gate, wrong = threading.Barrier(len(daemons)), {}

    def start(number, daemon):
        gate.wait()
        try:
            daemon.start()
        except Failure as found:
            wrong[number] = str(found)

    threads = [threading.Thread(target=start, args=given) for given in enumerate(daemons)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise Failure(f"{len(wrong)} of {len(daemons)} did not come up:\n" + "\n".join(wrong.values()))


def record(pair, commands):
    """Each command at each daemon in turn until it is taken; the numbers."""
    callers, numbers = collections.defaultdict(Caller), set()
    for turn in range(COMMANDS):
        command = commands.make(sorted(numbers))
        deadline = time.monotonic() + PROGRESS_SECONDS_MAX
        while command.number not in numbers:
            port = pair.ports()[turn % 2]
            turn += 1
            answer = callers[port].post(port, command)
            if answer and answer[0] == 201:
                numbers.add(command.number)
            elif answer and answer[0] != 503:
                raise Failure(f"a command was refused: {answer}")
            elif time.monotonic() > deadline:
                raise Failure("nobody records")
    return numbers


def one_round(build, folder, postgres, number, choose):
    """On a database of its own; which daemon became the writer, and the rows that tell of the schema's making."""
    database = f"round_{number}"
    postgres.ask(f"CREATE DATABASE {database}")
    pair = Pair(build, os.path.join(folder, database), postgres, database, started=False)
    try:
        start_at_once(pair.daemons)
        writer = pair.writer()
        acknowledged = record(pair, Commands(number))
        made = [postgres.ask(sql, database)[0] for sql in TABLES]
        ledger = postgres.ledger(database)
        ledger.check_chain()
        ledger.check_acknowledged(acknowledged)
        for daemon in pair.daemons:
            deadline = time.monotonic() + PROGRESS_SECONDS_MAX
            while daemon.ask("/api/v1/status")["lineage"]["position"] < len(ledger.rows) and time.monotonic() < deadline:
                time.sleep(0.02)
            check_agreement(daemon.ask, ledger, choose)
        return pair.daemons.index(writer), made
    finally:
        for daemon in pair.daemons:
            with contextlib.suppress(Failure):
                daemon.end(signal.SIGTERM)
        pair.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    if not postgres_installed():
        print("SKIP needs package postgresql")
        return
    writers, histories = collections.Counter(), set()
    with tempfile.TemporaryDirectory(prefix="stemma-starts-") as folder:
        os.chmod(folder, 0o755)
        postgres = Postgres(os.path.join(folder, "postgres"), False)
        try:
            for number in range(given.rounds):
                writer, made = one_round(given.build, folder, postgres, number, random.Random(number))
                writers["first" if writer == 0 else "second"] += 1
                histories.add(str(made))
                (rows, numbers, first, last), (turns,) = made
                if (rows, first) != (numbers, "1") or rows != last or turns != "1":
                    raise Failure(f"round {number}: the schema was not made once: {made}")
        finally:
            postgres.stop()
    if len(histories) != 1:
        raise Failure(f"schemas differ from round to round: {histories}")
    print(f"{given.rounds} starts of two at once on an empty database: both up, one writer ({dict(writers)}), the schema made once")


if __name__ == "__main__":
    main()
