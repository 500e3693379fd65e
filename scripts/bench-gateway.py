#!/usr/bin/env python3
"""Measures the gateway beside its peers, in one run, over the same made-up upstream. By hand, not in CI.

usage: scripts/bench-gateway.py --bilanz target/release/bilanz [--json FILE] [--cache DIR]     beside its peers
       scripts/bench-gateway.py --bilanz ... --only variants        TLS, HTTP/2, durability, streams, without rules
       scripts/bench-gateway.py --bilanz ... --soak MINUTES         half the capacity, with faults and disconnects
       scripts/bench-gateway.py --bilanz ... --callgrind            instructions for each request, by function
needs: Python 3.11, `wrk` and `nginx` (Debian packages of these names), a release binary of Bilanz.
       For peers: network once, and `npm` with node 20 for Portkey; they are kept in --cache.
       For variants: `openssl`, and `h2load` (Debian: nghttp2-client). For --callgrind: `valgrind`.
       What is missing is named and skipped; only wrk, nginx and the binary are a must.

CPU is the processor time of the gateway's processes over a round (the kernel's clock of each process, the sum
that utime + stime show in ticks), divided by the requests that reached the upstream meanwhile: so requests on
their way when the load stops count on both sides. Rounds are interleaved and each begins with another gateway.
Of a busy machine only CPU for each request means something, and the least round most.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

LITELLM, PORTKEY = "1.106.2", "1.15.2"
# 680 bytes, as an API would send it.
ANSWER = (
    '{"id":"chatcmpl-mock0001","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini-2024-07-18","choices":'
    '[{"index":0,"message":{"role":"assistant","content":"Hello! This is a fixed answer from the mock upstream used to measure'
    ' gateway overhead. It has a typical short length.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":19,"completion_tokens":23,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":0,'
    '"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,'
    '"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_mock"}'
)
MESSAGES = (
    '"messages":[{"role":"system","content":"You are a helpful assistant."},'
    '{"role":"user","content":"Say hello in one short sentence, please."}]'
)
ASK = '{"model":"gpt-4o-mini",' + MESSAGES + ',"max_tokens":64}'
ASK_STREAM = '{"model":"gpt-4o-mini",' + MESSAGES + ',"stream":true,"stream_options":{"include_usage":true}}'
STREAM_TOKENS = 40
WRK_DONE = """
done = function(s, l, r)
  local e = s.errors
  io.write(string.format('\\nRESULT {"requests":%d,"us":%d,"bytes":%d,"errors":%d,"p50_us":%d,"p99_us":%d}\\n',
    s.requests, s.duration, s.bytes, e.connect + e.read + e.write + e.status + e.timeout, l:percentile(50), l:percentile(99)))
end
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def load():
    with open("/proc/loadavg") as f:
        return float(f.read().split()[0])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process, name, log, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    with open(log) as f:
        raise RuntimeError(f"{name} did not start: {f.read()[-800:]}")


