#!/usr/bin/env python3
"""Every file includes what it uses: each source and each header compiles without the precompiled header.

usage: check_alone.py ROOT BUILD [PATH]...

BUILD is a build directory in which everything was built. With paths (from ROOT, files or folders) only those. Prints what
the compiler says of each that does not compile; exits with 1 if there was one.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

FOLDERS = ["base", "domain", "policies", "messages", "scheduler", "redis", "gateways", "operations", "config", "tools",
           "tests"]
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def without_precompiled(command):
    """The arguments of a compile command that only reads, without what CMake adds for a precompiled header."""
    arguments, kept = shlex.split(command), []
    at = 0
    while at < len(arguments):
        if arguments[at] in ("-include-pch", "-o"):
            at += 2
        elif arguments[at] == "-c":
            at += 1
        else:
            kept.append(arguments[at])
            at += 1
    return [*kept, "-fsyntax-only"]


def jobs(root, build):
    """Path from the root to the arguments and the directory of a compiler run. A header goes by a source that includes it,
    which may be of a target with definitions of its own, or else by one of its folder."""
    found, of_folder, of_header = {}, {}, {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = os.path.relpath(entry["file"], root)
        if path.split("/")[0] not in FOLDERS:
            continue
        arguments = without_precompiled(entry["command"])
        found.setdefault(path, (arguments, entry["directory"]))
        of_folder.setdefault(os.path.dirname(path), (arguments[:-2], entry["directory"]))
        for included in INCLUDE.findall(pathlib.Path(entry["file"]).read_text(encoding="utf-8")):
            if os.path.dirname(included) == os.path.dirname(path):
                of_header.setdefault(included, (arguments[:-2], entry["directory"]))
    for header in sorted(each for folder in FOLDERS for each in (root / folder).rglob("*.hpp")):
        path = header.relative_to(root).as_posix()
        folder = next((str(each) for each in pathlib.PurePath(path).parents if str(each) in of_folder), None)
        if folder:
            arguments, directory = of_header.get(path, of_folder[folder])
            alone = ["-fsyntax-only", "-Wno-pragma-once-outside-header", "-x", "c++", str(header)]
            found[path] = ([*arguments, *alone], directory)
    return found


def main(root, build, paths):
    root = pathlib.Path(root).resolve()
    chosen = {path: job for path, job in jobs(root, pathlib.Path(build).resolve()).items()
              if not paths or any(path == each or path.startswith(each.rstrip("/") + "/") for each in paths)}

    def run(path):
        arguments, directory = chosen[path]
        done = subprocess.run(arguments, cwd=directory, capture_output=True, text=True)
        return path, done.returncode, done.stderr

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, code, said in pool.map(run, sorted(chosen)):
            if code:
                failed += 1
                print(f"{path}: does not compile by itself\n{said}", flush=True)
    print(f"{len(chosen)} files compiled, {failed} do not by themselves")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
