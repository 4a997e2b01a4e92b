"""The log as an auditor sees it: questions, proofs, an export, and what a changed byte does."""

import base64
import hashlib
import json
import pathlib
import re
import shutil
import tempfile
import unittest

import harness
import samples
from harness import BIN, submission
from samples import MASH, NAMED

SUBMIT = "/cairn.v1.Exchange/Submit"


def verify(*arguments):
    return harness.run([BIN / "cairn-verify", *arguments])


class the_log(harness.SystemTest):
    """What an auditor can see and check."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids = []
        for n in range(3):
            answer = cls.p.curl(
                "oakfield", SUBMIT, submission(f"log-key-{n:03}", samples.small([MASH, NAMED]))
            )
            cls.ids.append(answer.json()["concernId"])
        cls.folder = pathlib.Path(tempfile.mkdtemp(dir=harness.workspace()))

    def export(self, name):
        out = self.folder / name
        self.p.good("auditor", "audit", "export", out)
        return out

    def test_search_finds_a_concern_and_is_itself_a_record(self):
        found = self.p.good(
            "auditor", "-o", "json", "audit", "search", "--concern", self.ids[0], "--reason", "test"
        ).json()["records"]
        self.assertEqual([r["kind"] for r in found], ["concern"])
        self.assertEqual(found[0]["concernId"], self.ids[0])
        self.assertIn(MASH, found[0]["parties"])
        queries = self.p.good(
            "auditor", "-o", "json", "audit", "search", "--kind", "query"
        ).json()["records"]
        self.assertTrue(queries)

    def test_show_gives_leaf_proof_and_reasons_and_never_content(self):
        found = self.p.good(
            "auditor", "-o", "json", "audit", "search", "--concern", self.ids[1]
        ).json()["records"][0]
        shown = self.p.good(
            "auditor", "-o", "json", "audit", "show", f'{found["year"]}/{found["index"]}'
        )
        out = shown.json()
        self.assertEqual({d["desk"] for d in out["desks"]}, {MASH, NAMED})
        self.assertRegex(out["leaf"], "^[0-9a-f]+$")
        self.assertNotIn("Tamsin", shown.out)
        proof = self.folder / "shown"
        proof.write_text(out["proof"])
        checked = verify("receipt", proof, "--key", self.p.vkeys)
        self.assertEqual(checked.code, 0, checked)

    def test_only_an_auditor_may_ask(self):
        for who in ("admin", "oakfield", "monitor"):
            done = self.p.cairn(who, "audit", "search", "--concern", self.ids[0])
            self.assertEqual(done.code, 77, done)

    def test_the_log_verifies_online_and_as_an_export(self):
        done = self.p.good("auditor", "audit", "verify")
        self.assertIn("root and signature agree", done.out)
        self.assertEqual(self.p.cairn("auditor", "check", "chain").code, 0)
        folder = self.export("whole")
        good = verify("-o", "json", "log", folder, "--key", self.p.vkeys)
        self.assertEqual(good.code, 0, good)
        self.assertEqual(good.json()["concern"], 3)

    def test_a_flipped_byte_is_found_and_placed(self):
        folder = self.export("flipped")
        bundle = next((folder / "tile" / "entries").rglob("*.p/*"))
        content = bytearray(bundle.read_bytes())
        # Entries stand one after another, each with its length: flip one byte inside the fifth.
        at = 0
        for _ in range(5):
            at += 2 + int.from_bytes(content[at : at + 2], "big")
        content[at + 12] ^= 0x20
        bundle.write_bytes(content)
        bad = verify("log", folder, "--key", self.p.vkeys)
        self.assertEqual(bad.code, 65, bad)
        self.assertIn("record 5", bad.err)

    def test_a_dropped_tail_is_found(self):
        folder = self.export("dropped")
        older = self.export("older")
        shutil.copy(folder / "checkpoint", older / "checkpoint")
        for f in (older / "tile" / "entries").rglob("*.p/*"):
            content = f.read_bytes()
            f.write_bytes(content[: len(content) // 2])
        bad = verify("log", older, "--key", self.p.vkeys)
        self.assertEqual(bad.code, 65, bad)

    def test_a_log_signed_by_another_partnership_is_not_believed(self):
        folder = self.export("foreign")
        other = harness.Partnership(self.folder / "other").init()
        bad = verify("log", folder, "--key", other.vkeys)
        self.assertEqual(bad.code, 65, bad)


    def test_a_search_is_cut_and_goes_on_where_it_was_cut(self):
        def rows(*arguments):
            done = self.p.good("auditor", "audit", "search", "--kind", "concern", *arguments)
            lines = done.out.splitlines()[1:]
            more = [x for x in lines if x.startswith("There may be more")]
            return [x.split()[0] for x in lines if re.match(r"\d+/\d+ ", x)], more

        whole, more = rows()
        self.assertEqual((len(whole), more), (3, []))
        first, more = rows("--max", "2")
        self.assertEqual(first, whole[:2])
        after = re.search(r"--after (\S+)$", more[0])[1]
        self.assertEqual(after, whole[1])
        self.assertEqual(rows("--max", "2", "--after", after)[0], whole[2:])

    def test_a_search_has_times(self):
        def count(*arguments):
            done = self.p.good("auditor", "-o", "json", "audit", "search", "--kind", "concern", *arguments)
            return len(done.json().get("records", []))

        self.assertEqual(count("--from", "2020-01-01"), 3)
        self.assertEqual(count("--until", "2020-01-01T12:30:00Z"), 0)
        self.assertEqual(count("--from", "2020-01-01", "--until", "2099-12-31"), 3)
        for bad in ("yesterday", "2020-13-01", "2020-02-30", "2020-01-01T25:00:00Z", "2020-1-1"):
            done = self.p.cairn("auditor", "audit", "search", "--from", bad)
            self.assertEqual(done.code, 64, done)
            self.assertIn("2026-11-22T09:30:00Z", done.err)
        self.assertEqual(self.p.cairn("auditor", "audit", "search", "--after", "17").code, 64)

    def test_verdicts_are_json_where_json_is_asked_for(self):
        good = self.p.good("auditor", "-o", "json", "audit", "verify").json()
        self.assertRegex(good["origin"], r"^northshire\.example/20\d\d$")
        self.assertGreater(good["size"], 3)
        self.assertEqual(len(base64.b64decode(good["root"])), 32)
        again = self.p.good("auditor", "-o", "json", "audit", "verify").json()
        self.assertGreaterEqual(again["olderSize"], good["size"])
        out = self.folder / "as-json"
        export = self.p.good("auditor", "-o", "json", "audit", "export", out).json()
        self.assertEqual(export["folder"], str(out))
        chain = self.p.good("auditor", "-o", "json", "check", "chain").json()
        self.assertEqual((chain["state"], chain["exit"]), ("OK", 0))

    def test_the_years_key_is_printed_where_it_is_the_pinned_one(self):
        told = self.p.good("auditor", "-o", "json", "audit", "key").json()
        line = self.p.good("auditor", "audit", "key", "--year", told["origin"][-4:]).out
        self.assertEqual(line, told["vkey"] + "\n")
        self.assertTrue(line.startswith(told["origin"] + "+"))
        self.assertEqual(line.strip().split("+", 2)[2], self.p.vkeys.read_text().strip().split("+", 2)[2])
        other = harness.Partnership(self.folder / "other-keys").init()
        keys = self.p.folder / "auditor" / "vkeys"
        good = keys.read_text()
        keys.write_text(other.vkeys.read_text())
        self.assertEqual(self.p.cairn("auditor", "audit", "key").code, 65)
        keys.write_text(good)

    def test_a_year_without_a_log_is_not_there(self):
        year = self.p.good("auditor", "-o", "json", "audit", "verify").json()["origin"][-4:]
        self.p.good("auditor", "audit", "verify", "--year", year)
        for command in (["verify"], ["key"], ["export", self.folder / "never"]):
            done = self.p.cairn("auditor", "audit", *command, "--year", "1999")
            self.assertEqual(done.code, 66, done)
        self.assertFalse((self.folder / "never").exists())


class a_log_that_went_back(harness.SystemTest):
    """The broker's data folder from an older copy: every record verifies, and yet some are gone."""

    own_broker = True

    def send(self, count, first):
        for n in range(first, first + count):
            answer = self.p.curl(
                "oakfield", SUBMIT, submission(f"back-key-{n:03}", samples.small([NAMED]))
            )
            self.accepted(answer)

    def go_back(self):
        """Stops the broker, restores the copy made before, starts it again."""
        self.assertEqual(self.p.stop(), 0)
        shutil.rmtree(self.p.data)
        shutil.copytree(self.older, self.p.data)
        self.p.start()

    def setUp(self):
        super().setUp()
        self.assertEqual(self.p.stop(), 0)
        self.older = self.p.folder.parent / f"{self.p.folder.name}-older"
        shutil.copytree(self.p.data, self.older)
        self.p.start()
        self.send(4, 0)
        self.p.good("auditor", "audit", "verify")
        self.remembered = next((self.p.folder / "auditor").glob("verified-*.checkpoint"))

    def refused(self, done, word):
        self.assertEqual(done.code, 65, done)
        self.assertIn(f"THE LOG {word}", done.err)
        self.assertIn("evidence", done.err)
        self.assertTrue((self.remembered.parent / (self.remembered.name + ".contradicts")).exists())

    def test_a_log_that_grew_is_proved_to_hold_what_was_verified(self):
        before = self.remembered.read_text()
        self.send(2, 10)
        done = self.p.good("auditor", "audit", "verify")
        size = before.splitlines()[1]
        self.assertIn(f"It holds the {size} records verified before", done.out)
        self.assertNotEqual(self.remembered.read_text(), before)

    def test_a_shorter_log_is_told_loudly_every_time(self):
        before = self.remembered.read_text()
        self.go_back()
        self.refused(self.p.cairn("auditor", "audit", "verify"), "SHRANK")
        self.refused(self.p.cairn("auditor", "audit", "verify"), "SHRANK")
        self.assertEqual(self.remembered.read_text(), before, "the older head is kept")
        chain = self.p.cairn("auditor", "check", "chain")
        self.assertEqual(chain.code, 2, chain)
        self.assertIn("CRITICAL", chain.out)
        self.assertIn("THE LOG SHRANK", chain.out)
        told = self.p.cairn("auditor", "-o", "json", "audit", "verify")
        self.assertEqual((told.code, told.out), (65, ""), told)
        self.assertEqual(json.loads(told.err)["symbol"], "log_damaged")

    def test_a_log_that_grew_again_from_an_older_copy_has_forked(self):
        self.go_back()
        self.send(9, 20)
        self.refused(self.p.cairn("auditor", "audit", "verify"), "FORKED")
        # Whoever comes for the first time cannot know.
        self.remembered.unlink()
        self.p.good("auditor", "audit", "verify")

    def test_a_changed_memory_is_not_believed(self):
        text = self.remembered.read_text()
        lines = text.splitlines()
        self.remembered.write_text(text.replace(lines[1], "1", 1))
        done = self.p.cairn("auditor", "audit", "verify")
        self.assertEqual(done.code, 65, done)
        self.assertIn(self.remembered.name, done.err)


