"""A policy and a configuration that are not as they should be: what is wrong is said by line and name, and nothing
is decided by it."""

import re

import harness


class policies(harness.SystemTest):
    """No policy, no disclosure: a text that cannot be used decides nothing. Where one decided before, the last
    good one goes on; where none did, the broker does not start."""

    own_broker = True
    start_broker = False

    def refuses(self, *words):
        """By name before a start; at a start the last good text decides, and the cause is told aloud."""
        done = harness.run([harness.BIN / "cairnd", "--config", self.p.config, "--check"])
        self.assertEqual(done.code, 78, done)
        self.p.start()
        told = [x for x in self.p.daemon.log().splitlines() if '"policy_refused"' in x]
        self.assertEqual(len(told), 1, told)
        because = self.p.status()["policy"]["refusedBecause"]
        for w in words:
            self.assertRegex(done.err, w)
            self.assertRegex(because, w)
        self.assertEqual(self.p.stop(), 0)
        return done

    def test_missing(self):
        self.p.policy.unlink()
        self.refuses("policy", re.escape("policy.textproto"))

    def test_empty(self):
        self.p.policy.write_text("")
        self.refuses("policy")

    def test_cut_in_half(self):
        text = self.p.policy.read_text()
        half = text[: len(text) // 2]
        self.p.policy.write_text(half)
        done = self.refuses("policy")
        line = re.search(r"(?:line |:)(\d+)", done.err)
        self.assertIsNotNone(line, done)
        self.assertLessEqual(int(line[1]), half.count("\n") + 2)

    def test_a_first_start_has_no_last_good_text_to_decide_by(self):
        causes = {
            "missing": r"no policy in force \(\S+policy\.textproto\)",
            "empty": r"no policy in force \(\S+policy\.textproto, line 1, column 1: the file says nothing\)",
            "cut in half": r"not valid \(\S+policy\.textproto, line \d+, column \d+: ",
        }
        for spoiled, cause in causes.items():
            with self.subTest(spoiled):
                p = harness.Partnership(self.p.folder / spoiled.replace(" ", "-")).init()
                text = p.policy.read_text()
                if spoiled == "missing":
                    p.policy.unlink()
                else:
                    p.policy.write_text(text[: len(text) // 2] if spoiled == "cut in half" else "")
                done = p.try_start()
                self.assertEqual(done.code, 78, done)
                self.assertRegex(done.err, cause)
                self.assertRegex(done.err, r"\n  next: +\S")
                p.policy.write_text(text)
                p.start()
                # What was refused before anything ran is on record all the same.
                past = p.good("admin", "-o", "json", "policy", "history").json()["versions"]
                self.assertEqual([v["event"] for v in past], ["activated", "refused"])
                self.assertEqual("digest" in past[1], spoiled != "missing", "of a text that is there")
                self.assertEqual(p.stop(), 0)

    def test_a_misspelt_field_is_named_with_its_line(self):
        lines = self.p.policy.read_text().splitlines()
        at = next(i for i, x in enumerate(lines) if x.strip().startswith("tier:"))
        lines[at] = lines[at].replace("tier:", "teir:")
        self.p.policy.write_text("\n".join(lines))
        self.refuses("teir", rf"(?:line |:){at + 1}\b")

    def test_two_rules_of_one_number(self):
        text = self.p.policy.read_text()
        self.assertIn("number: 101\n", text)
        self.p.policy.write_text(text.replace("number: 101\n", "number: 100\n", 1))
        self.refuses("100")

    def test_a_rule_against_the_final_list(self):
        """No text opens a protected address to the front door."""
        text = self.p.policy.read_text()
        rule = re.search(r"rules \{\n  number: 100\n.*?\n\}\n", text, re.S)[0]
        opened = rule.replace("number: 100", "number: 198").replace(
            "CATEGORY_CONTACT", "CATEGORY_CONTACT, CATEGORY_PROTECTED_ADDRESS"
        )
        self.p.policy.write_text(text + opened)
        self.refuses(
            r"contradicts itself \(\S+policy\.textproto, line \d+, column \d+: rule 198: would open a protected address"
        )

    def test_expired(self):
        text = self.p.policy.read_text()
        self.p.policy.write_text(re.sub(r'valid_until: "[^"]+"', 'valid_until: "2020-01-01"', text))
        self.refuses("expired")

    def test_a_kind_that_reaches_no_desk(self):
        text = self.p.policy.read_text()
        start = text.index("\nrouting {")
        rules = re.findall(r"\nrouting \{\n.*?\n\}\n", text[start:], re.S)
        dropped = [r for r in rules if "CONCERN_KIND_INFORMATION_REQUEST" in r]
        for r in dropped:
            text = text.replace(r, "\n")
        self.p.policy.write_text(text)
        self.refuses("(?i)information.request|route")


class configuration(harness.SystemTest):
    """One strict file."""

    own_broker = True
    start_broker = False

    def check(self, old, new):
        text = self.p.config.read_text()
        self.assertIn(old, text)
        self.p.config.write_text(text.replace(old, new))
        return harness.run([harness.BIN / "cairnd", "--config", self.p.config, "--check"])

    def test_an_unknown_key_names_the_nearest_and_the_line(self):
        done = self.check("\npolicy = ", "\npolcy = ")
        self.assertEqual(done.code, 78, done)
        self.assertRegex(done.err, r"cairnd\.toml:\d+: polcy, nearest is policy")

    def test_a_value_of_the_wrong_kind(self):
        done = self.check("port = 0\nthreads", 'port = "many"\nthreads')
        self.assertEqual(done.code, 78, done)
        self.assertRegex(done.err, r"cairnd\.toml:\d+: listen\.port must be a number")

    def test_a_missing_key(self):
        done = self.check('data = "data"\n', "")
        self.assertEqual(done.code, 78, done)
        self.assertIn("data is missing", done.err)

    def test_text_that_is_no_toml(self):
        done = self.check("[listen]", "[listen")
        self.assertEqual(done.code, 78, done)
        self.assertRegex(done.err, r"cairnd\.toml:\d+")

    def test_no_file(self):
        done = harness.run([harness.BIN / "cairnd", "--config", self.p.folder / "nowhere.toml"])
        self.assertEqual(done.code, 78, done)
        self.assertIn("nowhere.toml", done.err)

    def test_a_port_that_is_taken(self):
        self.p.start()
        other = harness.Partnership(self.p.folder / "other").init(**{"--port": str(self.p.port)})
        done = other.try_start()
        self.assertNotIn(done.code, (0, -6, -11), done)
        self.assertRegex(done.err, "(?i)address already in use|in use")
        self.assertEqual(self.p.stop(), 0)


if __name__ == "__main__":
    harness.main()
