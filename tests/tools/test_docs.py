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

    def test_an_adr_without_a_part_or_too_long(self):
        self.plant("docs/adr/0001-a.md", ADR)
        self.assert_clean(docs.check)
        self.plant("docs/adr/0001-a.md", ADR.replace("## Rejected", "Rejected"))
        self.assert_found(docs.check, "docs/adr/0001-a.md:1", "no part Rejected")
        self.plant("docs/adr/0001-a.md", ADR + "x\n" * 50)
        self.assert_found(docs.check, "docs/adr/0001-a.md:1", "60 lines")

    def test_adrs_count_without_gap(self):
        self.plant("docs/adr/0002-a.md", ADR)
        self.assert_found(docs.check, "docs/adr:1", "gap")
        self.plant("docs/adr/0001-b.md", ADR)
        self.assert_clean(docs.check)

    def test_a_schema_that_no_adr_allows(self):
        self.plant("tests/golden/cairn.v1.txt", "message A\n")
        self.assert_found(docs.check, "tests/golden/cairn.v1.txt:1", "no ADR allows this set")
        digest = hashlib.sha256(b"message A\n").hexdigest()
        self.plant("docs/adr/0001-a.md", ADR + f"frozen set `{digest}`\n")
        self.assert_clean(docs.check)
        # A newer ADR that names another set is the one that counts.
        self.plant("docs/adr/0002-a.md", ADR + f"frozen set `{'0' * 64}`\n")
        self.assert_found(docs.check, "tests/golden/cairn.v1.txt:1", "no ADR allows this set")


if __name__ == "__main__":
    unittest.main()
