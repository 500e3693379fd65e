#!/usr/bin/env python3
"""Kills the gateway at seeded points under load and checks that no call of a model is lost or doubled.

usage: scripts/kill-gateway.py BINARY [--kills 1000] [--batch 25] [--clients 4] [--seed 1]

Each batch has its own books and its own made-up provider. For each kill the gateway
is started over the same books, clients send calls as fast as they are answered, streams
among them, and the gateway dies by SIGKILL: while it starts and seals what its predecessor
left, under load, around the moment when it seals its journals, or while it ends. After
each batch the books must hold, for every call that the provider saw, exactly one entry;
for every answer that a client got whole, its true tokens; for a call that was cut off, its
result or an estimate that says so; and `verify` must pass. Standard library only.
Exit status 1 when a law is broken.
"""

import argparse
import collections
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

CONFIG = """organisation = "Load"
[gateway]
require_keys = true
seal_every_s = 1
workers = 2
[upstream.mock]
base_url = "{url}"
retries = 0
"""
TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
TRUE = ("input_uncached", "cache_read", "cache_write", "output_visible", "reasoning")
CHAT = b'{"model":"m-cache-reason"%s,"messages":[{"role":"user","content":"%s"}]}'
# Path, body before its prompt is filled in, and what ends the answer where the bytes themselves say so.
CALLS = [
    ("/v1/chat/completions", CHAT % (b"", b"%s"), None),
    ("/v1/chat/completions", CHAT % (b',"stream":true', b"%s"), b"data: [DONE]"),
    ("/v1/chat/completions", CHAT % (b',"stream":true,"stream_options":{"include_usage":true}', b"%s"), b"data: [DONE]"),
    ("/v1/messages", CHAT % (b',"max_tokens":40', b"%s"), None),
    ("/v1/messages", CHAT % (b',"max_tokens":40,"stream":true', b"%s"), b"event: message_stop"),
    ("/v1beta/models/m-cache-reason:streamGenerateContent?alt=sse", b'{"contents":[{"parts":[{"text":"%s"}]}]}', None),
    ("/v1/embeddings", b'{"model":"m-embed","input":"%s"}', None),
]


class Law(Exception):
    """Something that must hold does not."""


class Call:
    """One request as its client saw it."""

    def __init__(self, name):
        self.name = name
        self.books_id = None
        self.status = None
        self.whole = False


def read_answer(stream, call, ending):
    """Reads an answer; `call` knows afterwards how much of it came. False when the connection is over."""
    first = stream.readline()
    if not first:
        return False
    status = int(first.split(b" ")[1])
    headers = {}
    while True:
        line = stream.readline()
        if not line.endswith(b"\n"):
            return False
        if line in (b"\r\n", b"\n"):
            break
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip().decode()
    call.status, call.books_id = status, headers.get(b"x-bilanz-request-id")
    if b"content-length" in headers:
        length = int(headers[b"content-length"])
        call.whole = len(stream.read(length)) == length
        return call.whole
    seen = b""
    while True:
        line = stream.readline()
        if not line.endswith(b"\r\n"):
            return False
        size = int(line, 16)
        data = stream.read(size + 2)
        # The record has to be there before the last frame is, not merely before the end of the body.
        seen = (seen + data)[-4096:]
        if ending and ending in seen:
            call.whole = True
        if len(data) < size + 2:
            return False
        if size == 0:
            call.whole = True
            return True


def client(address, key, prefix, chance, stop, calls):
    """Sends calls over one connection after another until it is told to stop."""
    number = 0
    while not stop.is_set():
        try:
            with socket.create_connection(address, timeout=5) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                stream = line.makefile("rb")
                while not stop.is_set():
                    path, body, ending = chance.choice(CALLS)
                    name = f"{prefix}-{number}"
                    number += 1
                    body = body % f"{name} {'so ' * chance.randrange(40)}".encode()
                    fault = f"x-mock-fault: slow={chance.randrange(1, 8)}\r\n" if chance.random() < 0.3 else ""
                    head = (
                        f"POST /mock{path} HTTP/1.1\r\nhost: {address[0]}:{address[1]}\r\nauthorization: Bearer {key}\r\n"
                        f"x-request-id: {name}\r\nx-bilanz-label-call: {name}\r\n{fault}content-length: {len(body)}\r\n\r\n"
                    )
                    call = Call(name)
                    calls.append(call)
                    line.sendall(head.encode() + body)
                    if not read_answer(stream, call, ending):
                        break
        except (OSError, ValueError):
            if stop.wait(0.005):
                return


