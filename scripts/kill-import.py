#!/usr/bin/env python3
"""Kills an import at seeded points with SIGKILL and checks that no row is lost or doubled.

usage: scripts/kill-import.py BINARY [--points 200] [--rows 40000] [--seed 1]

For each point: new books with a first import, then a second import that is killed
after a seeded delay, then the same import again. Afterwards the statement must
count each row once, the tokens must match to the last one, and `verify` must pass.
Some points kill twice. Standard library only. Exit status 1 when a point fails.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HEADER = "time_start,time_end,provider,model,use_case,requests,input_tokens_uncached,output_tokens,source_id\n"


def table(path, first, last, with_ids):
    """Rows first..last; without ids the books tell copies apart by counting them."""
    tokens = requests = 0
    with open(path, "w", encoding="utf-8") as out:
        out.write(HEADER)
        for number in range(first, last):
            # Every fifth row equals its neighbour, so that equal rows occur.
            shape = number - (number % 5 == 4)
            day, hour, minute = 1 + shape % 28, shape // 28 % 24, shape // 672 % 60
            asked, read, written = 1 + shape % 9, 900 + shape % 1000, 50 + shape % 300
            tokens += read + written
            requests += asked
            name = f"row-{number}" if with_ids else ""
            out.write(
                f"2026-01-{day:02}T{hour:02}:{minute:02}:00Z,2026-01-{day:02}T{hour:02}:{minute:02}:30Z,"
                f"openai,gpt-4o,acme/team-{shape % 5},{asked},{read},{written},{name}\n"
            )
    return requests, tokens


class House:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.books = os.path.join(folder, "books")

    def run(self, *arguments):
        command = [self.binary, *arguments, "--books", self.books]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)}: {done.stderr.strip()[-400:]}")
        return json.loads(done.stdout)

    def kill_import(self, path, delay_s):
        """Starts an import and kills it after the delay; tells whether it was still running."""
        command = [self.binary, "import", path, "--books", self.books, "--json"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        running = child.poll() is None
        if running:
            child.send_signal(signal.SIGKILL)
        child.wait()
        return running


def point(binary, template, files, delays, want):
    """One point; returns how many of its imports died."""
    folder = tempfile.mkdtemp(prefix="bilanz-kill-")
    try:
        shutil.copytree(template, os.path.join(folder, "books"))
        house = House(binary, folder)
        died = sum(house.kill_import(files[1], delay) for delay in delays)
        record = house.json("import", files[1])
        rows, requests, tokens = want
        seen = record["imported"] + record["duplicates"]
        assert seen == record["rows"] and record["rejected"] == 0, f"the last import accounts for {seen} of {record['rows']} rows"
        statement = house.json("report", "footprint")
        got = (statement["coverage"]["entries"], statement["total"]["requests"], statement["total"]["tokens"])
        assert got == (rows, requests, tokens), f"entries, requests, tokens {got}, expected {(rows, requests, tokens)}"
        verified = house.run("verify")
        assert verified.returncode == 0, f"verify: {verified.stdout}{verified.stderr}"
        # The same statement from the raw segments: a killed import must not spoil the roll-ups.
        shutil.rmtree(os.path.join(house.books, "rollups"))
        assert house.json("report", "footprint")["total"] == statement["total"], "roll-ups and segments disagree"
        return died
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("binary")
    flags.add_argument("--points", type=int, default=200)
    flags.add_argument("--rows", type=int, default=40_000)
    flags.add_argument("--seed", type=int, default=1)
    flags = flags.parse_args()
    binary = os.path.abspath(flags.binary)
    chance = random.Random(flags.seed)
    folder = tempfile.mkdtemp(prefix="bilanz-kill-")
    passed = failed = died = 0
    try:
        for with_ids in (True, False):
            place = os.path.join(folder, "ids" if with_ids else "plain")
            os.mkdir(place)
            files = [os.path.join(place, name) for name in ("first.csv", "second.csv")]
            # The second file tells half of the first once more.
            half = flags.rows // 4
            first = table(files[0], 0, 2 * half, with_ids)
            table(files[1], half - half % 5, flags.rows, with_ids)
            whole = table(os.path.join(place, "all.csv"), 0, flags.rows, with_ids)
            house = House(binary, place)
            assert house.json("import", files[0])["imported"] == 2 * half
            statement = house.json("report", "footprint")
            assert (statement["total"]["requests"], statement["total"]["tokens"]) == first
            # How long an undisturbed import takes, on a copy.
            trial = os.path.join(place, "trial")
            shutil.copytree(house.books, os.path.join(trial, "books"))
            start = time.monotonic()
            House(binary, trial).json("import", files[1])
            span = time.monotonic() - start
            points = flags.points // 2 + (flags.points % 2 if with_ids else 0)
            for number in range(points):
                # Spread evenly over the run, each moved by chance; every fourth is killed twice.
                delays = [span * 1.05 * (number + chance.random()) / points]
                if number % 4 == 3:
                    delays.append(span * chance.random())
                try:
                    died += point(binary, house.books, files, delays, (flags.rows, *whole))
                    passed += 1
                except (AssertionError, subprocess.TimeoutExpired) as error:
                    failed += 1
                    shown = ", ".join(f"{delay * 1000:.0f} ms" for delay in delays)
                    print(f"point {number} ({'with' if with_ids else 'without'} ids, killed at {shown}): {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{died} imports killed while at work; seed {flags.seed}, {flags.rows} rows")
    print(f"kill-import: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
