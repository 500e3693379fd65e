"""Holds a call against the same call without the gateway, and against what the provider saw."""

import json
import re

from theatre import AWS_HELD, AWS_OWN, HELD, LITELLM_KEY, OWN, TOKENS

TRUE = ("input_uncached", "cache_read", "cache_write", "output_visible", "reasoning")
# What names one answer and differs from call to call.
VOLATILE = re.compile(r"^(id|.*_id|.*Id|created|created_at|completed_at|createTime|create_time|.*_duration|latencyMs|invocationLatency|firstByteLatency)$")
# LiteLLM knows its ways to the provider by these names of models.
ALIAS = re.compile(r"^(chat|embed)-(straight|own-key|gateway-key)$")


def same_form(value):
    """A result without what names this one answer."""
    if isinstance(value, dict):
        # A provider that the gateway asks for the usage of a stream says `usage: null` in all chunks but the last.
        kept = {name: item for name, item in value.items() if not VOLATILE.match(name) and not (name == "usage" and item is None)}
        return {name: same_form(item) for name, item in kept.items()}
    if isinstance(value, list):
        return [same_form(item) for item in value]
    return ALIAS.sub(r"\1", re.sub(r"[0-9a-f]{24}", "TAG", value)) if isinstance(value, str) else value


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
    return f"{path}: straight {json.dumps(one)[:200]}, through the gateway {json.dumps(other)[:200]}"


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
