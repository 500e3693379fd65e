#!/usr/bin/env python3
"""Measures Bilanz beside its peers in one run. By hand, not in CI.

usage: python3 scripts/bench.py target/release/bilanz [--rows 10000000] [--work DIR]
needs: a release binary; `cargo` for the bench of single requests; the PyPI packages duckdb
       (totals) and ecologits 0.11.3 (single requests), each skipped with a word when missing.
"""
import argparse, glob, json, os, random, resource, shutil, subprocess, sys, tempfile, time

MODELS = ["openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-5", "anthropic/claude-sonnet-4", "anthropic/claude-haiku-4-5",
          "google_genai/gemini-2.5-flash", "google_genai/gemini-2.5-pro", "mistralai/mistral-small"]
# Sums of integers are exact in both engines: 128 bits wide.
SQL = ("SELECT day, model, COUNT(*) AS n, SUM(requests) AS requests, SUM(input_tokens) AS input, SUM(output_tokens) AS output "
       "FROM entries GROUP BY day, model ORDER BY day, model")


def timed(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    out = subprocess.run(command, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if out.returncode:
        sys.exit(f"{' '.join(command)}: {out.stderr[-500:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out.stdout


def peak_mb(*command):
    out = subprocess.run(["/usr/bin/time", "-v", *command], capture_output=True, text=True)
    line = next((l for l in out.stderr.splitlines() if "Maximum resident" in l), None)
    return int(line.rsplit(" ", 1)[1]) / 1024 if line else float("nan")


def make(path, rows):
    rng = random.Random(7)
    with open(path, "w") as f:
        f.write("time_start,provider,model,region,use_case,requests,input_tokens_uncached,input_tokens_cache_read,output_tokens\n")
        part = []
        for i in range(rows):
            s = i * 31_536_000 // rows
            day, sec = divmod(s, 86_400)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_735_689_600 + s)) if i % 64 == 0 else stamp
            model = MODELS[rng.randrange(8)]
            part.append(f"{stamp},{model.split('/')[0]},{model},eu-central-1,case-{rng.randrange(12)},1,{rng.randrange(20, 8000)},{rng.randrange(0, 4000)},{rng.randrange(1, 2000)}\n")
            if len(part) == 100_000:
                f.write("".join(part)); part.clear()
        f.write("".join(part))


def main():
    a = argparse.ArgumentParser(); a.add_argument("binary"); a.add_argument("--rows", type=int, default=10_000_000); a.add_argument("--work")
    a = a.parse_args(); b = os.path.abspath(a.binary); result = {"rows": a.rows}
    work = a.work or tempfile.mkdtemp(prefix="bilanz-bench-"); os.makedirs(work, exist_ok=True)
    csv, books = os.path.join(work, "usage.csv"), os.path.join(work, "books")
    if not os.path.exists(csv):
        make(csv, a.rows)
    shutil.rmtree(books, ignore_errors=True)
    result["csv_mb"] = os.path.getsize(csv) // 2**20
    wall, cpu, out = timed(b, "import", csv, "--books", books, "--json")
    r = json.loads(out); assert r["imported"] == a.rows, r
    result["import_rows_per_s"] = round(a.rows / wall)
    wall, cpu, out = timed(b, "import", csv, "--books", books, "--json")
    r = json.loads(out); assert r["duplicates"] == a.rows and r["imported"] == 0, r
    result["reimport_rows_per_s"] = round(a.rows / wall)
    for flag, name in (("--raw", "statement_raw_ms"), (None, "statement_rollups_ms")):
        command = [b, "report", "footprint", "--books", books, "--json"] + ([flag] if flag else [])
        timed(*command)
        result[name] = round(1000 * min(timed(*command)[0] for _ in range(5)))
    raw, rolled = (timed(b, "report", "footprint", "--books", books, "--json", *x)[2] for x in (["--raw"], []))
    result["statements_equal"] = raw == rolled
    ours = min(timed(b, "query", SQL, "--books", books, "--json")[0] for _ in range(5))
    totals = json.loads(timed(b, "query", SQL, "--books", books, "--json")[2])
    result["totals_ms"] = round(1000 * ours)
    try:
        import duckdb
        files = sorted(glob.glob(os.path.join(books, "ledger", "segments", "**", "*.parquet"), recursive=True))
        con = duckdb.connect(); con.execute("SET threads TO 2")
        con.execute(f"CREATE VIEW entries AS SELECT * FROM read_parquet({files!r}, hive_partitioning = true, hive_types_autocast = false)")
        best = float("inf")
        for _ in range(5):
            start = time.perf_counter(); rows = con.execute(SQL).fetchall(); best = min(best, time.perf_counter() - start)
        result["duckdb_totals_ms"] = round(1000 * best)
        result["totals_ratio_to_duckdb"] = round(ours / best, 2)
        same = [(str(d), m, n, int(q), int(i), int(o)) for d, m, n, q, i, o in rows]
        mine = [(t["day"], t["model"], t["n"], int(t["requests"]), int(t["input"]), int(t["output"])) for t in totals]
        result["totals_equal"] = same == mine
    except ImportError:
        print("skipped: PyPI package duckdb is not installed", file=sys.stderr)
    result["import_peak_mb"] = round(peak_mb(b, "import", csv, "--books", books + "-2", "--json")); shutil.rmtree(books + "-2", ignore_errors=True)
    bench = subprocess.run(["cargo", "bench", "-q", "-p", "lca", "--bench", "medians"], capture_output=True, text=True)
    if bench.returncode == 0:
        result.update(json.loads(bench.stdout.strip().splitlines()[-1]))
    try:
        from ecologits.tracers.utils import llm_impacts
        start = time.process_time(); n = 3000
        for i in range(n):
            llm_impacts(provider="openai", model_name="gpt-4o", output_token_count=50 + i % 100, request_latency=5.0, electricity_mix_zone="DEU")
        result["ecologits_per_s"] = round(n / (time.process_time() - start))
    except ImportError:
        print("skipped: PyPI package ecologits is not installed", file=sys.stderr)
    print(json.dumps(result, indent=1))


main()
