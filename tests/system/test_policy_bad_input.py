"""What an author or officer reads who made a mistake: file, line, column, what is wrong, and how it is
mended; at the command line, no broker asked."""

import csv
import io
import re

import harness

TEMPLATE = harness.ROOT / "deploy" / "policy" / "template.textproto"
CASES = harness.ROOT / "deploy" / "policy" / "template.cases.textproto"
LIMIT = 1024 * 1024
# A must that asks for what rule 10 bars wherever it speaks.
BARRED = """
rules {
  number: 199  title: "All intelligence to the hub"  tier: TIER_MUST
  categories: [CATEGORY_INTELLIGENCE]  subjects: [SUBJECT_CHILD]  roles: [ROLE_ED]  purposes: [PURPOSE_S47]
  unless: [FLAG_RELEASED, FLAG_STATUTORY_BAR]
  form: FORM_FULL  reason: REASON_MUST_SHARE  routes: [LAWFUL_BASIS_6E, LAWFUL_BASIS_P3]
  sentence: "s"  authority: "a"  owner: "o"  in_force: "2025-01-01"  review_by: "2027-06-30"
}
"""


class Asked(harness.SystemTest):
    start_broker = False
    own_broker = True

    def setUp(self):
        """No broker: these commands ask none."""
        self.folder = harness.SCRATCH / f"policy_bad_input.{self._testMethodName}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.text = TEMPLATE.read_text()

    def policy(self, *words):
        return harness.run([harness.BIN / "cairn", "policy", *words])

    def written(self, name, content):
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def changed(self, after, what, by):
        at = self.text.index(what, self.text.index(after))
        return self.text[:at] + by + self.text[at + len(what):]

    def place(self, text, what, after=""):
        at = text.index(what, text.index(after))
        return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)

    def refused(self, done, code, file, where, *words):
        """Asserts what is printed: file, place, each of the words, and a next step."""
        self.assertEqual((done.code, done.out), (code, ""), str(done))
        self.assertIn(f"{file}, {where}: ", done.err)
        for word in words:
            self.assertIn(word, done.err)
        self.assertRegex(done.err, r"(?m)^  next: [A-Z]")

    def text_refused(self, text, at, *words):
        file = self.written("p.textproto", text)
        line, column = at
        self.refused(self.policy("check", file), 78, file, f"line {line}, column {column}", *words)


class a_text(Asked):
    def test_a_typo_names_the_nearest_field(self):
        text = self.changed("number: 310", "categories:", "categorys:")
        line, _ = self.place(text, "categorys:")
        done = self.policy("check", self.written("p.textproto", text))
        self.assertEqual(done.code, 78, str(done))
        self.assertRegex(done.err, rf"p\.textproto, line {line}, column \d+: .*categorys.*Nearest: categories\.")

    def test_an_unknown_category_names_the_nearest(self):
        text = self.changed("number: 360", "CATEGORY_HEALTH", "CATEGORY_HELTH")
        line, _ = self.place(text, "CATEGORY_HELTH")
        done = self.policy("check", self.written("p.textproto", text))
        self.assertEqual(done.code, 78, str(done))
        self.assertRegex(done.err, rf"p\.textproto, line {line}, column \d+: .*Nearest: CATEGORY_HEALTH\.")

    def test_a_duplicate_number_is_told_where_it_stands_again(self):
        text = self.changed("number: 311", "number: 311", "number: 310")
        first = text.index("number: 310")
        second = text.index("number: 310", first + 1)
        at = text.count("\n", 0, second) + 1, second - text.rfind("\n", 0, second)
        self.text_refused(text, at, "rule 310: another rule has this number", "give it one that no rule ever had")

    def test_a_review_in_the_past_is_a_warning_with_whom_to_ask(self):
        text = self.changed("number: 310", 'review_by: "2027-06-30"', 'review_by: "2025-06-30"')
        line, column = self.place(text, 'review_by: "2025-06-30"')
        file = self.written("p.textproto", text)
        done = self.policy("check", file)
        self.assertEqual(done.code, 0, str(done))
        self.assertIn(
            f"cairn: warning: {file}, line {line}, column {column}: rule 310 was to be read again by "
            "2025-06-30: ", done.err)
        self.assertIn(" reads it and sets the next day", done.err)

    def test_a_review_before_the_rule_began_is_refused_at_the_day(self):
        text = self.changed("number: 310", 'review_by: "2027-06-30"', 'review_by: "2024-06-30"')
        self.text_refused(text, self.place(text, 'review_by: "2024-06-30"'),
                          "rule 310: review_by is before in_force", "give a later day")

    def test_a_must_that_bars_stand_over_everywhere_is_refused_at_its_row(self):
        text = self.text + BARRED
        self.text_refused(text, self.place(text, BARRED.strip()), "rule 199: must show what rule",
                          "rule 10", "bars everywhere", "narrow the bar, or take the must out")

    def test_a_must_and_a_bar_that_meet_are_both_named_by_lint_with_what_mends_it(self):
        # Of what is released, too: so it is not barred everywhere, and without promises nothing is refused.
        text = self.text[:self.text.index("\ninvariants {")] + BARRED.replace("FLAG_RELEASED, ", "")
        file = self.written("p.textproto", text)
        self.assertEqual(self.policy("check", file).code, 0)
        bar = self.place(text, "rules {\n  number: 10\n")[0]
        must = self.place(text, "rules {\n  number: 199 ")[0]
        done = self.policy("lint", file)
        self.assertEqual(done.code, 0, str(done))
        self.assertIn(
            f'{file}, line {bar}, column 1: note: barred: rule 10 "Intelligence not released" bars what is owed by '
            f'rule 199 "All intelligence to the hub" (line {must}, column 1), where they meet; narrow the bar, or say '
            "in the must rule by unless where it is not owed; leave both where the law bars it\n", done.out)

    def test_a_rule_without_authority_says_what_to_write(self):
        text = self.changed("number: 313", "  authority:", "  approver:")
        row = text.rindex("rules {", 0, text.index("number: 313"))
        at = text.count("\n", 0, row) + 1, 1
        self.text_refused(text, at, "rule 313: authority is missing: name the section and paragraph")

    def test_ten_megabytes_are_refused_where_the_limit_is_passed(self):
        text = self.text + "# and so on\n" * 900_000
        self.assertGreater(len(text), 10_000_000)
        before = text.encode()[:LIMIT]
        at = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        self.text_refused(text, at, f"longer than {LIMIT} bytes", "is it the right file?")

    def test_an_empty_text_and_one_without_rules(self):
        self.text_refused("# nothing yet\n", (1, 1), "says nothing")
        self.text_refused('version: "1"\nvalid_until: "2099-01-01"\n', (1, 1), "there are no rules")


