# SPDX-License-Identifier: Apache-2.0
"""What was run at a commit, so that long runs can be taken up again: build/KIND/COMMIT.json.

A tree with changes has a ledger of its own, `COMMIT-dirty-DIGEST`, where the digest covers every
change: what passed before an edit is not taken for passed after it.
"""
import hashlib
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout


def state_of_tree():
    """The commit, with `-dirty-DIGEST` behind it when the tree differs; `no-git` outside of a repository."""
    try:
        commit = git("rev-parse", "--short=12", "HEAD").decode().strip()
        changes = git("diff", "HEAD", "--binary")
        new_files = git("ls-files", "-o", "--exclude-standard", "-z").split(b"\0")
    except (OSError, subprocess.CalledProcessError):
        return "no-git"
    digest = hashlib.sha256(changes)
    for name in filter(None, new_files):
        digest.update(name + b"\0")
        path = ROOT / os.fsdecode(name)
        if path.is_file():
            digest.update(path.read_bytes())
    clean = not changes and not any(new_files)
    return commit if clean else f"{commit}-dirty-{digest.hexdigest()[:8]}"


class Ledger:
    def __init__(self, kind):
        self.state = state_of_tree()
        self.path = ROOT / "build" / kind / f"{self.state}.json"
        self.rows = json.loads(self.path.read_text()) if self.path.exists() else {}

    def put(self, name, row):
        """Keeps `row` under `name`; whoever is killed afterwards has not lost it."""
        self.rows[name] = row
        self.path.parent.mkdir(parents=True, exist_ok=True)
        written = self.path.with_suffix(".tmp")
        written.write_text(json.dumps(self.rows, indent=1))
        written.replace(self.path)
