"""The check of changed files reads what has changed and nothing else, and fails where clang-tidy finds something.

usage: test_check_tidy_changed.py RUN_CLANG_TIDY
"""

import contextlib
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import check_tidy_changed
from check_tidy_changed import FILES_MAX, choose

GOOD = "int f(int a) {\n  if (a > 0) return 2;\n  return 1;\n}\n"
BAD = "int f(int a) {\n  if (a > 0);\n  return 1;\n}\n"  # bugprone-suspicious-semicolon


class Repository:
    """One with a source and a header, committed on main; `build` compiles every source that is there."""

    def __init__(self, directory):
        self.root = pathlib.Path(directory).resolve() / "root"
        self.build = self.root.parent / "build"
        self.build.mkdir()
        self.write("base/a.hpp", "int f(int a);\n")
        self.write("base/a.cpp", f'#include "base/a.hpp"\n{GOOD}')
        self.write("base/b.cpp", GOOD)
        self.write("docs/c.cpp", BAD)
        self.write(".clang-tidy", "Checks: -*,bugprone-suspicious-semicolon\nWarningsAsErrors: '*'\nHeaderFilterRegex: '.*'\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def git(self, *arguments):
        subprocess.run(["git", "-C", str(self.root), "-c", "user.name=n", "-c", "user.email=e@example.org",
                        "-c", "commit.gpgsign=false", *arguments], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def begin(self):
        self.git("init", "-q", "-b", "main")
        self.commit()

    def check(self):
        """(exit code, what was said): clang-tidy's own words go elsewhere."""
        sources = [str(path) for path in sorted(self.root.rglob("*.cpp"))]
        commands = [{"directory": str(self.root), "file": source, "command": f"clang++-19 -I{self.root} -c {source}"}
                    for source in sources]
        (self.build / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = check_tidy_changed.main(str(self.root), str(self.build), RUN_CLANG_TIDY, "base")
        return code, said.getvalue()


@unittest.skipUnless(shutil.which("git"), "there is no git")
class CheckTidyChanged(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.repository = Repository(directory.name)

    def assertNothingToDo(self, found):
        self.assertEqual(found[0], 0, found[1])
        self.assertIn("nothing to", found[1])

    def test_without_a_repository_there_is_nothing_to_do(self):
        self.repository.write("base/a.cpp", BAD)
        self.assertNothingToDo(self.repository.check())

    def test_what_the_main_branch_has_is_not_read(self):
        self.repository.write("base/b.cpp", BAD)
        self.repository.begin()
        self.assertNothingToDo(self.repository.check())
        self.repository.write("docs/c.cpp", BAD + "\n")
        self.assertNothingToDo(self.repository.check())

    def test_a_finding_in_what_is_not_committed_fails(self):
        self.repository.begin()
        for path in ("base/a.cpp", "base/new.cpp"):
            with self.subTest(path=path):
                self.repository.write(path, BAD)
                code, said = self.repository.check()
                self.assertNotEqual(code, 0)
                self.assertIn(path, said)
                self.assertNotIn("base/b.cpp", said)

    def test_a_change_without_a_finding_passes(self):
        self.repository.begin()
        self.repository.write("base/a.cpp", GOOD + "\n")
        code, said = self.repository.check()
        self.assertEqual(code, 0, said)
        self.assertIn("1 sources have changed since main: base/a.cpp", said)

    def test_a_finding_in_a_header_fails(self):
        self.repository.begin()
        self.repository.write("base/a.hpp", "inline " + BAD.replace("f(", "g(") + "int f(int a);\n")
        code, said = self.repository.check()
        self.assertNotEqual(code, 0)
        self.assertIn("base/a.cpp", said)

    def test_commits_that_the_main_branch_lacks_are_read(self):
        self.repository.begin()
        self.repository.git("checkout", "-q", "-b", "work")
        self.repository.write("base/b.cpp", BAD)
        self.repository.commit()
        self.assertNotEqual(self.repository.check()[0], 0)
        self.repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertNothingToDo(self.repository.check())

    def test_a_file_that_is_gone_is_not_read(self):
        self.repository.begin()
        (self.repository.root / "base/b.cpp").unlink()
        self.assertNothingToDo(self.repository.check())

    def test_there_is_a_most_and_the_rest_is_said(self):
        self.repository.begin()
        for number in range(FILES_MAX + 1):
            self.repository.write(f"base/n{number:02}.cpp", GOOD)
        code, said = self.repository.check()
        self.assertEqual(code, 0, said)
        self.assertIn(f"1 further sources are left to ./tools/test --long: base/n{FILES_MAX}.cpp", said)

    def test_a_header_is_read_through_its_own_source_or_the_nearest(self):
        texts = {"base/a.hpp": "", "base/a.cpp": '#include "base/a.hpp"', "base/0.cpp": '#include "base/a.hpp"',
                 "base/b.hpp": "", "base/c.hpp": '#include "base/b.hpp"', "base/d.cpp": '#include "base/c.hpp"', "base/e.hpp": ""}
        sources = {"base/a.cpp", "base/0.cpp", "base/d.cpp"}
        self.assertEqual(choose(["base/a.hpp"], sources, texts), (["base/a.cpp"], []))
        self.assertEqual(choose(["base/b.hpp", "base/c.hpp"], sources, texts), (["base/d.cpp"], []))
        self.assertEqual(choose(["base/e.hpp"], sources, texts), ([], ["base/e.hpp"]))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    RUN_CLANG_TIDY = sys.argv.pop(1)
    unittest.main()
