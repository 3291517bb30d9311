#!/usr/bin/env python3
"""Holds documents and code to each other: what is cited exists, links resolve, lists of names are those of the code.

usage: check_documents.py ROOT

Prints FILE:LINE: MESSAGE for each place that is wrong, and exits with 1 if there was one. docs/README.md says how code
cites documents.
"""

import pathlib
import re
import sys

CODE = ["base", "domain", "policies", "messages", "async", "scheduler", "redis", "gateways", "ledger", "operations",
        "console", "config", "tools", "tests", "bench", "cmake"]
SUFFIXES = {".cpp", ".hpp", ".py", ".toml", ".txt", ".cmake", ".proto", ""}
# Where reasons are given; other folders hold keys of the same form, and wrong names on purpose.
REASONS_FROM = ["policies/**/*", "scheduler/**/*", "redis/*", "operations/*", "tools/*"]
# Knows them, and gives none.
READS_REASONS = ["operations/explain.cpp"]

# Documents with rows that are cited by a letter and a number.
ROWS = {"E": "docs/edge_cases.md", "D": "docs/field_cases.md", "S": "docs/field_cases.md", "U": "docs/field_cases.md",
        "C": "docs/field_cases.md"}

ROW_ID = r"([EDSUC])([1-9]\d?)"
CITED_ROW = re.compile(rf"(?<![\w%.:/\\-]){ROW_ID}(?![\w%\"])")
CITED_RANGE = re.compile(rf"(?<!\w){ROW_ID}(?:-| to ){ROW_ID}(?!\w)")
NAMED_ROW = re.compile(rf"(?:\bdef |\bTEST\w*\(\w+, *)((?:{ROW_ID}_)+)")
CITED_SECTION = re.compile(r"\bcontract,? section (\d+)", re.IGNORECASE)
CITED_PRINCIPLE = re.compile(r"\bdesign, principle (\d+)", re.IGNORECASE)
CITED_PART = re.compile(r'\bdesign, "([^"]+)"', re.IGNORECASE)
CITED_ADR = re.compile(r"\bADR (\d{4})\b")
CITED_FILE = re.compile(r"\bdocs/[\w/-]+\.(?:md|json)\b|(?<![\w/.-])[A-Z][A-Z_-]+\.md\b")
# Documents are cited by what they are called, see docs/README.md.
SHOUTED = re.compile(r"\b(?:CONTRACT|DESIGN|EDGE-CASES|FIELD-CASES)\b(?!\.md)")

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
TEST_NAME = re.compile(r"`((?:[A-Z]\w+|integration|layering)\.(?!md`|json`)(?:\w+\*?|\*))`")
GTEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST)\(\s*(\w+),\s*(\w+)\)")


# ------------------------------------------------------------------------------------------------- what there is


def rows_of(text):
    """The ids of the rows of all tables: `| E12 | ...`."""
    return set(re.findall(r"^\| ([EDSUC]\d+) \|", text, re.MULTILINE))


def headings_of(text):
    """Titles, without code blocks."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [title.strip() for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]


def anchor_of(title):
    """As GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", title).lower())
    return kept.replace(" ", "-")


def sections_of(text):
    return set(re.findall(r"^## (\d+)\. ", text, re.MULTILINE))


def principles_of(text):
    part = re.search(r"^## Principles$(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^(\d+)\. ", part.group(1), re.MULTILINE)) if part else set()


# --------------------------------------------------------------------------------------------------- what is cited


def is_comment(line, suffix):
    stripped = line.strip()
    if suffix in (".cpp", ".hpp", ".proto"):
        return stripped.startswith("//")
    return stripped.startswith("#") and not stripped.startswith("#!")


def comments(lines, suffix):
    """Yields (number of the first line, text) of each comment, the lines of one put together, of docstrings too."""
    marker = re.compile(r"^\s*(?:///?<?|#+)\s?")
    block, begins, docstring = [], 0, False
    for number, line in enumerate(lines + [""], start=1):
        quotes = line.count('"""') if suffix == ".py" else 0
        inside = docstring or quotes > 0
        docstring ^= quotes % 2 == 1
        if inside or is_comment(line, suffix):
            if not block:
                begins = number
            block.append(line.strip() if inside else marker.sub("", line).strip())
            continue
        if block:
            yield begins, " ".join(block)
            block = []
        behind = re.search(r"\s//+<?\s(.*)$", line) if suffix in (".cpp", ".hpp", ".proto") else None
        if behind:
            yield number, behind.group(1)


def cited_rows(text):
    """Ids of rows in a comment; `E25-E27` and `S5 to S9` name their ends."""
    found = {letter + number for match in CITED_RANGE.finditer(text)
             for letter, number in [match.group(1, 2), match.group(3, 4)]}
    return found | {letter + number for letter, number in CITED_ROW.findall(text)}


