#!/usr/bin/env python3
"""Sizes and circles: what makes a file hard to read before anybody notices.

usage: check_shape.py ROOT

Prints FILE: MESSAGE for each file over 600 lines, each function over 70, each circle of headers, and each test whose
file is not called test_NAME.cpp; exits with 1 if there was one.
"""

import pathlib
import re
import sys

FILE_MAX, FUNCTION_MAX = 600, 70
FOLDERS = ["base", "domain", "policies", "messages", "scheduler", "redis", "gateways", "operations", "config", "tools", "tests", "bench"]
SUFFIXES = {".cpp", ".hpp", ".py"}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
# clang-format is law here: a function, free or a member, begins with such a line, at most two deep, and ends with the
# next brace at the same depth.
BEGINS = re.compile(r"^( {0,2})[^\s#/].*\)(?: const| noexcept| override| final)*(?: -> .+)? \{$")


def long_functions(lines):
    """Yields (line number, count of lines)."""
    for number, line in enumerate(lines):
        begins = BEGINS.match(line)
        if not begins:
            continue
        end = next((at for at in range(number + 1, len(lines)) if re.match(begins[1] + r"\}", lines[at])), None)
        if end is not None and end - number + 1 > FUNCTION_MAX:
            yield number + 1, end - number + 1


def circles(includes):
    """Each circle as a list of files. `includes`: path to the paths that it includes."""
    done, under_way, found = set(), [], []

    def visit(path):
        if path in under_way:
            found.append([*under_way[under_way.index(path):], path])
            return
        if path in done or path not in includes:
            return
        under_way.append(path)
        for each in includes[path]:
            visit(each)
        under_way.pop()
        done.add(path)

    for path in sorted(includes):
        visit(path)
    return found


def check(files):
    """Yields messages. `files`: path from the root to lines."""
    for path, lines in files.items():
        if len(lines) > FILE_MAX:
            yield f"{path}: {len(lines)} lines are more than {FILE_MAX}; divide it"
        if path.endswith("pp"):
            for number, count in long_functions(lines):
                yield f"{path}:{number}: {count} lines are more than {FUNCTION_MAX} for a function; divide it"
        has_test = path.endswith(".cpp") and any(re.match(r"(TYPED_)?TEST(_[FP])?\(", line) for line in lines)
        if has_test and not re.search(r"/test_\w+\.cpp$", path):
            yield f"{path}: tests stand in files called test_NAME.cpp"
    includes = {path: [match[1] for line in lines if (match := INCLUDE.match(line))] for path, lines in files.items()}
    for circle in circles(includes):
        yield f"{circle[0]}: includes itself, by {' -> '.join(circle)}"


def main(root):
    root = pathlib.Path(root)
    files = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8").splitlines()
             for folder in FOLDERS for path in sorted((root / folder).rglob("*")) if path.suffix in SUFFIXES}
    problems = list(check(files))
    print("\n".join(problems))
    print(f"{len(files)} files read, {len(problems)} of a wrong shape")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