class Batch:
    """Books, a provider and a gateway that dies again and again."""

    def __init__(self, binary, folder, chance, clients):
        self.binary, self.folder, self.chance, self.clients = binary, folder, chance, clients
        self.books, self.ledger = os.path.join(folder, "books"), os.path.join(folder, "mock.jsonl")
        self.errors = os.path.join(folder, "stderr")
        self.calls = []
        self.kinds = collections.Counter()
        self.mock, out = self.start("mock-provider", "--listen", "127.0.0.1:0", "--ledger", self.ledger, "--remember", "0")
        self.run("init")
        with open(os.path.join(self.books, "bilanz.toml"), "w", encoding="utf-8") as config:
            config.write(CONFIG.format(url=out["url"]))
        self.key = self.json("keys", "create", "--account", "acme/load")["key"]

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments, "--books", self.books], capture_output=True, text=True, timeout=120)

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        if done.returncode != 0:
            raise Law(f"{' '.join(arguments)}: {done.stderr.strip()[-400:]}")
        return json.loads(done.stdout)

    def start(self, *arguments, patience_s=None):
        """Starts a server. None in place of its word when it did not speak in time, and may live yet."""
        with open(self.errors, "ab") as errors:
            child = subprocess.Popen([self.binary, *arguments, "--json"], stdout=subprocess.PIPE, stderr=errors)
        text = b""
        if patience_s is not None:
            time.sleep(patience_s)
            return child, None
        while not text.rstrip().endswith(b"}"):
            line = child.stdout.readline()
            if not line:
                raise Law(f"{arguments[0]} did not start: {open(self.errors).read()[-400:]}")
            text += line
        return child, json.loads(text)

    def serve(self, patience_s=None):
        return self.start("serve", "--books", self.books, "--house", "127.0.0.1:0", "--listen", "127.0.0.1:0", patience_s=patience_s)

    def kill(self, number):
        """One life of the gateway and its death."""
        kind = self.chance.choices(("start", "load", "seal", "end"), (2, 10, 2, 2))[0]
        self.kinds[kind] += 1
        if kind == "start":
            child, _ = self.serve(patience_s=self.chance.uniform(0, 0.6))
            child.kill()
            child.wait()
            child.stdout.close()
            return
        child, out = self.serve()
        host, port = out["gateway"].removeprefix("http://").split(":")
        stop = threading.Event()
        lists = [[] for _ in range(self.clients)]
        threads = []
        for place, calls in enumerate(lists):
            chance = random.Random(self.chance.random())
            arguments = ((host, int(port)), self.key, f"k{number}c{place}", chance, stop, calls)
            threads.append(threading.Thread(target=client, args=arguments, daemon=True))
        for thread in threads:
            thread.start()
        if kind == "seal":
            time.sleep(self.chance.uniform(0.95, 1.15))
        else:
            # By calls rather than by time, so that a slow machine tests as much.
            enough, last = self.chance.randrange(2, 200), time.monotonic() + 3
            while sum(map(len, lists)) < enough and time.monotonic() < last:
                time.sleep(0.001)
            time.sleep(self.chance.uniform(0, 0.01))
        if kind == "end":
            child.send_signal(signal.SIGTERM)
            time.sleep(self.chance.uniform(0, 0.15))
        child.kill()
        child.wait()
        child.stdout.close()
        stop.set()
        for thread in threads:
            thread.join(10)
            if thread.is_alive():
                raise Law("a client still waits for a gateway that is dead")
        for calls in lists:
            self.calls.extend(calls)

    def judge(self):
        """Holds the books against what clients and provider saw. Returns counts."""
        child, out = self.serve()
        # Once its pages answer, it ends in order when it is told to.
        urllib.request.urlopen(out["url"], timeout=30).read()
        child.send_signal(signal.SIGTERM)
        if child.wait(60) != 0:
            raise Law(f"the gateway did not end well: {child.returncode}")
        child.stdout.close()
        self.mock.send_signal(signal.SIGINT)
        self.mock.wait(10)
        self.mock.stdout.close()
        with open(self.ledger, encoding="utf-8") as lines:
            seen = [json.loads(line) for line in lines]
        provider = {record["id"]: record for record in seen}
        if len(provider) != len(seen):
            raise Law("the provider saw a call twice, though nothing was to be tried again")
        columns = ", ".join(("external_id", "account", "evidence", "labels", "requests", *TOKENS))
        found = collections.defaultdict(list)
        entries = self.json("query", f"select {columns} from entries")
        for entry in entries:
            tags = json.loads(entry["labels"]).get("tags", [])
            entry["tags"] = tags
            name = next((tag[5:] for tag in tags if tag.startswith("call=")), None)
            found[name].append(entry)
        sent = {call.name for call in self.calls}
        counts = collections.Counter(entries=len(entries), calls=len(self.calls), provider=len(provider))
        faults = []
        for name, entries in found.items():
            if name not in sent:
                faults.append(f"{name}: in the books, and nobody sent it")
            if len(entries) != 1:
                faults.append(f"{name}: {len(entries)} entries")
            if any(entry["account"] != "acme/load" or entry["requests"] != 1 for entry in entries):
                faults.append(f"{name}: wrong account or count: {entries}")
        for name in provider:
            if name not in found:
                faults.append(f"{name}: the provider saw it, the books did not")
        for call in self.calls:
            entry = found[call.name][0] if call.name in found else None
            record = provider.get(call.name)
            interrupted = entry is not None and "end=interrupted" in entry["tags"]
            if call.whole and call.status == 200:
                counts["whole"] += 1
                if entry is None:
                    faults.append(f"{call.name}: got its whole answer, and is not in the books")
                    continue
                if entry["external_id"] != call.books_id:
                    faults.append(f"{call.name}: told as {call.books_id}, kept as {entry['external_id']}")
                if interrupted or entry["evidence"] != "counted":
                    faults.append(f"{call.name}: got its whole answer, and is kept as {entry['evidence']} {entry['tags']}")
            elif call.whole:
                faults.append(f"{call.name}: answered with status {call.status}")
            if entry is None:
                counts["never passed on"] += 1
                continue
            counts["interrupted" if interrupted else "result"] += 1
            if interrupted and entry["evidence"] != "estimated":
                faults.append(f"{call.name}: interrupted, and kept as {entry['evidence']}")
            if not interrupted and entry["evidence"] == "counted":
                # Classes that an answer does not name are gaps; the provider then used none of them.
                kept = [entry[column] or 0 for column in TOKENS]
                true = record and record["usage"] and [record["usage"][column] for column in TRUE]
                if kept != true:
                    faults.append(f"{call.name}: kept {kept}, truly {true}")
        verified = self.run("verify")
        if verified.returncode != 0:
            faults.append(f"verify: {verified.stdout}{verified.stderr}")
        with open(self.errors, encoding="utf-8", errors="replace") as errors:
            faults.extend(line.strip() for line in errors if "panicked" in line)
        return counts, faults

    def close(self):
        if self.mock.poll() is None:
            self.mock.kill()
            self.mock.wait()


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("binary")
    flags.add_argument("--kills", type=int, default=1000)
    flags.add_argument("--batch", type=int, default=25)
    flags.add_argument("--clients", type=int, default=4)
    flags.add_argument("--seed", type=int, default=1)
    flags.add_argument("--keep", action="store_true", help="keep the folder of a batch that failed")
    flags = flags.parse_args()
    chance = random.Random(flags.seed)
    begun = time.monotonic()
    sums, kinds = collections.Counter(), collections.Counter()
    done = broken = 0
    while done < flags.kills:
        kills = min(flags.batch, flags.kills - done)
        folder = tempfile.mkdtemp(prefix="bilanz-kill-")
        batch, faults = None, []
        try:
            batch = Batch(os.path.abspath(flags.binary), folder, chance, flags.clients)
            for number in range(kills):
                batch.kill(done + number)
            counts, faults = batch.judge()
            sums.update(counts)
        except (Law, subprocess.TimeoutExpired) as error:
            faults = [str(error)]
        finally:
            if batch:
                batch.close()
                kinds.update(batch.kinds)
            if not (faults and flags.keep):
                shutil.rmtree(folder, ignore_errors=True)
        for fault in faults[:10]:
            print(f"kills {done}..{done + kills}: {fault}" + (f" ({folder})" if flags.keep else ""))
        if len(faults) > 10:
            print(f"kills {done}..{done + kills}: and {len(faults) - 10} more")
        broken += len(faults)
        done += kills
        print(f"{done} kills, {time.monotonic() - begun:.0f} s, {dict(sorted(sums.items()))}, {broken} faults", flush=True)
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"killed at: {shown}; seed {flags.seed}; {(time.monotonic() - begun) / max(done, 1):.2f} s a kill")
    print(f"kill-gateway: {done} passed, 0 failed" if not broken else f"kill-gateway: 0 passed, {broken} failed")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
