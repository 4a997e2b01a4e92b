"""The log as an auditor sees it: questions, proofs, an export, and what a changed byte does."""

import pathlib
import shutil
import tempfile

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


if __name__ == "__main__":
    harness.main()
