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
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77
OWN, HELD = "sk-own-0123456789abcdef", "sk-held-fedcba9876543210"
AWS_OWN, AWS_HELD = "AKIAOWNOWNOWNOWNOWN0", "AKIAHELDHELDHELDHEL0"
LITELLM_KEY = f"sk-{secrets.token_hex(24)}"
TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
TRUE = ("input_uncached", "cache_read", "cache_write", "output_visible", "reasoning")
# What names one answer and differs from call to call.
VOLATILE = re.compile(r"^(id|.*_id|.*Id|created|created_at|completed_at|createTime|create_time|.*_duration|latencyMs|invocationLatency|firstByteLatency)$")
# name: program, environment of packages, upstream, calls (all when nothing is named)
CLIENTS = {
    "openai": ("openai_client.py", "python", "openai", None),
    "anthropic": ("anthropic_client.py", "python", "anthropic", None),
    "google-genai": ("genai_client.py", "python", "gemini", None),
    "boto3": ("boto3_client.py", "python", "bedrock", None),
    "langchain-openai": ("langchain_client.py", "python", "openai", None),
    "mistralai": ("mistral_client.py", "python", "mistral", None),
    "ollama": ("ollama_client.py", "python", "ollama", None),
    "npm-openai": ("openai_client.mjs", "node", "openai", None),
    "npm-anthropic": ("anthropic_client.mjs", "node", "anthropic", None),
    "npm-ai": ("ai_client.mjs", "node", "openai", None),
    "litellm": ("litellm_client.py", "litellm", "openai", None),
    # Client, LiteLLM, gateway, provider.
    "litellm-before": ("openai_client.py", "python", "openai", ("chat", "chat-stream", "chat-stream-usage", "embeddings")),
    # Client, gateway, LiteLLM, provider.
    "litellm-behind": ("openai_client.py", "python", "litellm", ("chat", "chat-stream", "chat-stream-usage", "embeddings")),
}
QUICK = ("openai", "anthropic", "google-genai", "boto3")
MODES = ("straight", "own key", "gateway key")


class Unavailable(Exception):
    """Libraries that cannot be had here."""


def fetched(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command[:4])} failed:\n{done.stdout.strip()[-600:]}")


def packages(kind, cache):
    """The folder with the libraries of a kind, filled once for each content of their list."""
    listed = {"python": "requirements.txt", "litellm": "requirements-litellm.txt", "node": "package-lock.json"}[kind]
    with open(os.path.join(HERE, listed), "rb") as file:
        name = hashlib.sha256(file.read() + sys.version.encode()).hexdigest()[:12]
    folder = os.path.join(cache, f"{kind}-{name}")
    done = os.path.join(folder, "complete")
    if not os.path.exists(done):
        print(f"fetching {listed} into {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        if kind == "node":
            if not shutil.which("npm"):
                raise Unavailable("npm is missing")
            for file in ("package.json", "package-lock.json"):
                shutil.copy(os.path.join(HERE, file), folder)
            fetched(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder)
        else:
            fetched([sys.executable, "-m", "venv", folder])
            fetched([f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "-r", os.path.join(HERE, listed)])
        open(done, "w").close()
    if kind == "node":
        # Modules are looked for beside the program.
        for file in os.listdir(HERE):
            if file.endswith(".mjs"):
                shutil.copy(os.path.join(HERE, file), folder)
    return folder


class Tap:
    """Passes connections on and remembers what was said to the other side."""

    def __init__(self, url):
        self.target = url.removeprefix("http://").split(":")
        self.said = bytearray()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self.open, daemon=True).start()

    def open(self):
        while True:
            near, _ = self.door.accept()
            far = socket.create_connection((self.target[0], int(self.target[1])))
            for a, b, heard in ((near, far, self.said), (far, near, None)):
                a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.pass_on, args=(a, b, heard), daemon=True).start()

    @staticmethod
    def pass_on(a, b, heard):
        try:
            while data := a.recv(65536):
                if heard is not None:
                    heard += data
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            a.close()
            b.close()


