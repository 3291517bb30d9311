#!/usr/bin/env python3
"""Reads every #include against the table "Who may include whom" of ARCHITECTURE.md.

usage: check_includes.py ROOT

Prints FILE:LINE: MESSAGE for each include that the table forbids, and exits with 1 if there was one.
"""

import pathlib
import re
import sys

# What a folder may include, besides itself: a folder, or one header of it. A folder in a folder that has a line of its
# own goes by that. Folders that are not here may include all.
TEXT = ["base/assert.hpp", "base/text", "base/json", "base/crypto"]
POLICIES = ["domain", "base/assert.hpp", "policies/calendar.hpp", "policies/options.hpp", "policies/inputs.hpp",
            "policies/effects.hpp", "policies/desk.hpp", "policies/situation.hpp", "policies/receiver.hpp", "policies/credit_position.hpp"]
# Of the scheduler, what is no engine: an operation is given the values that an engine shows, and does not see it.
VALUES = ["scheduler/monitors.hpp", "scheduler/options.hpp", "scheduler/seal.hpp", "scheduler/flow"]
ALLOWED = {
    "base": [],
    "base/async": ["base/assert.hpp"],
    "base/http": ["base/assert.hpp", "base/text", "base/async"],
    "domain": TEXT,
    "policies": ["domain", "base/assert.hpp", "policies/cases", "policies/gates", "policies/notices", "policies/rules"],
    "policies/cases": [*POLICIES, "policies/notice_inputs.hpp", "policies/gates", "policies/notices"],
    "policies/gates": POLICIES,
    "policies/notices": [*POLICIES, "policies/gates"],
    "policies/rules": [*POLICIES, "policies/gates", "policies/notices"],
    "messages": ["domain", "base/assert.hpp", "base/text"],
    "scheduler": ["domain", "policies", "messages", *TEXT, "base/async"],
    "redis": ["domain", "base", "scheduler/ports", "operations/ports"],
    "gateways": ["domain", "messages", *TEXT, "base/async", "base/http/message.hpp", "scheduler/ports"],
    "ledger": ["domain", "base", "scheduler/ports"],
    "operations": ["domain", "policies", "scheduler/ports", *VALUES, "gateways", "ledger", "base", "operations/ports"],
    "operations/ports": ["domain", "base/assert.hpp", "scheduler/ports"],
    "console": ["operations", "domain", "base"],
    "config": ["domain", "policies", "messages", *TEXT, "redis/options.hpp", "scheduler/options.hpp", "gateways/options.hpp"],
}
FREE = ["tools", "tests", "bench"]

# What the first may not reach by any way of includes: options are light, whoever reads them; operations know no engine
# and no adapter.
REACH = {
    "config": ["scheduler/ports", "base/async", "base/http", "boost"],
    "scheduler/options.hpp": ["scheduler/ports", "base/async", "boost"],
    "redis/options.hpp": ["scheduler", "base/async", "boost"],
    "gateways/options.hpp": ["scheduler", "base/async", "base/http", "boost"],
    "operations": ["scheduler/engine.hpp", "scheduler/partition.hpp", "scheduler/dispatcher.hpp", "redis", "config",
                   "tools"],
    "operations/ports": ["redis", "policies", "gateways", "base/http"],
}

# Libraries that a pure folder may use; the others may use what they need.
PURE = {
    "domain": ["date/"],
    "policies": ["date/"],
    "messages": ["date/", "unicode/", "fmt/"],
    "scheduler/flow": ["date/", "fmt/"],
}

# Asio and Beast cost seconds of compile time a file: headers take only the light ones of them. A template that needs
# more stands in a heavy header, which .cpp files alone include.
LIGHT_BOOST = ["boost/asio/awaitable.hpp", "boost/asio/any_io_executor.hpp"]
HEAVY_BOOST = re.compile(r"boost/(asio|beast)(/|\.hpp)")
HEAVY_OWN = ["base/async/deadline.hpp", "base/http/bounded_body.hpp", "base/http/listen.hpp"]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
LIBRARY = re.compile(r"[/.]h|/")  # a standard header has neither a slash nor a suffix


def is_under(path, prefixes):
    return any(path == each or path.startswith(each + "/") for each in prefixes)


def rule_for(path):
    """The folder of ALLOWED that `path` is in, the innermost; None if it may include all."""
    return max((folder for folder in ALLOWED if is_under(path, [folder])), key=len, default=None)


def check_own(path, included):
    """Why the file at `path` may not include the project's header `included`, or None."""
    if path.endswith(".hpp") and included in HEAVY_OWN:
        return f'"{included}" belongs in a .cpp file'
    folder = rule_for(path)
    if folder is None or rule_for(included) == folder:
        return None
    target = included.split("/")[0]
    if target not in ALLOWED and target not in FREE:
        return f'"{included}" is not a path from the root'
    if is_under(included, ALLOWED[folder]):
        return None
    return f'{folder}/ may not include "{included}"; it may know: {", ".join(ALLOWED[folder]) or "nobody"}'


def check_library(path, included):
    """Why the file at `path` may not include the library header `included`, or None."""
    for pure, libraries in PURE.items():
        if is_under(path, [pure]) and LIBRARY.search(included) and not included.startswith(tuple(libraries)):
            return f"{pure}/ is pure and may not include <{included}>"
    light = included in LIGHT_BOOST or not HEAVY_BOOST.match(included)
    product = not is_under(path, ["tests", "bench"])
    if path.endswith(".hpp") and product and not light and path not in HEAVY_OWN:
        return f"<{included}> belongs in a .cpp file"
    return None


def check_file(path, lines):
    """Yields (line number, message); `path` counts from the root."""
    for number, line in enumerate(lines, start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        own, library = match.groups()
        problem = check_own(path, own) if own else check_library(path, library)
        if problem:
            yield number, problem


def check_reach(files):
    """Yields (path, line number, message) for each include of REACH's files that leads to what they may not reach.

    `files`: path from the root to lines.
    """
    includes = {path: [(number, match[1] or match[2]) for number, line in enumerate(lines, start=1)
                       if (match := INCLUDE.match(line))] for path, lines in files.items()}

    def way(path, forbidden, seen):
        if is_under(path, forbidden):
            return [path]
        for _, each in includes.get(path, []):
            if each not in seen:
                seen.add(each)
                if further := way(each, forbidden, seen):
                    return [path, *further]
        return None

    for start, forbidden in REACH.items():
        for path in (each for each in files if is_under(each, [start])):
            for number, each in includes[path]:
                if found := way(each, forbidden, set()):
                    yield path, number, f"reaches what {start} may not, by {' -> '.join(found)}"


def main(root):
    root = pathlib.Path(root)
    files = {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8").splitlines()
             for folder in [each for each in ALLOWED if "/" not in each] + FREE
             for file in sorted((root / folder).rglob("*.[ch]pp"))}
    found = [(path, number, problem) for path, lines in files.items() for number, problem in check_file(path, lines)]
    found += check_reach(files)
    for path, number, problem in found:
        print(f"{path}:{number}: {problem}")
    if not files:
        print(f"{root}: there are no sources here")
        return 1
    print(f"{len(files)} files read, {len(found)} includes that the table forbids")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
