"""The policy text for people: its page, its table and back, its records, its explanations; no broker."""

import csv
import io
import json

import harness

TEMPLATE = harness.ROOT / "deploy" / "policy" / "template.textproto"


class policy_papers(harness.SystemTest):
    start_broker = False
    own_broker = True

    def setUp(self):
        """No broker: these commands ask none."""

    def policy(self, *words, stdin=None):
        return harness.run([harness.BIN / "cairn", "policy", *words], stdin=stdin and stdin.encode())

    def good(self, *words, stdin=None):
        done = self.policy(*words, stdin=stdin)
        self.assertEqual(done.code, 0, str(done))
        return done

    def table(self):
        return list(csv.reader(io.StringIO(self.good("render", TEMPLATE, "--csv", "-").out, newline="")))

    def imported(self, rows):
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        return self.policy("import", "-", "--base", TEMPLATE, stdin=out.getvalue())

    def test_a_table_goes_through_another_program_and_back(self):
        rows = self.table()
        self.assertEqual(len(rows), 181)
        self.assertEqual({len(r) for r in rows}, {21})
        same = self.imported(rows)
        self.assertEqual((same.code, same.err), (0, ""), str(same))
        # One edit, said by its number; a rule left out is said loudly.
        rows[5][rows[0].index("title")] = "Another title"
        gone = rows.pop(7)
        changed = self.imported(rows)
        self.assertEqual(changed.code, 0, str(changed))
        self.assertIn(f"changed  rule {rows[5][0]} Another title", changed.err)
        self.assertIn(f"GONE     rule {gone[0]} ", changed.err)
        self.assertEqual(len(changed.err.splitlines()), 2)
        check = self.good("check", "-", stdin=changed.out)
        self.assertIn("179 rules", check.out)

    def test_a_bad_table_names_cell_and_remedy_and_writes_nothing(self):
        rows = self.table()
        rows[3][rows[0].index("tier")] = "musst"
        file = harness.SCRATCH / "policy_papers.textproto"
        file.unlink(missing_ok=True)
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        done = self.policy("import", "-", "--base", TEMPLATE, "--out", file, stdin=out.getvalue())
        self.assertEqual(done.code, 65, str(done))
        self.assertIn("row 4, column tier (C4): not known; the nearest is must", done.err)
        self.assertFalse(file.exists())
        rows = self.table()
        rows[2][1] = "=HYPERLINK(1)"
        self.assertIn("(B3): a formula", self.imported(rows).err)
        rows = self.table()
        rows[2] = rows[2][:4]
        self.assertIn("row 3, column subjects (E3): 4 cells", self.imported(rows).err)

    def test_why_a_cell_is_hidden_and_what_would_change_it(self):
        point = ["--category", "conviction", "--subject", "carer", "--role", "front_door", "--purpose",
                 "s47", "--risk", "significant_harm", "--flag", "relevant_conviction", "--flag", "detriment"]
        said = json.loads(self.good("explain", TEMPLATE, *point, "-o", "json").out)
        self.assertEqual((said["form"], said["rule"]), ("masked", 280))
        self.assertEqual(said["opens"], [{"flip": ["detriment"], "form": "full", "rule": 110}])
        words = self.good("explain", TEMPLATE, *point).out
        for line in ("desk", "sender", "auditor"):
            self.assertIn(said[{"desk": "recipient"}.get(line, line)], words)
        bad = self.policy("explain", TEMPLATE, *point[:-1], "detrement")
        self.assertEqual(bad.code, 64, str(bad))
        self.assertIn("--flag: not known; the nearest is detriment", bad.err)

    def test_the_records_are_made_of_the_text_in_use(self):
        for word, title in (("ropa", "# Record of processing"), ("apd", "# Appropriate policy")):
            text = self.good(word, TEMPLATE).out
            self.assertTrue(text.startswith(title), text[:100])
            self.assertIn("To be filled in by", text)
        self.assertEqual(self.policy("ropa", "/nowhere").code, 66)
        broken = TEMPLATE.read_text().replace("TIER_BAR", "TIER_BAAR", 1)
        done = self.policy("apd", "-", stdin=broken)
        self.assertEqual(done.code, 78, str(done))
        self.assertIn("line ", done.err)

    def test_a_page_asked_for_without_a_place_is_refused(self):
        self.assertEqual(self.policy("render", TEMPLATE).code, 64)


if __name__ == "__main__":
    harness.main()
