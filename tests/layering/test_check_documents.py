"""The check of documents finds what it is there to find, and lets pass what is right."""

import unittest

from check_documents import Library, check_code, check_contract, check_links, check_reasons, check_test_names

DOCUMENTS = {
    "docs/edge_cases.md": "| id | rule |\n| --- | --- |\n| E4 | a |\n| E25 | a |\n| E27 | a |\n",
    "docs/field_cases.md": "| D4 | a |\n| S2 | a |\n| C1 | a |\n| U5 | a |\n",
    "docs/contract.md": "# The contract\n\n## 2. Events\n\n## 4. What comes out: `types`\n",
    "docs/design.md": "# The design\n\n## Principles\n\n1. One.\n7. Seven.\n\n## Flow control\n",
    "docs/adr/0015-keyed-references.md": "# 0015\n",
    "ARCHITECTURE.md": "# Architecture\n",
    "docs/states.md": "# States\n\n```\n# no heading\n```\n",
}

WRONG = [
    ("a.cpp", ["// No window (E5)."], "E5"),
    ("a.hpp", ["int a = 0;  ///< of the field (D5)"], "D5"),
    ("a.cpp", ["// From an answer (E25-E28)."], "E28"),
    ("a.cpp", ["// What the field found: S3 to S2."], "S3"),
    ("a.cpp", ["TEST(EdgeCases, E6_AWindow) {"], "E6"),
    ("a.cpp", ["TEST_F(FieldCases, D4_C2_Both) {"], "C2"),
    ("a.py", ["def U6_what_was_seen():"], "U6"),
    ("a.py", ['"""U7: what was seen.', "", 'More."""'], "U7"),
    ("a.toml", ["# Bounds (contract section 3)."], "section 3"),
    ("run", ["# Starts everything (contract", "# section 1)."], "section 1"),
    ("a.cpp", ["/// Decided again (design,", "/// principle 8)."], "principle 8"),
    ("a.cpp", ['// Lanes (design, "Flow").'], '"Flow"'),
    ("a.cpp", ["// Keyed (ADR 0016)."], "0016"),
    ("a.cpp", ["// docs/data.md says more."], "docs/data.md"),
    ("a.cpp", ["// As it has to be (CONTRACT section 2)."], "CONTRACT"),
    ("a.cpp", ["// No window (EDGE-CASES E4)."], "EDGE-CASES"),
    ("a.cpp", ["// READINGS.md says more."], "READINGS.md"),
]

RIGHT = [
    ("a.cpp", ["// No window (E4); contract section 2, design, principle 7, ADR 0015."]),
    ("a.cpp", ['// Lanes (design, "Flow control"); docs/states.md.']),
    ("a.cpp", ["// An answer (E25-E27), and S2 and U5."]),
    ("a.cpp", ['EXPECT_EQ(rendered("x"), "%E9%B8");', 'table({"E5", "EST"});']),
    ("a.cpp", ["// Written as %E9 or utf-8 C0, DEL."]),
    ("a.cpp", ["TEST(EdgeCases, E4_AWindow) {", "TEST(Window, Everything) {"]),
    ("a.py", ['LEVEL = "E9"']),
    ("a.cpp", ["// ARCHITECTURE.md has the table."]),
]


