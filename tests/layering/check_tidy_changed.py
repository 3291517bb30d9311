#!/usr/bin/env python3
"""Runs clang-tidy over what the main branch does not have yet: uncommitted changes, then commits, the newest first.

usage: check_tidy_changed.py ROOT BUILD RUN_CLANG_TIDY FOLDER...

The main branch is origin/main, or main where there is no such; where there is neither, only what is not committed is
looked at. BUILD holds compile_commands.json. A header is read through a source that includes it, its own if it has one.
At most FILES_MAX sources of the FOLDERs are read, and what is left for `./tools/test --long` is said. Nothing changed,
or no git repository, is nothing to do.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

FILES_MAX = 20
MAIN_BRANCHES = ["refs/remotes/origin/main", "refs/heads/main"]

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


# --------------------------------------------------------------------------------------------------- what has changed


class NoRepository(Exception):
    """ROOT is not what git keeps: an unpacked archive, or there is no git."""


def git(root, *arguments):
    """What git answers, or None where it refuses. A hook's variables do not stand in for `root`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], env=environment, capture_output=True, text=True)
    except FileNotFoundError as missing:
        raise NoRepository("there is no git") from missing
    return done.stdout if done.returncode == 0 else None


def base_of(root):
    """(name of the main branch, the last commit that HEAD has from it); ("HEAD", "HEAD") where there is none."""
    for branch in MAIN_BRANCHES:
        base = git(root, "merge-base", "HEAD", branch)
        if base:
            return branch.split("/", 2)[2], base.strip()
    return "HEAD", "HEAD"


def changed_files(root):
    """(name of the main branch, paths from the root: each once, what is not committed first)."""
    top = git(root, "rev-parse", "--show-toplevel")
    if top is None or pathlib.Path(top.strip()).resolve() != pathlib.Path(root).resolve():
        raise NoRepository("this is no git repository")
    branch, base = base_of(root)
    said = [git(root, "diff", "--name-only", "-z", "HEAD"),
            git(root, "ls-files", "--others", "--exclude-standard", "-z"),
            git(root, "log", "--format=", "--name-only", "-z", f"{base}..HEAD")]
    return branch, list(dict.fromkeys(path for paths in said for path in (paths or "").split("\0") if path))


# ------------------------------------------------------------------------------------------------- what is to be read


def compiled_sources(root, build):
    """Paths from the root of the sources that the build compiles."""
    root = pathlib.Path(root).resolve()
    commands = json.loads((pathlib.Path(build) / "compile_commands.json").read_text(encoding="utf-8"))
    paths = [pathlib.Path(command["directory"], command["file"]).resolve() for command in commands]
    return {path.relative_to(root).as_posix() for path in paths if path.is_relative_to(root)}


def includers(texts):
    """Each header to those that include it. `texts`: path to contents."""
    found = collections.defaultdict(list)
    for path in sorted(texts):
        for header in INCLUDE.findall(texts[path]):
            found[header].append(path)
    return found


def source_of(header, sources, included_by):
    """The source through which a header is read: its own, else the nearest that includes it; None if none does."""
    own = re.sub(r"\.hpp$", ".cpp", header)
    if own in sources and own in included_by[header]:
        return own
    queue, seen = collections.deque([header]), {header}
    while queue:
        for path in included_by[queue.popleft()]:
            if path in sources:
                return path
            if path not in seen:
                seen.add(path)
                queue.append(path)
    return None


def choose(changed, sources, texts):
    """The sources to read for the changed files, each once in their order, and the files that no source leads to."""
    included_by = includers(texts)
    chosen, unread = [], []
    for path in changed:
        if path not in texts:  # of another folder, or it is there no more
            continue
        source = path if path in sources else source_of(path, sources, included_by)
        (chosen if source else unread).append(source or path)
    return list(dict.fromkeys(chosen)), unread


def main(root, build, run_clang_tidy, *folders):
    try:
        branch, changed = changed_files(root)
    except NoRepository as why:
        print(f"{why}: nothing to compare with")
        return 0
    root = pathlib.Path(root).resolve()
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
             for folder in folders for path in (root / folder).rglob("*.[ch]pp")}
    sources = compiled_sources(root, build) & texts.keys()
    chosen, unread = choose(changed, sources, texts)
    for path in unread:
        print(f"{path}: no source of {build} reads it")
    left = chosen[FILES_MAX:]
    chosen = chosen[:FILES_MAX]
    if left:
        print(f"{len(left)} further sources are left to ./tools/test --long: {' '.join(left)}")
    print(f"{len(chosen)} sources have changed since {branch}: {' '.join(chosen) or 'nothing to do'}", flush=True)
    if not chosen:
        return 0
    exact = [f"^{re.escape(str(root / path))}$" for path in chosen]
    return subprocess.run([run_clang_tidy, "-quiet", "-p", str(build), *exact]).returncode


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