@unittest.skipUnless(shutil.which("go"), "no Go compiler")
class the_log_by_foreign_code(harness.SystemTest):
    """Go's own checksum-database code checks what a running broker says of its log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(dir=harness.workspace()))
        cls.program = cls.folder / "foreign"
        built = harness.run([
            "env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", "GOFLAGS=",
            f"GOCACHE={harness.SCRATCH / 'go-cache'}", "go", "build", "-o", cls.program,
            harness.ROOT / "tests" / "unit" / "merkle" / "foreign.go",
        ], patience_s=120)
        assert built.code == 0, built

    def ask(self, method, **body):
        answer = self.p.curl("auditor", f"/cairn.v1.Audit/{method}", json.dumps(body).encode())
        self.assertEqual(answer.status, 200, str(answer))
        return answer.json()

    def setUp(self):
        super().setUp()
        self.put("vkey", self.p.good("auditor", "audit", "key").out)
        older = self.ask("Checkpoint")["checkpoint"]
        sent = self.p.curl(
            "oakfield", SUBMIT, submission(f"go-{self._testMethodName[:50]}", samples.small([MASH, NAMED]))
        )
        sent = self.accepted(sent)
        newer = self.ask("Checkpoint")["checkpoint"]
        self.put("older", older)
        self.put("newer", newer)
        sizes = [int(note.splitlines()[1]) for note in (older, newer)]
        self.assertLess(*sizes)
        proof = self.ask("Consistency", oldSize=sizes[0], newSize=sizes[1])["hashes"]
        self.put("consistency", "\n".join(proof))
        record = self.ask("Search", concernId=sent["concernId"])["records"][0]
        shown = self.ask("Show", year=record["year"], index=record["index"])
        head, _, note = shown["proof"].partition("\n\n")
        lines = head.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("index "))
        self.put("included", note)
        self.put("inclusion", "\n".join(lines[at + 1:]))
        leaf = hashlib.sha256(b"\0" + bytes.fromhex(shown["leaf"])).digest()
        self.put("record", f"{lines[at].split()[1]}\n{base64.b64encode(leaf).decode()}\n")

    def put(self, name, text):
        (self.folder / name).write_text(text)

    def text(self, name):
        return (self.folder / name).read_text()

    def check(self):
        return harness.run([self.program, str(self.folder)])

    def refuses(self, name, changed):
        good = self.text(name)
        self.assertNotEqual(good, changed, name)
        self.put(name, changed)
        done = self.check()
        self.assertEqual((done.code, done.out), (1, ""), f"{name}: {done}")
        self.put(name, good)

    def test_heads_consistency_and_inclusion_are_accepted(self):
        done = self.check()
        self.assertEqual((done.code, done.out), (0, "good\n"), done)

    def test_what_was_changed_is_refused(self):
        for name in ("older", "newer", "included"):
            note = self.text(name)
            stem, _, signature = note.rstrip("\n").rpartition(" ")
            raw = bytearray(base64.b64decode(signature))
            raw[-1] ^= 1
            self.refuses(name, f"{stem} {base64.b64encode(raw).decode()}\n")
            lines = note.splitlines(keepends=True)
            self.refuses(name, "".join([lines[0], f"{int(lines[1]) + 1}\n", *lines[2:]]))
        for name in ("consistency", "inclusion"):
            hashes = self.text(name).split()
            self.refuses(name, "\n".join(hashes[:-1]))
            other = base64.b64encode(bytes(32)).decode()
            self.refuses(name, "\n".join([other, *hashes[1:]]))
        index, leaf = self.text("record").split()
        self.refuses("record", f"{int(index) + 1}\n{leaf}\n")
        self.refuses("record", f"{index}\n{base64.b64encode(bytes(32)).decode()}\n")
        self.assertEqual(self.check().code, 0, "all is as it was again")

    def test_the_older_head_does_not_follow_the_newer_one(self):
        older, newer = self.text("older"), self.text("newer")
        self.put("older", newer)
        self.put("newer", older)
        self.assertEqual(self.check().code, 1)


if __name__ == "__main__":
    harness.main()
