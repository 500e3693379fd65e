"""Provider, gateway and books, and the ways between them and a client."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
OWN, HELD = "sk-own-0123456789abcdef", "sk-held-fedcba9876543210"
AWS_OWN, AWS_HELD = "AKIAOWNOWNOWNOWNOWN0", "AKIAHELDHELDHELDHEL0"
LITELLM_KEY = f"sk-{secrets.token_hex(24)}"
TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
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
# boto3 sends a bearer key over TLS alone; its gateway has a certificate.
SECURE = ("boto3",)
QUICK = ("openai", "anthropic", "google-genai", "boto3")
MODES = ("straight", "own key", "gateway key")


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


class Stage:
    """Provider, gateway and books."""

    def __init__(self, binary, folder, names, folders):
        self.binary, self.folder = binary, folder
        os.makedirs(folder)
        litellm = any(name.startswith("litellm-") for name in names)
        self.books, self.ledger = f"{folder}/books", f"{folder}/mock.jsonl"
        self.errors = open(f"{folder}/stderr", "ab")
        self.children, self.certificate = [], None
        try:
            self.begin(names, litellm, folders)
        except BaseException:
            self.close()
            raise

    def begin(self, names, litellm, folders):
        """Starts everything: provider, taps, gateway and, where it takes part, LiteLLM."""
        open(self.ledger, "w").close()
        self.mock = self.start([self.binary, "mock-provider", "--listen", "127.0.0.1:0", "--ledger", self.ledger, "--json"])["url"]
        self.run("init")
        self.keys = {name: self.json("keys", "create", "--account", f"acme/clients/{name}")["key"] for name in names}
        self.taps = {"mock": Tap(self.mock)}
        if litellm:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.litellm = f"http://127.0.0.1:{free.getsockname()[1]}"
            self.taps["litellm"] = Tap(self.litellm)
        with open(f"{self.books}/bilanz.toml", "w", encoding="utf-8") as config:
            config.write('organisation = "Clients"\ndefault_account = "acme/own"\n')
            if any(name in SECURE for name in names):
                self.certificate, key = f"{self.folder}/certificate.pem", f"{self.folder}/key.pem"
                subprocess.run([f"{folders['python']}/bin/python", f"{HERE}/certificate.py", self.certificate, key], check=True)
                config.write(f'[gateway]\ntls_certificate = "{self.certificate}"\ntls_key = "{key}"\n')
            for upstream in ("openai", "anthropic", "gemini", "bedrock", "mistral", "ollama", *(["litellm"] if litellm else [])):
                url = self.taps["litellm" if upstream == "litellm" else "mock"].url
                aws = 'aws_region = "eu-central-1"\n' if upstream == "bedrock" else ""
                held = aws or f'credential_env = "{"LITELLM_KEY" if upstream == "litellm" else "HELD_KEY"}"\n'
                provider = "" if upstream == "litellm" else f'provider = "{upstream}"\n'
                config.write(f'[upstream.{upstream}]\nbase_url = "{url}"\n{aws}')
                config.write(f'[upstream.{upstream}-held]\nbase_url = "{url}"\n{provider}{held}')
        held = {"HELD_KEY": HELD, "LITELLM_KEY": LITELLM_KEY, "AWS_ACCESS_KEY_ID": AWS_HELD, "AWS_SECRET_ACCESS_KEY": "held-secret"}
        serve = [self.binary, "serve", "--books", self.books, "--house", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--json"]
        self.gateway = self.start(serve, {**os.environ, **held})["gateway"]
        self.server = self.children[-1]
        if litellm:
            self.start_litellm(f"{folders['litellm']}/bin/litellm")

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

    def start_litellm(self, program):
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
        command = [program, "--config", f"{self.folder}/litellm.yaml", "--host", "127.0.0.1"]
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
    given = {"AWS_CA_BUNDLE": stage.certificate} if stage.certificate and mode != "straight" else {}
    given |= {"OLLAMA_API_KEY": key, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-central-1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
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