class Library:
    """The documents as far as they are cited."""

    def __init__(self, texts):
        """`texts`: path from the root to contents."""
        self.rows = {letter: rows_of(texts.get(path, "")) for letter, path in ROWS.items()}
        self.sections = sections_of(texts.get("docs/contract.md", ""))
        design = texts.get("docs/design.md", "")
        self.principles = principles_of(design)
        self.parts = set(headings_of(design))
        self.adrs = {pathlib.PurePath(path).name[:4] for path in texts if path.startswith("docs/adr/0")}
        self.paths = set(texts)

    def problems_of_rows(self, ids):
        for each in sorted(ids):
            if each not in self.rows[each[0]]:
                yield f"{ROWS[each[0]]} has no row {each}"

    def problems_of(self, text):
        """What a comment cites that is not there."""
        yield from self.problems_of_rows(cited_rows(text))
        for number in CITED_SECTION.findall(text):
            if number not in self.sections:
                yield f"docs/contract.md has no section {number}"
        for number in CITED_PRINCIPLE.findall(text):
            if number not in self.principles:
                yield f"docs/design.md has no principle {number}"
        for title in CITED_PART.findall(text):
            if title not in self.parts:
                yield f'docs/design.md has no section "{title}"'
        for number in CITED_ADR.findall(text):
            if number not in self.adrs:
                yield f"docs/adr has no {number}"
        for path in CITED_FILE.findall(text):
            if path not in self.paths:
                yield f"there is no {path}"
        for name in SHOUTED.findall(text):
            yield f"{name} is not how a document is cited; docs/README.md says how"


def check_code(path, lines, library):
    """Yields (line number, message) for what a source file cites, in comments and in names of tests."""
    suffix = pathlib.PurePath(path).suffix
    for number, text in comments(lines, suffix):
        for problem in library.problems_of(text):
            yield number, problem
    for number, line in enumerate(lines, start=1):
        named = NAMED_ROW.search(line)
        if named:
            for problem in library.problems_of_rows(set(named.group(1).strip("_").split("_"))):
                yield number, problem


# ----------------------------------------------------------------------------------------- links and names of tests


def check_links(path, lines, documents, exists):
    """Yields (line number, message) for relative links of a document; `exists` answers for paths from the root."""
    here = pathlib.PurePosixPath(path).parent
    for number, line in enumerate(lines, start=1):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            full = resolved(here / file) if file else path
            if not exists(full):
                yield number, f"the link {target} leads nowhere"
            elif anchor and anchor not in {anchor_of(title) for title in headings_of(documents.get(full, ""))}:
                yield number, f"{full} has no heading for #{anchor}"


def resolved(path):
    parts = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def check_test_names(lines, tests):
    """Yields (line number, message) for names of tests in a document that no test has; `*` stands for any ending."""
    for number, line in enumerate(lines, start=1):
        for name in TEST_NAME.findall(line):
            beginning = name.removesuffix("*")
            known = beginning in tests or (name != beginning and any(each.startswith(beginning) for each in tests))
            # Stories that run with several gateways: integration.kill_loops_forgetful.
            variant = name.startswith("integration.") and any(beginning.startswith(each + "_") for each in tests)
            if not known and not variant:
                yield number, f"there is no test {name}"


# --------------------------------------------------------------------------------------------------- lists of names


