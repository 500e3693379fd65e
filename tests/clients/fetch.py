"""Fetches the pinned libraries into a folder that lasts."""

import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


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