class a_table(Asked):
    """A CSV file on its way back from a spreadsheet."""

    def setUp(self):
        super().setUp()
        done = self.policy("render", TEMPLATE, "--csv", "-")
        self.assertEqual(done.code, 0, str(done))
        self.rows = list(csv.reader(io.StringIO(done.out, newline="")))

    def table(self):
        out = io.StringIO(newline="")
        csv.writer(out).writerows(self.rows)
        return out.getvalue()

    def imported(self, content):
        self.file = self.written("t.csv", content)
        return self.policy("import", self.file, "--base", TEMPLATE)

    def cell(self, row, name, value):
        self.rows[row][self.rows[0].index(name)] = value
        column = chr(ord("A") + self.rows[0].index(name))
        return f"row {row + 1}, column {name} ({column}{row + 1})"

    def test_a_merged_cell(self):
        where = self.cell(5, "tier", "")
        self.refused(self.imported(self.table()), 65, self.file, where, "was it merged with the cell above?")
        self.rows[5] = self.rows[5][:4]
        self.refused(self.imported(self.table()), 65, self.file, "row 6, column subjects (E6)",
                     "take merged cells apart")

    def test_a_byte_order_mark_is_skipped_and_utf_16_refused(self):
        good = self.imported(b"\xef\xbb\xbf" + self.table().encode())
        self.assertEqual((good.code, good.err), (0, ""), str(good))
        self.refused(self.imported(self.table().encode("utf-16")), 65, self.file, "row 1, cell A1",
                     "save it as CSV in UTF-8")

    def test_a_formula(self):
        where = self.cell(3, "title", "=HYPERLINK(1)")
        self.refused(self.imported(self.table()), 65, self.file, where,
                     "a formula: write plain text, or an apostrophe first")

    def test_what_the_text_would_be_refused_for_names_the_cell(self):
        where = self.cell(4, "authority", "")
        self.refused(self.imported(self.table()), 78, self.file, where, "authority is missing: name the section")
        self.cell(4, "authority", "x")
        where = self.cell(4, "number", self.rows[1][0])
        self.refused(self.imported(self.table()), 78, self.file, where, "another rule has this number")

    def test_a_typo_and_an_unknown_category(self):
        where = self.cell(6, "categories", "helth")
        self.refused(self.imported(self.table()), 65, self.file, where, "the nearest is health")
        self.rows[0][3] = "kategories"
        self.refused(self.imported(self.table()), 65, self.file, "row 1, column header (D1)", "no such column")

    def test_ten_megabytes(self):
        self.cell(2, "sentence", "x" * 10_000_000)
        done = self.imported(self.table())
        self.assertRegex(done.err, r"t\.csv, line \d+, column \d+: longer than 1048576 bytes")
        self.assertEqual(done.code, 65, str(done))


class a_file_of_cases(Asked):
    def asked(self, content):
        self.file = self.written("c.textproto", content)
        return self.policy("test", TEMPLATE, "--cases", self.file)

    def test_mistakes_are_told_at_their_field(self):
        text = CASES.read_text()
        for what, by, told in (
            ("FORM_FULL", "FORM_MASKED", "reason does not fit the form"),
            ("scenario:", "scenery:", "has no field named"),
            ("CATEGORY_INJURY", "CATEGORY_INJURIES", "Nearest: CATEGORY_INJURY"),
        ):
            with self.subTest(by):
                done = self.asked(text.replace(what, by, 1))
                self.assertEqual((done.code, done.out), (78, ""), str(done))
                self.assertRegex(done.err, r"c\.textproto, line \d+, column \d+: .*" + re.escape(told))
        first = text[text.index("cases {"):text.index("\n}\n") + 3]
        self.refused(self.asked(first + first), 78, self.file, f"line {first.count(chr(10)) + 2}, column 3",
                     "another case has this name: say how it differs")

    def test_none_and_too_many(self):
        self.refused(self.asked("# none\n"), 78, self.file, "line 1, column 1", "begin with cases { }")
        self.refused(self.asked("cases {}\n" * 5001), 78, self.file, "line 5001, column 1",
                     "more than 5000 cases: put these into another file")
        self.refused(self.asked("}" * 10_000_000), 78, self.file, f"line 1, column {LIMIT + 1}",
                     f"longer than {LIMIT} bytes")


if __name__ == "__main__":
    harness.main()
