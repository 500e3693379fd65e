#!/usr/bin/env python3
"""Prints the fitted numbers of factors/media.toml from the ML.ENERGY Leaderboard v3 (diffusion runs).

Needs numpy, scipy and BILANZ_DATA, a folder with models/mlenergy-v3-diffusion.csv (a flattening
of the public leaderboard tables, one row per run).
"""

import collections
import csv
import os
import pathlib
import sys

import numpy as np
from scipy.optimize import least_squares


def main():
    folder = os.environ.get("BILANZ_DATA")
    if not folder:
        sys.exit("BILANZ_DATA is not set: name the folder that holds models/mlenergy-v3-diffusion.csv")
    with open(pathlib.Path(folder) / "models" / "mlenergy-v3-diffusion.csv", encoding="utf-8") as file:
        runs = list(csv.DictReader(file))
    joules = np.array([float(run["energy_per_output_joules"]) for run in runs])
    count = np.array([float(run["num_gpus"]) for run in runs])
    batch = np.array([float(run["batch_size"]) for run in runs])
    steps = np.array([float(run["inference_steps"]) for run in runs])
    video = np.array([run["task"] == "text-to-video" for run in runs])
    model = np.array([run["model_id"] for run in runs])

    # One accelerator: the geometric mean over the batches of a model.
    alone = collections.defaultdict(list)
    for run, value in zip(runs, joules):
        if run["num_gpus"] == "1":
            alone[run["model_id"], run["gpu_model"]].append(np.log(value))
    alone = {key: float(np.exp(np.mean(logs))) for key, logs in alone.items()}
    names = sorted(set(model))
    for name in names:
        print(f"{name}: {alone[name, 'H100']:.4g} J on one H100, B200 / H100 {alone[name, 'B200'] / alone[name, 'H100']:.3f}")

    # The law: J per step over parameters and latent volume; each model left out once.
    first = {name: runs[list(model).index(name)] for name in names}
    rows, logs = [], []
    for name in names:
        run = first[name]
        latent = (float(run["num_frames"] or 1) - 1) / 4 + 1
        volume = float(run["width"]) * float(run["height"]) / 1024**2 * latent
        rows.append([1, np.log(float(run["total_params_billions"])), np.log(volume)])
        logs.append(np.log(alone[name, "H100"] / float(run["inference_steps"])))
    rows, logs = np.array(rows), np.array(logs)
    law = np.linalg.lstsq(rows, logs, rcond=None)[0]
    out = [logs[i] - rows[i] @ np.linalg.lstsq(np.delete(rows, i, 0), np.delete(logs, i), rcond=None)[0] for i in range(len(names))]
    print(f"law_j {np.exp(law[0]):.3g}, law_params_power {law[1]:.3g}, volume_power {law[2]:.3g}")
    print(f"law_residual {np.exp(np.sqrt(np.mean(np.square(out)))):.3g} (each model left out once)")

    # Several accelerators: J = J(1) n^p + w steps (n - 1) / batch.
    base = np.array([alone[run["model_id"], run["gpu_model"]] for run in runs])

    def miss(fit, on):
        return np.log((base[on] * count[on] ** fit[0] + np.exp(fit[1]) * steps[on] * (count[on] - 1) / batch[on]) / joules[on])

    for word, kind in (("image", ~video), ("video", video)):
        on = kind & (count > 1)
        fit = least_squares(miss, [0.1, 2], args=(on,)).x
        out = []
        for name in sorted(set(model[on])):
            others = least_squares(miss, [0.1, 2], args=(on & (model != name),)).x
            out.extend(miss(others, on & (model == name)))
        print(f"{word}: parallel_power {fit[0]:.3g}, parallel_wait_j {np.exp(fit[1]):.3g}, residual {np.exp(np.sqrt(np.mean(np.square(out)))):.3g}")


main()
