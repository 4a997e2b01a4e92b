import hashlib
import unittest

from planted import planted_tree

import docs

ADR = "# 1. A\n\n## Context\n\nx\n\n## Decision\n\nx\n\n## Consequences\n\nx\n\n## Rejected\n\nx\n"


class pages(planted_tree):
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
        self.plant("tests/unit/certs/a_test.cpp", 'TEST_CASE("one thing") {\n}\n')
        rows = [f"| {n} | words | `certs: one thing` |" for n in range(1, 17)]
        page = "x\n## Invariants\n\n| n | what | test |\n|---|---|---|\n{}\n\n## More\n"
        self.plant("docs/ARCHITECTURE.md", page.format("\n".join(rows)))
        self.assert_clean(docs.check)
        self.plant("docs/ARCHITECTURE.md", page.format("\n".join(rows[:15])))
        self.assert_found(docs.check, "docs/ARCHITECTURE.md:1", "rows 1 to 16")
        rows[4] = "| 5 | words | not yet |"
        self.plant("docs/ARCHITECTURE.md", page.format("\n".join(rows)))
        self.assert_found(docs.check, "docs/ARCHITECTURE.md:1", "invariant 5 names no test")
        rows[4] = "| 5 | words | `certs: another thing` |"
        self.plant("docs/ARCHITECTURE.md", page.format("\n".join(rows)))
        self.assert_found(docs.check, "docs/ARCHITECTURE.md:10", "certs: another thing")

    def test_an_adr_without_a_part_or_too_long(self):
        self.plant("docs/adr/0001-a.md", ADR)
        self.assert_clean(docs.check)
        self.plant("docs/adr/0001-a.md", ADR.replace("## Rejected", "Rejected"))
        self.assert_found(docs.check, "docs/adr/0001-a.md:1", "no part Rejected")
        self.plant("docs/adr/0001-a.md", ADR + "x\n" * 50)
        self.assert_found(docs.check, "docs/adr/0001-a.md:1", "60 lines")

    def test_an_adr_s_number_is_its_own(self):
        self.plant("docs/adr/0002-a.md", ADR)
        self.assert_clean(docs.check)
        self.plant("docs/adr/0002-b.md", ADR)
        self.assert_found(docs.check, "docs/adr:1", "twice")

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