def reasons_of(states):
    """Ids in docs/states.md, "Reasons": exact ones, and beginnings of those that end in a variable part."""
    part = re.search(r"^## Reasons$(.*?)^## ", states, re.MULTILINE | re.DOTALL)
    exact, open_ended = set(), set()
    for row in re.findall(r"^\| (`[^|]+) \|", part.group(1) if part else "", re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            variable = re.search(r"[A-Z]+$", name)
            (open_ended if variable else exact).add(name[: variable.start()] if variable else name)
    return exact, open_ended


LITERAL = re.compile(r'"([a-z_]+\.(?!ndjson|toml|log|pid)[a-z_]*)"')


def check_reasons(sources, states, words):
    """Yields messages. `sources`: path to text of what gives reasons; `words`: event and outcome types, of the same
    form."""
    exact, open_ended = reasons_of(states)
    families = {name.split(".")[0] for name in exact | open_ended}
    known = {}
    given = set()
    for path, text in sources.items():
        names = {name for name in LITERAL.findall(text) if name.split(".")[0] in families}
        known |= dict.fromkeys(names - known.keys(), path)
        given |= names if path not in READS_REASONS else set()
    begun = {name for name in given if name.endswith(".") or name in open_ended}
    for name, path in sorted(known.items()):
        listed = name in exact or name in open_ended or name in words
        if not listed and not (name.endswith(".") and any(each.startswith(name) for each in exact)):
            yield f"{path}: the reason {name} is not in docs/states.md"
    for name in sorted(exact):
        if name not in given and not any(name.startswith(each) for each in begun):
            yield f"docs/states.md: nothing gives the reason {name}"
    for name in sorted(open_ended):
        if name not in given:
            yield f"docs/states.md: nothing gives reasons that begin with {name}"


def words_of(vocabulary, name):
    """The list `name` of domain/vocabulary.cpp."""
    part = re.search(rf"\b{name} = \{{(.*?)\}};", vocabulary, re.DOTALL)
    return re.findall(r'"([^"]+)"sv', part.group(1)) if part else []


def names_in(text):
    """Everything in backticks, lists taken apart: `notice.sent notice.failed`."""
    return {word for each in re.findall(r"`([^`\n]+)`", text) for word in each.split()}


def check_contract(contract, vocabulary, event, outcome):
    """Yields messages for names of the code that the contract does not list, section by section."""
    parts = dict(re.findall(r"^## (\d+)\. [^\n]*\n(.*?)(?=^## |\Z)", contract, re.MULTILINE | re.DOTALL))
    fields = re.findall(r'Reader\{(?:\.name = )?"(\w+)"(?:(?!Reader\{).)*?\}', event, re.DOTALL)
    own = re.findall(r'Reader\{\.name = "(\w+)"(?:(?!Reader\{).)*?receipts_only = true\}', event, re.DOTALL)
    wanted = {
        "2": [("event type", word) for word in words_of(vocabulary, "event_types") if not word.startswith("dun.")]
        + [("notice kind", word) for word in words_of(vocabulary, "kinds")]
        + [("credit state", word) for word in words_of(vocabulary, "credit_states")]
        + [("event field", word) for word in fields if word not in own],
        "4": [("outcome type", word) for word in words_of(vocabulary, "outcome_types")]
        + [("outcome field", word) for word in re.findall(r'out\.(?:text|number|instant)\("(\w+)"', outcome)],
    }
    for section, names in wanted.items():
        if not names:
            yield f"nothing to hold section {section} of docs/contract.md to was found in domain/"
        listed = names_in(parts.get(section, ""))
        for what, word in names:
            if word not in listed:
                yield f"docs/contract.md: section {section} does not list the {what} {word}"


# ------------------------------------------------------------------------------------------------------------- main


def read(path):
    return path.read_text(encoding="utf-8")


def sources_below(root):
    """Paths of what people write, without corpora of inputs."""
    for folder in CODE:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and file.suffix in SUFFIXES and not {"corpus", "layering"} & set(file.parts):
                yield file
    yield root / "CMakeLists.txt"


def documents_below(root):
    return {file.relative_to(root).as_posix(): read(file)
            for file in [*sorted((root / "docs").rglob("*")), *sorted(root.glob("*.md"))]
            if file.suffix in (".md", ".json")}


def tests_of(root):
    """Names as ctest has them."""
    stories = (root / "tests/integration").glob("test_*.py")
    tests = {f"integration.{file.stem.removeprefix('test_')}" for file in stories}
    tests |= set(re.findall(r"NAME (layering\.\w+)", read(root / "tests/layering/CMakeLists.txt")))
    for file in (root / "tests").rglob("*.cpp"):
        tests |= {f"{suite}.{name}" for suite, name in GTEST.findall(read(file))}
    return tests


def all_problems(root):
    documents = documents_below(root)
    library = Library(documents)
    for file in sources_below(root):
        path = file.relative_to(root).as_posix()
        for number, problem in check_code(path, read(file).splitlines(), library):
            yield f"{path}:{number}: {problem}"
    tests = tests_of(root)
    for path, text in documents.items():
        if not path.endswith(".md"):
            continue
        lines = text.splitlines()
        found = [*check_links(path, lines, documents, lambda each: (root / each).exists()),
                 *check_test_names(lines, tests),
                 *((number, problem) for number, line in enumerate(lines, start=1)
                   for problem in library.problems_of(line))]
        for number, problem in found:
            yield f"{path}:{number}: {problem}"
    vocabulary = read(root / "domain/vocabulary.cpp")
    words = {*words_of(vocabulary, "event_types"), *words_of(vocabulary, "outcome_types")}
    givers = {file.relative_to(root).as_posix(): read(file) for pattern in REASONS_FROM
              for file in sorted(root.glob(pattern + ".[ch]pp"))}
    yield from check_reasons(givers, documents["docs/states.md"], words)
    yield from check_contract(documents["docs/contract.md"], vocabulary, read(root / "domain/credit_event.cpp"),
                              read(root / "domain/outcome.cpp"))


def citations_in(root):
    """How many rows of documents comments cite: none means that they were not found."""
    return sum(len(cited_rows(text)) for file in sources_below(root)
               for _, text in comments(read(file).splitlines(), file.suffix))


def main(root):
    root = pathlib.Path(root)
    problems = list(all_problems(root))
    for problem in problems:
        print(problem)
    cited = citations_in(root)
    print(f"{cited} citations of rows read, {len(problems)} places where documents and code disagree")
    return 1 if problems or cited == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