class CheckDocuments(unittest.TestCase):
    def setUp(self):
        self.library = Library(DOCUMENTS)

    def test_what_is_cited_and_not_there_is_found_once(self):
        for path, lines, what in WRONG:
            with self.subTest(path=path, lines=lines):
                found = list(check_code(path, ["", *lines], self.library))
                self.assertEqual([number for number, _ in found], [2])
                self.assertIn(what, found[0][1])

    def test_what_is_there_passes(self):
        for path, lines in RIGHT:
            with self.subTest(path=path, lines=lines):
                self.assertEqual(list(check_code(path, lines, self.library)), [])

    def test_links_lead_somewhere(self):
        def found(line):
            return [number for number, _ in check_links("docs/adr/0015-keyed-references.md", ["", line], DOCUMENTS,
                                                        lambda path: path in DOCUMENTS or path == "docs")]
        for line in ["[a](0016.md)", "[a](../state.md)", "[a](../states.md#no-heading)",
                     "see [a](b) and [c](../states.md)",
                     "[a](../contract.md#4-what-comes-out)"]:
            self.assertEqual(found(line), [2], line)
        for line in ["[a](../states.md)", "[a](../states.md#states)", "[a](../contract.md#4-what-comes-out-types)",
                     "[a](https://example.org/b)", "[a](#0015)", "[a](..)"]:
            self.assertEqual(found(line), [], line)

    def test_names_of_tests_are_those_of_tests(self):
        tests = {"EdgeCases.E4_AWindow", "Review.A", "integration.kill_loops", "layering.includes"}
        for line in ["`EdgeCases.E5_*`", "`Review.B`", "`Reviews.*`", "`integration.loops`", "`layering.include`"]:
            self.assertEqual([number for number, _ in check_test_names([line], tests)], [1], line)
        for line in ["`EdgeCases.E4_*` `Review.*` `Review.A`", "`integration.kill_loops_query` `layering.includes`",
                     "`README.md` `task.opened`"]:
            self.assertEqual(list(check_test_names([line], tests)), [], line)

    def test_reasons_are_those_that_are_given(self):
        states = ("## Reasons\n\n| id | means |\n| --- | --- |\n"
                  "| `caps.day`, `caps.week` | a |\n| `ladder.stepN` | a |\n| `suspension.fraud` | a |\n"
                  "\n## Events\n\n| `other.one` | a |\n")
        given = '"caps.day" "caps.week" "ladder.step" + n; "suspension." + reason; "suspension.scheduled" "caps.toml"'
        words = {"suspension.scheduled"}
        self.assertEqual(list(check_reasons({"a.cpp": given}, states, words)), [])
        for text, what in [(given + ' "caps.month"', "caps.month"), (given.replace("caps.week", "x"), "caps.week"),
                           (given.replace('"ladder.step"', ""), "ladder.step"),
                           (given.replace('"suspension."', ""), "suspension.fraud"),
                           (given + ' "suspension.other"', "suspension.other")]:
            found = list(check_reasons({"a.cpp": text}, states, words))
            self.assertEqual(len(found), 1, text)
            self.assertIn(what, found[0])
        only_read = {"a.cpp": given.replace("caps.day", "x"), "operations/explain.cpp": given}
        self.assertEqual(len(list(check_reasons(only_read, states, words))), 1)

    def test_the_contract_lists_the_names_of_the_code(self):
        vocabulary = ('constexpr std::array event_types = {"credit.changed"sv, "dun.receipt"sv};\n'
                      'constexpr std::array kinds = {"dunning"sv};\nconstexpr std::array credit_states = {"low"sv};\n'
                      'constexpr std::array outcome_types = {"notice.sent"sv};\n')
        event = ('Reader{"seq", [](E& e) { return f(e); }},\n'
                 'Reader{.name = "opt_in", .read = f, .empty_counts = true},\n'
                 'Reader{.name = "status", .read = f,\n .receipts_only = true},\n')
        outcome = 'out.text("to", o.to); out.instant("at", o.at);'
        contract = ("## 2. In\n`credit.changed` `dunning` `low` `seq` `opt_in opt_out`\n"
                    "## 4. Out\n`notice.sent` `to` `at`\n")
        self.assertEqual(list(check_contract(contract, vocabulary, event, outcome)), [])
        for word in ["credit.changed", "dunning", "low", "seq", "opt_in", "notice.sent", "to", "at"]:
            found = list(check_contract(contract.replace(f"`{word}", "`x"), vocabulary, event, outcome))
            self.assertEqual(len(found), 1, word)
            self.assertTrue(found[0].endswith(" " + word), found)
        self.assertNotEqual(list(check_contract(contract, "", "", "")), [])


if __name__ == "__main__":
    unittest.main()
