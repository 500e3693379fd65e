#!/usr/bin/env python3
"""Writes factors/measured.toml: measured energy per token by batch, from the ML.ENERGY Leaderboard v3.

Needs BILANZ_DATA, a folder with models/mlenergy-v3-llm.csv (a flattening of the public
leaderboard tables, one row per run). Runs of one model, accelerator, number of
accelerators, precision and task become one series; runs at the same batch
(within 2 %) become their geometric mean. Prints what it could not name.
"""

import collections
import csv
import math
import os
import pathlib
import sys
import tomllib

TASKS = {"lm-arena-chat": "chat", "gpqa": "reasoning", "sourcegraph-fim": "code", "image-chat": "image-chat", "video-chat": "video-chat"}
BYTES = {"bfloat16": 2, "fp8": 1, "mxfp4": 0.53}
ACCELERATORS = {"H100": "h100-sxm", "B200": "b200"}
HERE = pathlib.Path(__file__).resolve().parent.parent


def names():
    """Model id by every spelling the factor set lists."""
    found = {}
    for path in sorted((HERE / "factors" / "models").glob("*.toml")):
        for model in tomllib.loads(path.read_text()).get("model", []):
            for spelling in [model["id"], *model.get("aliases", [])]:
                found.setdefault(spelling.lower(), model["id"])
    return found


def series(rows, known):
    grouped = collections.defaultdict(list)
    unknown = set()
    for row in rows:
        spelling = f"huggingface_hub/{row['model_id']}".lower()
        model = known.get(spelling) or known.get(spelling.removesuffix("-fp8"))
        if model is None:
            unknown.add(row["model_id"])
            continue
        key = (model, ACCELERATORS[row["gpu_model"]], int(row["num_gpus"]), BYTES[row["weight_precision"]], TASKS[row["task"]])
        grouped[key].append(tuple(float(row[name]) for name in ("avg_batch_size", "energy_per_token_joules", "avg_output_len")))
    return grouped, unknown


def merge(points):
    merged = []
    for batch, energy, length in sorted(points):
        if merged and batch / merged[-1][0][0] < 1.02:
            merged[-1].append((batch, energy, length))
        else:
            merged.append([(batch, energy, length)])
    mean = lambda values: math.exp(sum(map(math.log, values)) / len(values))
    return [tuple(mean([point[place] for point in group]) for place in range(3)) for group in merged]


def digits(value):
    return f"{value:.4g}"


def main():
    data = os.environ.get("BILANZ_DATA")
    if not data:
        sys.exit("BILANZ_DATA is not set: nothing to read")
    with open(pathlib.Path(data) / "models" / "mlenergy-v3-llm.csv", newline="") as file:
        grouped, unknown = series(csv.DictReader(file), names())
    lines = ["# Measured energy at the accelerators per output token, by batch: written by scripts/measured.py.", "", "measured = ["]
    for (model, accelerator, count, width, task), points in sorted(grouped.items()):
        points = merge(points)
        length = sum(point[2] for point in points) / len(points)
        batch = ", ".join(digits(point[0]) for point in points)
        energy = ", ".join(digits(point[1]) for point in points)
        lines.append(
            f'  {{ id = "{model}|{accelerator}|{count}|{width}|{task}", model = "{model}", accelerator = "{accelerator}", accelerators = {count},'
            f' bytes_per_weight = {width}, task = "{task}", output_tokens = {digits(length)}, batch = [{batch}],'
            f' energy_j_per_token = [{energy}], source = "mlenergy-v3", place = "task tables, energy per token and mean batch" }},'
        )
    lines += [
        "]",
        "",
        "[source.mlenergy-v3]",
        'citation = "Chung et al., The ML.ENERGY Benchmark, NeurIPS Datasets and Benchmarks 2025; ML.ENERGY Leaderboard v3, commit 0cd52dab"',
        'licence = "Apache-2.0 (data set ml-energy/benchmark-v3)"',
        'retrieved = "2026-11-23"',
        'evidence = "metered"',
        'url = "https://github.com/ml-energy/leaderboard"',
        "",
    ]
    (HERE / "factors" / "measured.toml").write_text("\n".join(lines))
    print(f"{len(grouped)} series written; no model row for: {', '.join(sorted(unknown)) or 'none'}", file=sys.stderr)


if __name__ == "__main__":
    main()