def tree(pid):
    """A process and all below it."""
    found = [pid]
    for each in found:
        try:
            for task in os.listdir(f"/proc/{each}/task"):
                with open(f"/proc/{each}/task/{task}/children") as f:
                    found += [int(child) for child in f.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def cpu_us(pid):
    """Processor time of a process tree, threads that have ended included, microseconds."""
    total = 0
    for each in tree(pid):
        try:
            # The number of a foreign process's clock, as clock_getcpuclockid(3) makes it.
            total += time.clock_gettime_ns((~each << 3) | 2) // 1000
        except OSError:
            pass
    return total


def rss_kb(pid):
    total = 0
    for each in tree(pid):
        try:
            with open(f"/proc/{each}/status") as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def open_files(pid):
    return sum(len(os.listdir(f"/proc/{each}/fd")) for each in tree(pid))


def stop(process, seconds=60):
    """Ends a process of ours, by its number; returns all the processor time it took, microseconds."""
    if process is None or process.returncode is not None:
        return None
    process.send_signal(signal.SIGTERM)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return int((usage.ru_utime + usage.ru_stime) * 1e6)
        time.sleep(0.05)
    process.kill()
    process.wait()
    return None


class Lab:
    """The work folder, the upstreams and the processes of one run."""

    def __init__(self, args):
        self.args = args
        self.work = args.work or tempfile.mkdtemp(prefix="bilanz-bench-gateway-")
        os.makedirs(self.work, exist_ok=True)
        self.processes = []
        self.mock = free_port()
        self.mock_tls = free_port()
        self.tls = self.certificates()
        self.nginx()

    def path(self, *parts):
        return os.path.join(self.work, *parts)

    def spawn(self, name, command, port, environment=None):
        log = self.path(f"{name}.log")
        with open(log, "w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, cwd=self.work, env={**os.environ, **(environment or {})})
        self.processes.append(process)
        if port:
            wait_for(port, process, name, log, 600 if "valgrind" in command[0] else 120)
        return process

    def certificates(self):
        """An authority and a certificate of 127.0.0.1; `None` without openssl."""
        if not shutil.which("openssl"):
            say("skipped: TLS needs `openssl`")
            return None
        run = lambda *c: subprocess.run(["openssl", *c], check=True, capture_output=True, cwd=self.work)
        with open(self.path("leaf.ext"), "w") as f:
            f.write("subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=critical,CA:FALSE\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=bench authority")
        run("req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=127.0.0.1")
        run("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "leaf.pem",
            "-days", "30", "-extfile", "leaf.ext")
        return {name: self.path(name) for name in ("ca.pem", "leaf.pem", "leaf.key")}

    def nginx(self):
        ssl = ""
        places = f"location / {{ default_type application/json; return 200 '{ANSWER}'; }} location = /count {{ stub_status; }}"
        if self.tls:
            ssl = (f"server {{ listen 127.0.0.1:{self.mock_tls} ssl reuseport; ssl_certificate {self.tls['leaf.pem']}; "
                   f"ssl_certificate_key {self.tls['leaf.key']}; {places} }}")
        with open(self.path("nginx.conf"), "w") as f:
            f.write(f"worker_processes 1; daemon off; pid {self.path('nginx.pid')}; error_log {self.path('nginx.err')};\n"
                    "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 100000000; keepalive_timeout 600s;\n"
                    f"client_body_temp_path {self.path('nginx-body')}; proxy_temp_path {self.path('nginx-proxy')};\n"
                    f"fastcgi_temp_path {self.path('nginx-f')}; uwsgi_temp_path {self.path('nginx-u')}; scgi_temp_path {self.path('nginx-s')};\n"
                    f"server {{ listen 127.0.0.1:{self.mock} reuseport; {places} }}\n{ssl} }}\n")
        self.upstream = self.spawn("nginx", ["nginx", "-c", self.path("nginx.conf"), "-e", self.path("nginx.err")], self.mock)

    def reached(self):
        """Requests that the mock has answered, this question not counted."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.mock}/count") as answer:
            numbers = answer.read().decode().split("\n")[2].split()
        self.asked = getattr(self, "asked", 0) + 1
        return int(numbers[2]) - self.asked

    def close(self):
        for process in reversed(self.processes):
            stop(process)
        if not self.args.work:
            shutil.rmtree(self.work, ignore_errors=True)


class Gateway:
    """One thing to load: where it listens, what runs it, how it is asked."""

    def __init__(self, name, url, process, headers, version="", body=ASK, tool="wrk", books=None):
        self.name, self.url, self.process, self.headers, self.version = name, url, process, headers, version
        self.body, self.tool, self.books, self.entries = body, tool, books, 0
        self.idle_kb = None


def bilanz(lab, name, base=None, settings="", upstream="", rule=True, keys=True, tls=False, wrap=(), path="/mock/v1/chat/completions",
           seal_every_s=3600, **more):
    """New books and a gateway over them."""
    binary, books, port = os.path.abspath(lab.args.bilanz), lab.path("books-" + name), free_port()
    shutil.rmtree(books, ignore_errors=True)
    subprocess.run([binary, "init", "--books", books], check=True, capture_output=True)
    text = f'[gateway]\nworkers = 1\nrequire_keys = {str(keys).lower()}\nseal_every_s = {seal_every_s}\n{settings}\n'
    if tls:
        text += f'tls_certificate = "{lab.tls["leaf.pem"]}"\ntls_key = "{lab.tls["leaf.key"]}"\n'
    text += f'[upstream.mock]\nbase_url = "{base or f"http://127.0.0.1:{lab.mock}"}"\nprovider = "openai"\n{upstream}\n'
    if rule:
        text += '[[rule]]\nname = "bench"\nmetric = "EUR"\nwindow = "month"\nhard = 1000000000\n'
    with open(os.path.join(books, "bilanz.toml"), "w") as f:
        f.write(text)
    headers = {}
    if keys:
        made = subprocess.run([binary, "keys", "create", "--account", "bench", "--books", books, "--json"], check=True, capture_output=True, text=True)
        key = json.loads(made.stdout)
        headers["x-bilanz-key"] = key.get("secret") or key["key"]
    command = [*wrap, binary, "serve", "--books", books, "--listen", f"127.0.0.1:{port}", "--house", "127.0.0.1:0"]
    process = lab.spawn(name, command, port)
    made = Gateway(name, f"{'https' if tls else 'http'}://127.0.0.1:{port}{path}", process, headers,
                   subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip(), books=books, **more)
    return made


def install_litellm(cache):
    binary = os.path.join(cache, "litellm", "bin", "litellm")
    if not os.path.exists(binary):
        say(f"installing litellm[proxy]=={LITELLM} into {cache} (some minutes)")
        subprocess.run([sys.executable, "-m", "venv", os.path.join(cache, "litellm")], check=True)
        subprocess.run([os.path.join(cache, "litellm", "bin", "pip"), "install", "-q", f"litellm[proxy]=={LITELLM}"], check=True)
    return binary


def litellm(lab):
    binary = install_litellm(lab.args.cache)
    port, key = free_port(), "sk-" + os.urandom(16).hex()
    with open(lab.path("litellm.yaml"), "w") as f:
        f.write("model_list:\n  - model_name: gpt-4o-mini\n    litellm_params:\n      model: openai/gpt-4o-mini\n"
                f"      api_base: http://127.0.0.1:{lab.mock}/v1\n      api_key: sk-mock\n"
                f"general_settings:\n  master_key: {key}\nlitellm_settings:\n  drop_params: true\n")
    process = lab.spawn("litellm", [binary, "--config", lab.path("litellm.yaml"), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"],
                        port, {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    version = subprocess.run([os.path.join(os.path.dirname(binary), "pip"), "show", "litellm"], capture_output=True, text=True).stdout
    return Gateway("LiteLLM", f"http://127.0.0.1:{port}/v1/chat/completions", process, {"Authorization": "Bearer " + key},
                   "litellm " + re.search(r"Version: (\S+)", version)[1])


def portkey(lab):
    place = os.path.join(lab.args.cache, "portkey")
    package = os.path.join(place, "node_modules", "@portkey-ai", "gateway")
    if not os.path.exists(os.path.join(package, "build", "start-server.js")):
        say(f"installing @portkey-ai/gateway@{PORTKEY} into {place}")
        os.makedirs(place, exist_ok=True)
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"@portkey-ai/gateway@{PORTKEY}"], check=True, cwd=place, capture_output=True)
    port = free_port()
    process = lab.spawn("portkey", ["node", os.path.join(package, "build", "start-server.js"), f"--port={port}", "--headless"], port,
                        {"NODE_ENV": "production"})
    with open(os.path.join(package, "package.json")) as f:
        version = json.load(f)["version"]
    headers = {"Authorization": "Bearer sk-mock", "x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{lab.mock}/v1"}
    node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    return Gateway("Portkey", f"http://127.0.0.1:{port}/v1/chat/completions", process, headers, f"@portkey-ai/gateway {version}, node {node}")


def wrk(lab, gateway, connections, seconds, extra=""):
    script = lab.path(f"{re.sub('[^A-Za-z0-9]', '-', gateway.name)}.lua")
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(gateway.body)}", 'wrk.headers["Content-Type"] = "application/json"']
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in gateway.headers.items()]
    with open(script, "w") as f:
        f.write("\n".join(lines) + "\n" + extra + WRK_DONE)
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script, gateway.url], capture_output=True, text=True)
    found = re.search(r"^RESULT (.*)$", out.stdout, re.M)
    if not found:
        raise RuntimeError(f"wrk: {out.stdout[-300:]}{out.stderr[-300:]}")
    return json.loads(found[1])


def h2load(lab, gateway, connections, seconds):
    """HTTP/2: one connection, as many streams at once as the others have connections."""
    body, log = lab.path("body.json"), lab.path("h2.log")
    with open(body, "w") as f:
        f.write(gateway.body)
    if os.path.exists(log):
        os.remove(log)
    headers = [part for name, value in {"content-type": "application/json", **gateway.headers}.items() for part in ("-H", f"{name}: {value}")]
    out = subprocess.run(["h2load", "-c1", f"-m{connections}", "-t1", "-D", str(seconds), "-d", body, "--log-file", log, *headers, gateway.url],
                         capture_output=True, text=True).stdout
    with open(log) as f:
        rows = [line.split() for line in f]
    times = sorted(int(row[2]) for row in rows) or [0]
    bad = sum(row[1] != "200" for row in rows)
    # Streams that were cut when the time was over are no errors of the gateway.
    if not re.search(r"^finished in", out, re.M):
        raise RuntimeError(f"h2load: {out[-300:]}")
    return {"requests": len(rows), "us": int(seconds * 1e6), "bytes": 0, "errors": bad,
            "p50_us": times[len(times) // 2], "p99_us": times[len(times) * 99 // 100]}


def quiet(pid, most_s=3.0):
    """Waits until a process has nothing more to do, so that requests on their way are counted whole."""
    end, before = time.monotonic() + most_s, cpu_us(pid)
    while time.monotonic() < end:
        time.sleep(0.1)
        now = cpu_us(pid)
        if now - before < 5_000:
            return
        before = now


def measure(lab, gateway, connections, seconds, counted=True):
    """One round."""
    busy, reached, before = load(), lab.reached() if counted else 0, cpu_us(gateway.process.pid)
    result = (h2load if gateway.tool == "h2load" else wrk)(lab, gateway, connections, seconds)
    quiet(gateway.process.pid)
    cpu = cpu_us(gateway.process.pid) - before
    # Never fewer than the client saw: a gateway may answer from elsewhere.
    requests = max(lab.reached() - reached if counted else 0, result["requests"])
    gateway.entries += requests
    return {"gateway": gateway.name, "connections": connections, "seconds": seconds, "loadavg": busy, "requests": result["requests"],
            "reached_upstream": requests, "errors": result["errors"], "rps": round(result["requests"] * 1e6 / result["us"]),
            "p50_us": result["p50_us"], "p99_us": result["p99_us"], "cpu_us_per_request": round(cpu / max(requests, 1), 2),
            "rss_kb": rss_kb(gateway.process.pid)}


def rounds(lab, gateways, counted=True):
    rows, args = [], lab.args
    for gateway in gateways:
        gateway.idle_kb = rss_kb(gateway.process.pid)
        measure(lab, gateway, 4, args.warm_seconds, counted)
    for number in range(args.rounds):
        for connections in args.connections:
            # Another one begins each round, so that none always follows the same one.
            for gateway in gateways[number % len(gateways):] + gateways[:number % len(gateways)]:
                row = {"round": number, **measure(lab, gateway, connections, args.seconds, counted)}
                rows.append(row)
                say(f"round {number} c={connections:<3} {gateway.name:<22} {row['cpu_us_per_request']:>9.1f} us CPU  {row['rps']:>7} RPS  "
                    f"p50 {row['p50_us']:>7} us  errors {row['errors']}  load {row['loadavg']}")
    return rows


def summary(rows, gateways, connections):
    """Least and median of the rounds, by gateway."""
    found = {}
    for gateway in gateways:
        mine = [row for row in rows if row["gateway"] == gateway.name and row["connections"] == connections]
        cpu = [row["cpu_us_per_request"] for row in mine]
        found[gateway.name] = {
            "cpu_min_us": min(cpu), "cpu_median_us": round(statistics.median(cpu), 2), "rps_best": max(row["rps"] for row in mine),
            "rps_per_core": round(1e6 / min(cpu)) if min(cpu) else None, "p50_us": min(row["p50_us"] for row in mine),
            "p50_median_us": round(statistics.median(row["p50_us"] for row in mine)), "p99_us": min(row["p99_us"] for row in mine),
            "p99_median_us": round(statistics.median(row["p99_us"] for row in mine)), "idle_mb": round(gateway.idle_kb / 1024, 1),
            "rss_mb": round(max(row["rss_kb"] for row in mine) / 1024, 1), "errors": sum(row["errors"] for row in mine),
            "requests": sum(row["requests"] for row in mine), "load": [min(r["loadavg"] for r in mine), max(r["loadavg"] for r in mine)]}
    return found


def table(found, direct=None):
    lines = ["| | CPU per request, µs (least / median) | requests per CPU second | best RPS | p50, µs (least / median) | p99, µs (least / median) "
             "| memory idle / loaded, MB | errors |", "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name, row in found.items():
        own = name == direct
        cpu = f"{row['cpu_min_us']:,.1f} / {row['cpu_median_us']:,.1f}"
        lines.append(f"| {name}{' (the mock itself)' if own else ''} | {cpu} | {row['rps_per_core'] or 0:,} | {row['rps_best']:,} "
                     f"| {row['p50_us']:,} / {row['p50_median_us']:,} | {row['p99_us']:,} / {row['p99_median_us']:,} "
                     f"| {row['idle_mb']} / {row['rss_mb']} | {row['errors']} of {row['requests']:,} |")
    return "\n".join(lines)


def seal(lab, gateway):
    """Ends a gateway of ours: what sealing cost, and whether every request is in the books."""
    before = cpu_us(gateway.process.pid)
    total = stop(gateway.process, 600)
    out = subprocess.run([os.path.abspath(lab.args.bilanz), "query", "SELECT COUNT(*) AS n FROM entries", "--books", gateway.books, "--json"],
                         capture_output=True, text=True)
    kept = int(json.loads(out.stdout)[0]["n"]) if out.returncode == 0 else None
    return {"entries": kept, "requests": gateway.entries, "sealing_us_per_entry": round((total - before) / kept, 2) if total and kept else None}


def machine(args):
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(open("/proc/meminfo").readline().split()[1]) // 2**20
    first = lambda *c: (subprocess.run(c, capture_output=True, text=True) if shutil.which(c[0]) else None)
    tool = lambda *c: next(iter((lambda r: (r.stdout + r.stderr).strip().splitlines() if r else [])(first(*c))), "missing")
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": memory, "kernel": platform.release(), "python": platform.python_version(),
            "wrk": tool("wrk", "-v"), "nginx": tool("nginx", "-v"), "openssl": tool("openssl", "version"), "h2load": tool("h2load", "--version"),
            "commit": tool("git", "-C", os.path.dirname(os.path.abspath(__file__)), "rev-parse", "--short", "HEAD"),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "rounds": args.rounds, "seconds": args.seconds}


def beside_peers(lab, result):
    direct = Gateway("direct", f"http://127.0.0.1:{lab.mock}/v1/chat/completions", lab.upstream, {}, "nginx")
    gateways = [direct, bilanz(lab, "Bilanz")]
    for name, start in (("litellm", litellm), ("portkey", portkey)):
        if name in lab.args.peers:
            try:
                gateways.append(start(lab))
            except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
                say(f"skipped: {name}: {str(error)[-400:]}")
    result["versions"] = {gateway.name: gateway.version for gateway in gateways}
    rows = rounds(lab, gateways)
    result["rounds"] = rows
    # The check of the books: what reached the mock through us, and what was written down.
    result["books"] = seal(lab, gateways[1])
    text = []
    for connections in lab.args.connections:
        found = summary(rows, gateways, connections)
        result[f"c{connections}"] = found
        text.append(f"### {connections} connection{'s' if connections > 1 else ''}\n\n{table(found, 'direct')}\n")
        for name in ("LiteLLM", "Portkey"):
            if name in found:
                ours, theirs = found["Bilanz"], found[name]
                ratio = {kind: round(theirs[f"cpu_{kind}_us"] / ours[f"cpu_{kind}_us"], 1) for kind in ("min", "median")}
                result.setdefault("ratios", {})[f"{name} / Bilanz, c={connections}"] = ratio
                text.append(f"CPU for each request, {name} / Bilanz: {ratio['min']} (least rounds), {ratio['median']} (medians)\n")
        # With more connections than cores the answer waits in queues, and the difference says nothing of the gateway.
        if connections == 1:
            least, middle = (found["Bilanz"][kind] - found["direct"][kind] for kind in ("p50_us", "p50_median_us"))
            text.append(f"p50 that Bilanz adds to direct: {least} µs (least rounds), {middle} µs (medians)\n")
    kept = result["books"]
    text.append(f"Books: {kept['entries']} entries for {kept['requests']} requests that reached the upstream; sealing took "
                f"{kept['sealing_us_per_entry']} µs CPU per entry afterwards, in batches, beside the figures above.")
    return "\n".join(text)


def variants(lab, result):
    """Bilanz alone, one thing changed at a time."""
    wanted = [("plain", {}), ("without rule", {"rule": False}), ("without rule and key", {"rule": False, "keys": False}),
              ("unmetered path", {"path": "/mock/v1/files"}), ("durability power", {"settings": 'durability = "power"'})]
    if lab.tls:
        wanted += [("TLS listener", {"tls": True}),
                   ("TLS to upstream", {"base": f"https://127.0.0.1:{lab.mock_tls}", "upstream": f'ca_file = "{lab.tls["ca.pem"]}"'})]
    if shutil.which("h2load"):
        wanted += [("HTTP/2 without TLS", {"tool": "h2load"})] + ([("HTTP/2 over TLS", {"tool": "h2load", "tls": True})] if lab.tls else [])
    else:
        say("skipped: HTTP/2 needs `h2load` (Debian package nghttp2-client)")
    gateways = [bilanz(lab, name.replace(" ", "-").replace("/", ""), **how) for name, how in wanted]
    for gateway, (name, _) in zip(gateways, wanted):
        gateway.name = name
    rows = rounds(lab, gateways)
    for gateway in gateways:
        stop(gateway.process, 600)
    result["variant_rounds"], text = rows, []
    for connections in lab.args.connections:
        found = summary(rows, gateways, connections)
        result[f"variants_c{connections}"] = found
        text.append(f"### Variants, {connections} connection{'s' if connections > 1 else ''} (HTTP/2: one connection, {connections} streams)\n\n{table(found)}\n")
    return "\n".join(text + [streams(lab, result)])


def provider(lab, name, *flags):
    port = free_port()
    lab.spawn(name, [os.path.abspath(lab.args.bilanz), "mock-provider", "--listen", f"127.0.0.1:{port}", "--remember", "0", *flags], port)
    return port


def streams(lab, result):
    """CPU for each stream and each frame; the upstream is `bilanz mock-provider`."""
    port = provider(lab, "provider")
    asked = {"x-mock-usage": f"input=19,output={STREAM_TOKENS}"}
    gateway = bilanz(lab, "streams", base=f"http://127.0.0.1:{port}", body=ASK_STREAM)
    gateway.headers.update(asked)
    request = urllib.request.Request(gateway.url, ASK_STREAM.encode(), {"Content-Type": "application/json", **gateway.headers})
    with urllib.request.urlopen(request) as answer:
        frames = answer.read().count(b"data: ")
    # The same process, asked for frames that come one by one: each is then a wake-up, a receive and a send of its own.
    paced = Gateway("streams, a frame each ms", gateway.url, gateway.process, {**gateway.headers, "x-mock-fault": "slow=1"}, body=ASK_STREAM)
    rows = rounds(lab, [gateway, paced], counted=False)
    stop(gateway.process, 600)
    result["stream_rounds"], result["streams"] = rows, {"frames": frames}
    text = [f"### Streams of {frames} frames (upstream: bilanz mock-provider)\n",
            "| | connections | CPU per stream, µs (least / median) | CPU per frame, µs | streams per s | p50, µs | errors |",
            "|---|---:|---:|---:|---:|---:|---:|"]
    for connections in lab.args.connections:
        found = summary(rows, [gateway, paced], connections)
        result["streams"][f"c{connections}"] = found
        text += [f"| {name} | {connections} | {row['cpu_min_us']:,.1f} / {row['cpu_median_us']:,.1f} | {row['cpu_min_us'] / frames:.2f} | "
                 f"{row['rps_best']:,} | {row['p50_us']:,} | {row['errors']} |" for name, row in found.items()]
    return "\n".join(text)


# A client that goes away: half of them before the answer, half in the middle of a slow stream.
LEAVER = r"""
import socket, struct, sys, time, json
port, rate, seconds, headers, plain, stream = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), json.loads(sys.argv[4]), sys.argv[5], sys.argv[6]
def request(body, more):
    lines = "".join(f"{k}: {v}\r\n" for k, v in {**headers, **more}.items())
    return f"POST /mock/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{lines}\r\n{body}".encode()
early, late = request(plain, {}), request(stream, {"x-mock-fault": "slow=5"})
start, sent = time.monotonic(), 0
while time.monotonic() - start < seconds:
    due = start + sent / rate
    time.sleep(max(0, due - time.monotonic()))
    sent += 1
    try:
        s = socket.create_connection(("127.0.0.1", port), 5)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.sendall(late if sent % 2 else early)
        if sent % 2: s.recv(400)
        s.close()
    except OSError as e: print(e, file=sys.stderr); time.sleep(0.2)
print(json.dumps({"left": sent}))
"""


def slope(points):
    """Least squares, y for each minute of x."""
    xs, ys = zip(*points)
    mx, my = statistics.mean(xs), statistics.mean(ys)
    under = sum((x - mx) ** 2 for x in xs)
    return 60 * sum((x - mx) * (y - my) for x, y in points) / under if under else 0.0


def soak(lab, result):
    minutes, connections = lab.args.soak, 32
    port = provider(lab, "provider", "--faults", "reset:0.01,status=503:0.01", "--seed", "7")
    gateway = bilanz(lab, "soak", base=f"http://127.0.0.1:{port}", seal_every_s=60)
    capacity = wrk(lab, gateway, connections, 5)["requests"] / 5
    rate = lab.args.soak_rps or capacity / 2
    # wrk cannot hold a rate, but each connection can wait: whole milliseconds, so the number of connections makes the rest.
    pause_ms = 8
    pause = f"function delay() return {pause_ms} end\n"
    held = max(1, round(0.95 * rate * pause_ms / 1000))
    # An answer takes its time too, so what was held is looked at and corrected.
    for _ in range(3):
        held = max(1, round(held * 0.95 * rate / (wrk(lab, gateway, held, 3, pause)["requests"] / 3)))
    say(f"capacity here {capacity:.0f} RPS; holding about {rate:.0f}: {held} connections that pause {pause_ms} ms, and {rate * 0.05:.0f} disconnects a second")
    seconds = minutes * 60
    leaver = subprocess.Popen([sys.executable, "-c", LEAVER, gateway.url.split(":")[2].split("/")[0], str(rate * 0.05), str(seconds),
                               json.dumps(gateway.headers), ASK, ASK_STREAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lab.processes.append(leaver)
    # The script is the one that the last look at the rate has written.
    script = lab.path("soak.lua")
    out = open(lab.path("soak.out"), "w+")
    held_load = subprocess.Popen(["wrk", "-t1", f"-c{held}", f"-d{int(seconds)}s", "--timeout", "30s", "-s", script, gateway.url], stdout=out)
    lab.processes.append(held_load)
    start, samples, cpu = time.monotonic(), [], cpu_us(gateway.process.pid)
    while held_load.poll() is None:
        time.sleep(min(10, max(0.5, seconds / 12)))
        if gateway.process.poll() is not None:
            raise RuntimeError("the gateway died: " + open(lab.path("soak.log")).read()[-800:])
        samples.append({"s": round(time.monotonic() - start, 1), "rss_kb": rss_kb(gateway.process.pid), "files": open_files(gateway.process.pid),
                        "loadavg": load()})
        say(f"{samples[-1]['s']:>7} s  {samples[-1]['rss_kb']:>8} kB  {samples[-1]['files']:>4} files  load {samples[-1]['loadavg']}")
    cpu = cpu_us(gateway.process.pid) - cpu
    out.seek(0)
    done = json.loads(re.search(r"^RESULT (.*)$", out.read(), re.M)[1])
    left = json.loads(leaver.communicate()[0] or '{"left": null}')["left"]
    time.sleep(2)
    after = {"rss_kb": rss_kb(gateway.process.pid), "files": open_files(gateway.process.pid)}
    # The first fifth fills pools and caches.
    settled = [sample for sample in samples if sample["s"] >= seconds / 5] or samples
    second = [sample for sample in samples if sample["s"] >= seconds / 2] or samples
    books = seal(lab, gateway)
    result["soak"] = {
        "minutes": minutes, "rps": round(done["requests"] * 1e6 / done["us"]), "requests": done["requests"], "errors_seen": done["errors"],
        "disconnects": left, "rss_slope_kb_per_min": round(slope([(x["s"], x["rss_kb"]) for x in settled]), 1),
        "rss_slope_second_half_kb_per_min": round(slope([(x["s"], x["rss_kb"]) for x in second]), 1),
        "files_slope_per_min": round(slope([(x["s"], x["files"]) for x in settled]), 3), "after": after,
        "rss_mb_least_most": [round(f(x["rss_kb"] for x in settled) / 1024, 1) for f in (min, max)],
        "cpu_us_per_request_with_sealing": round(cpu / max(1, done["requests"] + (left or 0)), 1), "entries": books["entries"], "samples": samples}
    s = result["soak"]
    return (f"### Soak, {minutes} min at {s['rps']} RPS, {left} disconnects, 2 % faults of the upstream\n\n"
            f"Memory {s['rss_mb_least_most'][0]} to {s['rss_mb_least_most'][1]} MB, slope {s['rss_slope_kb_per_min']} kB/min "
            f"(second half {s['rss_slope_second_half_kb_per_min']}); open files slope {s['files_slope_per_min']} a minute, {after['files']} at the end; "
            f"{s['errors_seen']} faults reached the client of {s['requests']} requests; {s['entries']} entries; "
            f"{s['cpu_us_per_request_with_sealing']} µs CPU per request with sealing and faults.")


def ask_many(url, headers, body, count):
    """Requests over one connection, one after another."""
    host, path = re.match(r"http://([^/]+)(/.*)", url).groups()
    import http.client
    line = http.client.HTTPConnection(host, timeout=600)
    for _ in range(count):
        line.request("POST", path, body, {"Content-Type": "application/json", **headers})
        answer = line.getresponse()
        if answer.status != 200 or not answer.read():
            raise RuntimeError(f"answer {answer.status} under valgrind")
    line.close()


def callgrind(lab, result):
    """Instructions for each request in user space, and where they go; metered beside a path that is not metered."""
    if not shutil.which("valgrind"):
        sys.exit("--callgrind needs `valgrind` (Debian package of that name)")
    count, found = lab.args.callgrind_requests, {}
    keep = os.path.abspath(lab.args.callgrind_out or lab.work)
    os.makedirs(keep, exist_ok=True)
    cases = {"metered": {}, "without rule": {"rule": False}, "not metered": {"path": "/mock/v1/files"}}
    for name, how in cases.items():
        out = os.path.join(keep, f"callgrind.{name.replace(' ', '-')}.out")
        wrap = ("valgrind", "--tool=callgrind", "--instr-atstart=no", "--collect-atstart=yes", "--dump-instr=no", f"--callgrind-out-file={out}")
        say(f"callgrind: {name} (the start under valgrind takes a while)")
        gateway = bilanz(lab, "callgrind-" + name.replace(" ", "-"), wrap=wrap, **how)
        control = lambda *c: subprocess.run(["callgrind_control", *c, str(gateway.process.pid)], capture_output=True, text=True, check=True)
        ask_many(gateway.url, gateway.headers, ASK, 200)
        # Two counts; their difference has nothing of the connection's and the tool's own beginning in it.
        counts = []
        for asked in (count // 10, count):
            control("--instr=on")
            ask_many(gateway.url, gateway.headers, ASK, asked)
            control("--instr=off")
            control("--dump=bench")
            newest = max((os.path.join(keep, f) for f in os.listdir(keep) if f.startswith(os.path.basename(out))), key=os.path.getmtime)
            with open(newest) as f:
                counts.append((asked, int(re.search(r"^totals: (\d+)", f.read(), re.M)[1]), newest))
        (few, little, _), (many, much, newest) = counts
        found[name] = {"instructions_per_request": round((much - little) / (many - few)), "profile": newest, "requests": many, "total": much}
        say(f"callgrind: {name}: {found[name]['instructions_per_request']} instructions per request")
        stop(gateway.process, 600)
    result["callgrind"] = found
    base = found["not metered"]["instructions_per_request"]
    text = ["### Instructions for each request (callgrind, user space only: the kernel's part is not in it)\n",
            f"One connection, {count} requests after 200 to warm up; the same body and the same answer of {len(ANSWER)} bytes. \"Not metered\" is",
            "POST /mock/v1/files: key checked and passed on, but the body not read for rules, no rule asked, no usage looked for, nothing journaled.\n",
            "| | instructions per request | above not metered |", "|---|---:|---:|"]
    text += [f"| {name} | {row['instructions_per_request']:,} | {row['instructions_per_request'] - base:,} |" for name, row in found.items()]
    return "\n".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="\n".join(__doc__.split("\n")[2:]), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bilanz", default="target/release/bilanz", help="release binary")
    parser.add_argument("--peers", default="litellm,portkey", help="which peers, by comma; empty for none")
    parser.add_argument("--only", choices=["peers", "variants"], help="one part instead of both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="length of a round")
    parser.add_argument("--warm-seconds", type=int, default=2)
    parser.add_argument("--connections", default="1,32")
    parser.add_argument("--cache", default=os.path.expanduser("~/.cache/bilanz-bench-gateway"), help="where peers are installed")
    parser.add_argument("--work", help="work folder, kept afterwards; a temporary one otherwise")
    parser.add_argument("--json", help="file for all rounds")
    parser.add_argument("--soak", type=float, metavar="MINUTES")
    parser.add_argument("--soak-rps", type=float, help="instead of half of what was measured")
    parser.add_argument("--callgrind", action="store_true")
    parser.add_argument("--callgrind-requests", type=int, default=2000)
    parser.add_argument("--callgrind-out", help="folder that keeps the profiles")
    args = parser.parse_args()
    args.connections = [int(number) for number in args.connections.split(",")]
    args.peers = [name for name in args.peers.split(",") if name]
    args.cache = os.path.abspath(args.cache)
    missing = [tool for tool in ("wrk", "nginx") if not shutil.which(tool)]
    if missing or not os.access(args.bilanz, os.X_OK):
        sys.exit(f"needs {', '.join(missing) or 'a binary'}: " + ("apt-get install " + " ".join(missing) if missing else f"{args.bilanz} is none; build it or name it with --bilanz"))
    os.makedirs(args.cache, exist_ok=True)
    result, text, lab = {"machine": machine(args)}, [], Lab(args)
    try:
        if args.soak:
            text.append(soak(lab, result))
        elif args.callgrind:
            text.append(callgrind(lab, result))
        else:
            if args.only != "variants":
                text.append(beside_peers(lab, result))
            if args.only != "peers":
                text.append(variants(lab, result))
    finally:
        lab.close()
        if args.json:
            with open(args.json, "w") as f:
                json.dump(result, f, indent=1)
    m = result["machine"]
    loads = [row["loadavg"] for key in result if key.endswith("rounds") for row in result[key]]
    about = f"{m['cpu']}, {m['cores']} cores, {m['memory_gib']} GiB, Linux {m['kernel']}; {m['nginx'].split()[-1]}, {m['wrk'].split('[')[0].strip()}; {m['time'][:10]}, commit {m['commit']}"
    print(about + (f"; {args.rounds} rounds of {args.seconds} s, load average {min(loads)} to {max(loads)}" if loads else "") + "\n")
    for name, version in result.get("versions", {}).items():
        print(f"- {name}: {version}")
    print("\n" + "\n\n".join(text))
    errors = sum(row["errors"] for key in result if key.endswith("rounds") for row in result[key])
    if errors:
        sys.exit(f"{errors} requests failed: these figures say nothing")


if __name__ == "__main__":
    main()