class Program:
    """A client library in its own process; it does one call when it is told its name."""

    def __init__(self, command, environment, errors):
        self.child = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.calls = self.hear()

    def hear(self):
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f"the client ended with {self.child.wait()}")
        return json.loads(line)

    def call(self, name):
        self.child.stdin.write(name + "\n")
        self.child.stdin.flush()
        return self.hear()

    def close(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()


def same_form(value):
    """A result without what names this one answer."""
    if isinstance(value, dict):
        return {name: same_form(item) for name, item in value.items() if not VOLATILE.match(name)}
    if isinstance(value, list):
        return [same_form(item) for item in value]
    return re.sub(r"[0-9a-f]{24}", "TAG", value) if isinstance(value, str) else value


def difference(one, other, path="result"):
    """Where two results first differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if one.get(name) != other.get(name):
                return difference(one.get(name), other.get(name), f"{path}.{name}")
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{path}: {len(one)} parts straight, {len(other)} through the gateway"
        for place, (left, right) in enumerate(zip(one, other)):
            if left != right:
                return difference(left, right, f"{path}[{place}]")
    return f"{path}: straight {json.dumps(one)[:160]}, through the gateway {json.dumps(other)[:160]}"


class Stage:
    """Provider, gateway and books."""

    def __init__(self, binary, folder, names, litellm):
        self.binary, self.folder, self.litellm_folder = binary, folder, litellm
        self.books, self.ledger = f"{folder}/books", f"{folder}/mock.jsonl"
        self.errors = open(f"{folder}/stderr", "ab")
        self.children = []
        open(self.ledger, "w").close()
        self.mock = self.start([binary, "mock-provider", "--listen", "127.0.0.1:0", "--ledger", self.ledger, "--json"])["url"]
        self.run("init")
        self.keys = {name: self.json("keys", "create", "--account", f"acme/clients/{name}")["key"] for name in names}
        self.taps = {"mock": Tap(self.mock)}
        if litellm:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.litellm = f"http://127.0.0.1:{free.getsockname()[1]}"
            self.taps["litellm"] = Tap(self.litellm)
        with open(f"{self.books}/bilanz.toml", "w", encoding="utf-8") as config:
            config.write('organisation = "Clients"\ndefault_account = "acme/own"\n')
            for upstream in ("openai", "anthropic", "gemini", "bedrock", "mistral", "ollama", *(["litellm"] if litellm else [])):
                url = self.taps["litellm" if upstream == "litellm" else "mock"].url
                aws = 'aws_region = "eu-central-1"\n' if upstream == "bedrock" else ""
                held = aws or f'credential_env = "{"LITELLM_KEY" if upstream == "litellm" else "HELD_KEY"}"\n'
                provider = "" if upstream == "litellm" else f'provider = "{upstream}"\n'
                config.write(f'[upstream.{upstream}]\nbase_url = "{url}"\n{aws}')
                config.write(f'[upstream.{upstream}-held]\nbase_url = "{url}"\n{provider}{held}')
        held = {"HELD_KEY": HELD, "LITELLM_KEY": LITELLM_KEY, "AWS_ACCESS_KEY_ID": AWS_HELD, "AWS_SECRET_ACCESS_KEY": "held-secret"}
        serve = [binary, "serve", "--books", self.books, "--house", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--json"]
        self.gateway = self.start(serve, {**os.environ, **held})["gateway"]
        self.server = self.children[-1]
        if litellm:
            self.start_litellm()

    def start(self, command, environment=None):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, env=environment)
        self.children.append(child)
        text = b""
        while not text.rstrip().endswith(b"}"):
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"`bilanz {command[1]}` did not start: {open(f'{self.folder}/stderr').read()[-600:]}")
            text += line
        return json.loads(text)

    def start_litellm(self):
        """A LiteLLM proxy that reaches the provider straight and through the gateway, by the name of the model."""
        ways = {
            "straight": (self.mock, OWN),
            "own key": (f"{self.gateway}/openai", OWN),
            "gateway key": (f"{self.gateway}/openai-held", self.keys.get("litellm-before", OWN)),
        }
        models = []
        for way, (url, key) in ways.items():
            for alias, model in (("chat", "gpt-4o-mini-cache-reason"), ("embed", "text-embedding-3-small")):
                given = {"model": f"openai/{model}", "api_base": f"{url}/v1", "api_key": key, "max_retries": 0}
                models.append({"model_name": f"{alias} {way}".replace(" ", "-"), "litellm_params": given})
        # JSON is YAML too.
        with open(f"{self.folder}/litellm.yaml", "w", encoding="utf-8") as config:
            json.dump({"model_list": models, "general_settings": {"master_key": LITELLM_KEY}, "router_settings": {"num_retries": 0}}, config)
        command = [f"{self.litellm_folder}/bin/litellm", "--config", f"{self.folder}/litellm.yaml", "--host", "127.0.0.1"]
        command += ["--port", self.litellm.rsplit(":", 1)[1], "--telemetry", "False"]
        environment = {**bare(), "LITELLM_MASTER_KEY": LITELLM_KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
        self.children.append(subprocess.Popen(command, stdout=self.errors, stderr=self.errors, env=environment))
        for _ in range(480):
            try:
                return urllib.request.urlopen(f"{self.litellm}/health/liveliness", timeout=2).read()
            except (OSError, urllib.error.URLError):
                if self.children[-1].poll() is not None:
                    break
                time.sleep(0.25)
        raise RuntimeError(f"LiteLLM did not start: {open(f'{self.folder}/stderr').read()[-600:]}")

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments, "--books", self.books], capture_output=True, text=True, timeout=120)

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()[-400:]}")
        return json.loads(done.stdout)

    def settle(self):
        """Waits until the provider is done with all requests; its ledger is then complete."""
        for _ in range(200):
            if json.load(urllib.request.urlopen(f"{self.mock}/mock/stats", timeout=10))["active"] <= 1:
                return
            time.sleep(0.02)

    def seen(self, start):
        """The lines of the provider's ledger from a place on, and the next place."""
        with open(self.ledger, "rb") as lines:
            lines.seek(start)
            text = lines.read()
        return [json.loads(line) for line in text.splitlines()], start + len(text)

    def entries(self):
        """Ends the gateway, which seals its journal, and reads the books."""
        self.server.send_signal(signal.SIGTERM)
        status = self.server.wait(60)
        columns = ", ".join(("external_id", "time_start_ms", "account", "evidence", "labels", "requests", "requests_failed", "provider", "model", *TOKENS))
        return status, self.json("query", f"select {columns} from entries order by time_start_ms")

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        self.errors.close()


def bare():
    """The environment without what could lead a client elsewhere or give it a key."""
    taken = re.compile(r"(?i)^(.*_proxy|openai_.*|anthropic_.*|google_.*|gemini_.*|aws_.*|litellm_.*|mistral_.*|ollama_.*|langsmith_.*|langchain_.*)$")
    return {name: value for name, value in os.environ.items() if not taken.match(name)}


def environment(name, mode, stage):
    """Where a client is sent, and with which key."""
    _, _, upstream, _ = CLIENTS[name]
    key = stage.keys[name] if mode == "gateway key" else OWN
    base = stage.mock if mode == "straight" else f"{stage.gateway}/{upstream}{'-held' if mode == 'gateway key' else ''}"
    given = {"OLLAMA_API_KEY": key, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-central-1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    if mode == "gateway key":
        given["AWS_BEARER_TOKEN_BEDROCK"] = key
    else:
        given |= {"AWS_ACCESS_KEY_ID": AWS_OWN, "AWS_SECRET_ACCESS_KEY": "own-secret"}
    if name.startswith("litellm-"):
        key = key if name == "litellm-behind" and mode == "gateway key" else LITELLM_KEY
        base = stage.litellm if name == "litellm-before" or mode == "straight" else base
        way = mode.replace(" ", "-") if name == "litellm-before" else "straight"
        given |= {"CLIENT_MODEL": f"chat-{way}", "CLIENT_EMBED_MODEL": f"embed-{way}"}
    return {**bare(), **given, "CLIENT_BASE_URL": base, "CLIENT_KEY": key}


class Call:
    """One call of a client, in one way, as client and provider saw it."""

    def __init__(self, client, name, streams, mode):
        self.client, self.name, self.streams, self.mode = client, name, streams, mode
        self.answer, self.records, self.said, self.faults = {}, [], b"", []
        self.begun_ms = self.ended_ms = 0

    def judge(self, straight, entries):
        """Holds answer and books against the straight call and the provider."""
        fault = self.faults.append
        if "error" in self.answer:
            return fault(f"the client failed: {self.answer['error']}")
        if self.mode == "straight":
            if not self.answer["text"] or len(self.records) == 0:
                fault("no text, or the provider saw nothing")
            return None
        if "error" in straight.answer:
            return None
        if self.answer["text"] != straight.answer["text"]:
            fault(f"text: straight {straight.answer['text'][:80]!r}, through the gateway {self.answer['text'][:80]!r}")
        one, other = same_form(straight.answer["result"]), same_form(self.answer["result"])
        if one != other:
            fault(difference(one, other))
        told = [record["answer_id"] in json.dumps(call.answer["result"]) for call in (straight, self) for record in call.records[-1:]]
        if len(set(told)) > 1:
            fault("the id of the answer did not come through")
        true = sorted([record["usage"][name] for name in TRUE] for record in self.records if record["usage"])
        mine = [entry for entry in entries if self.begun_ms <= entry["time_start_ms"] <= self.ended_ms]
        good = [entry for entry in mine if not entry["requests_failed"]]
        # Classes that an answer does not name are gaps; the provider then used none of them.
        kept = sorted([entry[column] or 0 for column in TOKENS] for entry in good)
        if kept != true:
            fault(f"tokens {'/'.join(TRUE)}: the provider used {true}, the books hold {kept}")
        failed = [record for record in self.records if (record["status"] or 0) >= 400]
        if len(mine) - len(good) != len(failed):
            fault(f"{len(failed)} refusals of the provider, {len(mine) - len(good)} failed requests in the books")
        account = f"acme/clients/{self.client}" if self.mode == "gateway key" else "acme/own"
        for entry in mine:
            if entry["account"] != account:
                fault(f"account {entry['account']}, not {account}")
            if entry["requests"] != 1 or (entry in good and entry["evidence"] != "counted"):
                fault(f"an entry of {entry['requests']} requests, {entry['evidence']}: {entry['labels']}")
        return self.judge_credentials(fault)

    def judge_credentials(self, fault):
        if b"bk_" in self.said:
            fault("a gateway key reached the provider")
        if self.client == "boto3":
            expected, other = AWS_HELD, AWS_OWN
        elif self.client == "litellm-behind":
            expected, other = (LITELLM_KEY, HELD)
        else:
            expected, other = (HELD, OWN) if self.mode == "gateway key" else (OWN, HELD)
        if expected.encode() not in self.said or other.encode() in self.said:
            fault("the provider did not get the credential that it should")


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
    stage = None
    try:
        stage = Stage(os.path.abspath(flags.binary), folder, names, folders.get("litellm") if proxied else None)
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
    finally:
        if stage:
            stage.close()
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
