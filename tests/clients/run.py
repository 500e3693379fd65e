#!/usr/bin/env python3
"""Sends real, unmodified client libraries through the gateway and holds their answers and the books against the provider.

usage: tests/clients/run.py BINARY [--only openai,anthropic] [--quick] [--cache DIR] [--keep]

Each call of a client runs three times against a made-up provider (`bilanz mock-provider`): straight, through
the gateway with the client's own key, and through the gateway with a gateway key in the place of the provider's
(the gateway then holds the credential). Only the base URL and the key differ. For each call must hold:
the text and the whole result, usage included, are those of the straight call; the books hold one entry for each
call of a model that the provider saw, with the same token classes, counted, under the account of the key; the provider
gets the credential that it should, and never a gateway key.

Needs Python 3.11 with venv and pip, and for the clients from npm Node 20 with npm; the libraries are pinned
(requirements*.txt, package-lock.json) and fetched into the cache. Exit status 1 when a check fails,
77 when the libraries cannot be had here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

from fetch import Unavailable, packages
from judge import Call
from theatre import CLIENTS, HERE, MODES, QUICK, SECURE, Program, Stage, environment

SKIP = 77


def perform(name, stage, folders):
    """All calls of a client, in all three ways."""
    file, kind, upstream, only = CLIENTS[name]
    command = ["node", f"{folders[kind]}/{file}"] if kind == "node" else [f"{folders[kind]}/bin/python", os.path.join(HERE, file)]
    tap = stage.taps["litellm" if upstream == "litellm" else "mock"]
    calls = []
    for mode in MODES:
        program = Program(command, environment(name, mode, stage), stage.errors)
        try:
            for case, streams in program.calls:
                if only and case not in only:
                    continue
                call = Call(name, case, streams, mode)
                start, heard = os.path.getsize(stage.ledger), len(tap.said)
                call.begun_ms = int(time.time() * 1000)
                call.answer = program.call(case)
                stage.settle()
                call.ended_ms = int(time.time() * 1000)
                call.records, _ = stage.seen(start)
                call.said = bytes(tap.said[heard:])
                calls.append(call)
                # The books know the time in milliseconds.
                time.sleep(0.002)
        finally:
            program.close()
    return calls


def act(binary, folder, names, folders):
    """The calls of some clients over one set of books, judged; and what is wrong beside them."""
    calls, broken, stage = [], [], None
    try:
        stage = Stage(binary, folder, names, folders)
        for name in names:
            try:
                calls += perform(name, stage, folders)
            except (RuntimeError, OSError, ValueError) as error:
                broken.append(f"{name}: {error}")
        status, entries = stage.entries()
        if status != 0:
            broken.append(f"`bilanz serve` ended with {status}")
        straight = {(call.client, call.name): call for call in calls if call.mode == "straight"}
        for call in calls:
            call.judge(straight.get((call.client, call.name)), entries)
        inside = sum(any(call.begun_ms <= entry["time_start_ms"] <= call.ended_ms for call in calls) for entry in entries)
        if inside != len(entries):
            broken.append(f"{len(entries) - inside} entries belong to no call")
        verified = stage.run("verify")
        if verified.returncode != 0:
            broken.append(f"verify: {verified.stdout}{verified.stderr}")
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        broken.append(str(error))
    finally:
        if stage:
            stage.close()
    return calls, broken


def show(calls):
    """The table, and what is wrong."""
    print(f"\n{'client':<18}{'call':<26}{'stream':<8}" + "".join(f"{mode:<14}" for mode in MODES))
    rows = {}
    for call in calls:
        rows.setdefault((call.client, call.name, call.streams), {})[call.mode] = call
    for (client, name, streams), row in rows.items():
        marks = [("pass" if not row[mode].faults else "FAIL") if mode in row else "-" for mode in MODES]
        print(f"{client:<18}{name:<26}{'yes' if streams else 'no':<8}" + "".join(f"{mark:<14}" for mark in marks))
    for call in calls:
        for fault in call.faults:
            print(f"FAIL {call.client} {call.name} ({call.mode}): {fault}")


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("binary")
    flags.add_argument("--only", help=f"of {','.join(CLIENTS)}")
    flags.add_argument("--quick", action="store_true", help=f"only {','.join(QUICK)}")
    flags.add_argument("--cache", help="folder for the libraries; `clients` in the target folder when left out")
    flags.add_argument("--keep", action="store_true", help="keep the books and the provider's ledger")
    flags = flags.parse_args()
    names = flags.only.split(",") if flags.only else list(QUICK if flags.quick else CLIENTS)
    if unknown := [name for name in names if name not in CLIENTS]:
        sys.exit(f"--only: no client is called {', '.join(unknown)}; take some of {', '.join(CLIENTS)}")
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(HERE, "..", "..", "target")
    cache = os.path.abspath(flags.cache or os.path.join(target, "clients"))
    kinds = {CLIENTS[name][1] for name in names}
    proxied = any(name.startswith("litellm-") for name in names)
    try:
        folders = {kind: packages(kind, cache) for kind in sorted(kinds | ({"litellm"} if proxied else set()))}
    except (Unavailable, OSError) as error:
        print(f"the client libraries cannot be had here: {error}")
        sys.exit(SKIP)
    folder = tempfile.mkdtemp(prefix="bilanz-clients-")
    begun, calls, broken = time.monotonic(), [], []
    for place, group in enumerate(([name for name in names if name not in SECURE], [name for name in names if name in SECURE])):
        if group:
            done, wrong = act(os.path.abspath(flags.binary), f"{folder}/{place}", group, folders)
            calls += done
            broken += wrong
    if flags.keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    show(calls)
    for fault in broken:
        print(f"FAIL {fault}")
    bad = sum(bool(call.faults) for call in calls) + len(broken)
    print(f"\nclients: {len(calls) - sum(bool(call.faults) for call in calls)} passed, {bad} failed, {time.monotonic() - begun:.0f} s")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
