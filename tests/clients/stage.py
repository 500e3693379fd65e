"""Runs the calls of one client library when the driver names them; a line of JSON for each."""

import json
import os
import sys

BASE = os.environ.get("CLIENT_BASE_URL", "")
KEY = os.environ.get("CLIENT_KEY", "")
PROMPT = "How much water does a warm river need, and who is asked for it?"


def model(name, variable="CLIENT_MODEL"):
    """The model to ask for; the driver names another where a proxy has names of its own."""
    return os.environ.get(variable, name)


def plain(value):
    """An object of a library as plain JSON values."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return json.loads(json.dumps(value, default=str))


def run(cases):
    """`cases` maps a name to (streams, function); a function returns (text, result)."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print must not stand between the answers.
    os.dup2(2, 1)
    say = lambda value: (out.write(json.dumps(value) + "\n"), out.flush())
    say([[name, streams] for name, (streams, _) in cases.items()])
    for line in sys.stdin:
        try:
            text, result = cases[line.strip()][1]()
            say({"text": text, "result": plain(result)})
        except Exception as failure:  # noqa: BLE001: whatever a library raises is what its user gets
            say({"error": f"{type(failure).__name__}: {str(failure)[:400]}"})
