"""The check of shapes finds what it is there to find, and lets pass what may be."""

import unittest

from check_shape import FILE_MAX, FUNCTION_MAX, check


def function(head, body, depth=0):
    return [" " * depth + head + " {", *[" " * depth + "  x();"] * body, " " * depth + "}"]


class CheckShape(unittest.TestCase):
    def found_in(self, files):
        return list(check({path: lines for path, lines in files.items()}))

    def test_a_file_has_a_most(self):
        self.assertEqual(self.found_in({"base/a.cpp": ["x"] * FILE_MAX}), [])
        self.assertEqual(len(self.found_in({"base/a.cpp": ["x"] * (FILE_MAX + 1)})), 1)

    def test_a_function_has_a_most_whatever_it_looks_like(self):
        heads = ["void f()", "int f(int a) const", "auto f() noexcept -> std::vector<int>", "Awaitable<void> run() override",
                 "TEST(Suite, name)"]
        for head in heads:
            for depth in (0, 2):
                with self.subTest(head=head, depth=depth):
                    self.assertEqual(self.found_in({"base/test_a.cpp": function(head, FUNCTION_MAX - 2, depth)}), [])
                    found = self.found_in({"base/test_a.cpp": ["", *function(head, FUNCTION_MAX - 1, depth)]})
                    self.assertEqual(len(found), 1)
                    self.assertTrue(found[0].startswith("base/test_a.cpp:2:"), found)

    def test_a_table_or_a_class_is_no_function(self):
        self.assertEqual(self.found_in({"base/a.cpp": ["constexpr Row rows[] = {", *["  {1},"] * 300, "};"]}), [])
        self.assertEqual(self.found_in({"base/a.cpp": ["class A {", *["  int a;"] * 300, "};"]}), [])

    def test_headers_do_not_include_each_other(self):
        files = {"base/a.hpp": ['#include "base/b.hpp"'], "base/b.hpp": ['#include "base/c.hpp"'], "base/c.hpp": []}
        self.assertEqual(self.found_in(files), [])
        files["base/c.hpp"] = ['#include "base/a.hpp"']
        self.assertEqual(self.found_in(files), ["base/a.hpp: includes itself, by base/a.hpp -> base/b.hpp -> base/c.hpp -> base/a.hpp"])

    def test_tests_are_found_by_their_name(self):
        self.assertEqual(self.found_in({"tests/base/test_a.cpp": ["TEST(A, b) {"]}), [])
        self.assertEqual(len(self.found_in({"tests/base/a_test.cpp": ["TEST_F(A, b) {"]})), 1)


if __name__ == "__main__":
    unittest.main()
