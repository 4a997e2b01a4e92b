import hashlib
import os
import unittest
import unittest.mock

from planted import planted_tree

import docs

ADR = "# 1. A\n\n## Context\n\nx\n\n## Decision\n\nx\n\n## Consequences\n\nx\n\n## Rejected\n\nx\n"


INVARIANTS = "x\n## Invariants\n\n| n | what | test |\n|---|---|---|\n{}\n\n## More\n"
ROWS = tuple(f"| {n} | words | `certs: one thing` |" for n in range(1, 17))
DEPENDENCIES = "| tool | packages | for |\n|---|---|---|\n| a, b | `aa` `lib-b1.81+x` | `words` |\n"


class pages(planted_tree):
    def setUp(self):
        super().setUp()
        for given in docs.GIVEN:
            self.plant(given + "a.md" if given.endswith("/") else given, "words\n")
        self.plant("tests/unit/certs/a_test.cpp", 'TEST_CASE("one thing") {\n}\n')
        self.plant("docs/ARCHITECTURE.md", INVARIANTS.format("\n".join(ROWS)))
        self.plant("docs/DEPENDENCIES.md", DEPENDENCIES)
        self.plant("tools/packages.txt", "# words\naa\nlib-b1.81+x\n")

    def test_nothing_planted_is_wrong(self):
        self.assert_clean(docs.check)

    def test_what_readers_look_for_is_there_and_says_something(self):
        for given in docs.GIVEN:
            path = given + "a.md" if given.endswith("/") else given
            with self.subTest(given):
                full = os.path.join(self.root, path)
                with open(full, encoding="utf-8") as f:
                    before = f.read()
                os.remove(full)
                self.assert_found(docs.check, given + ":1", "missing or empty")
                self.plant(path, " \n\n")
                problems, _ = docs.check(self.root)
                self.assertIn(f"{given}:1: docs: missing or empty", problems[-1])
                self.plant(path, before)
        self.assert_clean(docs.check)

    def test_a_package_without_its_reason(self):
        self.plant("tools/packages.txt", "# words\naa\nlib-b1.81+x\nnew\n")
        self.assert_found(docs.check, "tools/packages.txt:4", "no reason for new")
        # Not by a word elsewhere in the page.
        self.plant("docs/DEPENDENCIES.md", DEPENDENCIES + "| b | | `new` |\n\n`new`\n")
        self.assert_found(docs.check, "tools/packages.txt:4", "in the column packages")
        self.plant("docs/DEPENDENCIES.md", DEPENDENCIES + "| b | `new` | |\n")
        self.assert_clean(docs.check)

    def test_a_reason_without_its_package(self):
        self.plant("tools/packages.txt", "aa\n#lib-b1.81+x\n")
        self.assert_found(docs.check, "docs/DEPENDENCIES.md:3", "lib-b1.81+x is not in")

    def test_a_link_to_nowhere(self):
        self.plant("docs/a.md", "See [b](b.md), [c](../c.md#x), `[d](e)`, [w](https://w.uk).\n")
        self.plant("c.md", "x\n")
        self.assert_found(docs.check, "docs/a.md:1", "no such file: b.md")

    def test_a_named_test_that_is_not_there(self):
        self.plant("tests/unit/certs/a_test.cpp", 'TEST_CASE("one "\n          "thing") {\n}\n')
        self.plant("docs/THREAT_MODEL.md", "`certs: one thing`, not yet\n")
        self.assert_clean(docs.check)
        self.plant("docs/THREAT_MODEL.md", "x\n`certs: another thing`\n")
        self.assert_found(docs.check, "docs/THREAT_MODEL.md:2", "certs: another thing")

    def test_a_python_test_is_named_by_its_module_and_method(self):
        self.plant("tests/system/test_kill.py", "class k:\n    def test_nothing_is_lost(self):\n")
        self.plant("tests/docs/demo_test.py", "class d:\n    def test_it_ends(self):\n")
        self.plant("docs/THREAT_MODEL.md",
                   "`system: kill: nothing is lost`, `docs: demo: it ends`, `tools: layers`\n")
        self.assert_clean(docs.check)
        self.plant("docs/THREAT_MODEL.md", "`system: kill: nothing at all is lost`\n")
        self.assert_found(docs.check, "docs/THREAT_MODEL.md:1", "nothing at all is lost")

    def test_an_invariant_without_a_test(self):
        rows = list(ROWS)
        self.plant("docs/ARCHITECTURE.md", INVARIANTS.format("\n".join(rows[:15])))
        self.assert_found(docs.check, "docs/ARCHITECTURE.md:1", "rows 1 to 16")
        rows[4] = "| 5 | words | not yet |"
        self.plant("docs/ARCHITECTURE.md", INVARIANTS.format("\n".join(rows)))
        self.assert_found(docs.check, "docs/ARCHITECTURE.md:1", "invariant 5 names no test")
        rows[4] = "| 5 | words | `certs: another thing` |"
        self.plant("docs/ARCHITECTURE.md", INVARIANTS.format("\n".join(rows)))
        self.assert_found(docs.check, "docs/ARCHITECTURE.md:10", "certs: another thing")

    def test_an_adr_without_a_part_or_too_long(self):
        self.plant("docs/adr/0001-a.md", ADR)
        self.assert_clean(docs.check)
        self.plant("docs/adr/0001-a.md", ADR.replace("## Rejected", "Rejected"))
        self.assert_found(docs.check, "docs/adr/0001-a.md:1", "no part Rejected")
        self.plant("docs/adr/0001-a.md", ADR + "x\n" * 50)
        self.assert_found(docs.check, "docs/adr/0001-a.md:1", "60 lines")

    def test_an_adr_s_number_is_its_own(self):
        self.plant("docs/adr/0001-a.md", ADR)
        self.plant("docs/adr/0002-a.md", ADR)
        self.assert_clean(docs.check)
        self.plant("docs/adr/0002-b.md", ADR)
        self.assert_found(docs.check, "docs/adr:1", "0002 is given twice: the later decision takes 0003")

    def test_a_missing_number_is_named_and_what_to_do_about_it(self):
        self.plant("docs/adr/0001-a.md", ADR)
        self.plant("docs/adr/0003-a.md", ADR)
        self.assert_found(docs.check, "docs/adr:1",
                          "0002 is missing: give it to the next decision, or keep it free in KEPT_FREE")
        with unittest.mock.patch.object(docs, "KEPT_FREE", {2}):
            self.assert_clean(docs.check)
            self.plant("docs/adr/0002-a.md", ADR)
            self.assert_found(docs.check, "docs/adr:1", "0002 is taken now")

    def test_a_schema_that_no_adr_allows(self):
        self.plant("tests/golden/cairn.v1.txt", "message A\n")
        self.assert_found(docs.check, "tests/golden/cairn.v1.txt:1", "no ADR allows this set")
        digest = hashlib.sha256(b"message A\n").hexdigest()
        self.plant("docs/adr/0001-a.md", ADR + f"frozen set `{digest}`\n")
        self.assert_clean(docs.check)
        # Whichever ADR names it: numbers are handed out before the work is done.
        self.plant("docs/adr/0002-a.md", ADR + f"frozen set `{'0' * 64}`\n")
        self.assert_clean(docs.check)
        self.plant("tests/golden/cairn.v1.txt", "message B\n")
        self.assert_found(docs.check, "tests/golden/cairn.v1.txt:1", "no ADR allows this set")


if __name__ == "__main__":
    unittest.main()
