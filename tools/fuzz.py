#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fuzz.py SECONDS [NAME…]: builds the fuzz targets (those named, or all) and gives each SECONDS.

The inputs grow in build/fuzz/corpus; what a target finds is put into build/fuzz/findings, what it said
into build/fuzz/logs. The last lines say which targets found something and how to see it again.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fuzz"
LARGEST_WIT = 16 * 1024


def targets():
    return sorted(path.stem for path in (ROOT / "fuzz").glob("*.cpp") if path.stem != "make_corpus")


def prepare(names, jobs):
    """Builds the targets and makes their seeds. False when the build fails."""
    if not (BUILD / "build.ninja").exists():
        if subprocess.run(["cmake", "--preset", "fuzz"], cwd=ROOT, stdout=subprocess.DEVNULL).returncode != 0:
            return False
    wanted = ["make_corpus", *(f"fuzz_{name}" for name in names)]
    if subprocess.run(["cmake", "--build", str(BUILD), f"-j{jobs}", "--target", *wanted], cwd=ROOT).returncode != 0:
        return False
    suites = os.environ.get("TENON_CONFORMANCE", str(ROOT.parent / "shared" / "conformance"))
    if pathlib.Path(suites, "core").is_dir():
        subprocess.run([BUILD / "bin" / "make_corpus", suites, BUILD / "corpus", "wit"], cwd=ROOT, check=True)
    for name in names:
        (BUILD / "corpus" / name).mkdir(parents=True, exist_ok=True)
    # The WIT of the tree is the seed of every target that reads WIT.
    texts = sorted(path for folder in ("wit", "examples", "tests") for path in (ROOT / folder).rglob("*.wit")
                   if path.is_file() and path.stat().st_size <= LARGEST_WIT)
    for name in (name for name in names if name.startswith("wit_")):
        for number, path in enumerate(texts, 1):
            shutil.copyfile(path, BUILD / "corpus" / name / f"tree-{number}")
    return True


def run(name, seconds, env=None, label=None):
    """One target for so long: (executions, files that it found). A target that fails without a file
    counts as one finding, its log."""
    label = label or name
    findings = BUILD / "findings"
    log = BUILD / "logs" / f"{label}.log"
    for folder in (findings, log.parent):
        folder.mkdir(parents=True, exist_ok=True)
    prefix = f"{label}-"
    before = set(findings.glob(prefix + "*"))
    command = [BUILD / "bin" / f"fuzz_{name}", f"-max_total_time={max(1, int(seconds))}", "-timeout=20", "-rss_limit_mb=2048",
               "-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={findings}/{prefix}", BUILD / "corpus" / name]
    if (ROOT / "fuzz" / "corpus" / name).is_dir():
        command.append(ROOT / "fuzz" / "corpus" / name)
    with log.open("wb") as out:
        code = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                              env={**os.environ, **(env or {})}).returncode
    text = log.read_text(errors="replace")
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    found = sorted(set(findings.glob(prefix + "*")) - before)
    if code != 0 and not found:
        found = [log]
    return int(executed.group(1)) if executed else 0, [str(path.relative_to(ROOT)) for path in found]


def run_all(names, seconds, jobs, done):
    """Every target for so long, `jobs` at a time; `done(name, executions, findings)` after each."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run, name, seconds): name for name in names}
        for future in concurrent.futures.as_completed(waiting):
            done(waiting[future], *future.result())


def show(name, executions, findings):
    print(f"fuzz {name}: {executions} executions, {len(findings)} findings", flush=True)
    for file in findings:
        print(f"  build/fuzz/bin/fuzz_{name} {file}" if not file.endswith(".log") else f"  see {file}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("-j", dest="jobs", type=int, default=1)
    options = parser.parse_args()
    names = options.names or targets()
    if unknown := [name for name in names if name not in targets()]:
        parser.error(f"no target `{unknown[0]}`; there are {', '.join(targets())}")
    if not prepare(names, options.jobs):
        return 1
    failed = []

    def done(name, executions, findings):
        show(name, executions, findings)
        if findings:
            failed.append(name)
    run_all(names, options.seconds, options.jobs, done)
    print(f"fuzz: {len(names)} targets, {len(failed)} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
