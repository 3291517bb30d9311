"""The release preset compiles the files of a folder some at a time: no two of them may have one name for two things.

usage: check_unity.py SOURCE

Configures the preset beside the build that is there, and reads every file that it would compile, without generating code.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

PREPARED = ["dun_precompiled", "cmake_object_order_depends_target_dun_redis"]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def read_only(entry):
    """The command that compiles, as one that only reads; without the launcher in front of the compiler."""
    words = shlex.split(entry["command"])
    compiler = next(i for i, word in enumerate(words) if re.search(r"clang\+\+(-\d+)?$", word))
    return [*words[compiler:], "-fsyntax-only"]


def problems(entry):
    done = run(*read_only(entry), cwd=entry["directory"])
    return "" if done.returncode == 0 else done.stderr


def check(source):
    with tempfile.TemporaryDirectory() as build:
        for command in (["cmake", "--preset", "release", "-B", build, "-DDUN_TESTS=OFF", "-DDUN_BENCH=OFF"],
                        ["ninja", "-C", build, *PREPARED]):
            done = run(*command, cwd=source)
            if done.returncode != 0:
                sys.exit(done.stdout + done.stderr)
        with open(os.path.join(build, "compile_commands.json")) as file:
            together = [entry for entry in json.load(file) if "/Unity/" in entry["file"]]
        if not together:
            sys.exit("the release preset compiles no files together")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = [text for text in pool.map(problems, together) if text]
    print("\n".join(found))
    print(f"{len(together)} groups of files read, {len(found)} with names that collide")
    return not found


if __name__ == "__main__":
    sys.exit(0 if check(sys.argv[1]) else 1)
