"""What comes back of a backup, of a stopped broker and of damaged archives. ADR 21."""

import contextlib
import json
import pathlib
import shutil
import sqlite3

import backing
import harness
from backing import Backups, Restored, submit


class stopped(harness.SystemTest):
    """What a restore refuses, and what it does with a loss."""

    own_broker = True
    start_broker = False

    def setUp(self):
        super().setUp()
        self.b = Backups(self.p)
        self.to = self.p.folder / "restored"

    def run_broker(self, work):
        self.p.start()
        try:
            return work()
        finally:
            self.assertEqual(self.p.stop(), 0)

    def test_a_stopped_broker_is_backed_up_as_well(self):
        report = self.b.make()
        self.assertFalse(report["online"])
        self.b.give_up(report, self.to)
        verified = harness.run(
            [harness.BIN / "cairnd", "--config", self.to / "cairnd.toml", "--verify"]
        )
        self.assertEqual(verified.code, 0, verified)

    def test_a_damaged_ledger_is_not_backed_up(self):
        with contextlib.closing(sqlite3.connect(self.p.data / "ledger.db")) as db, db:
            db.execute("UPDATE record SET recorded_us = recorded_us + 1 WHERE pos % 7 = 3")
        done = harness.run(self.b.command())
        self.assertEqual(done.code, 65, done)
        self.assertIn("log_damaged", done.err)
        self.assertEqual(list(self.b.ledger_to.iterdir()), [])

    def test_damaged_archives_are_refused_with_the_place(self):
        report = self.b.make()
        good = {k: pathlib.Path(report[k]["file"]) for k in ("ledgerArchive", "keysArchive")}
        for path in good.values():
            whole = path.read_bytes()
            for what, bad, words in (
                ("a bit", self.flipped(whole, len(whole) - 40), ("chunk",)),
                ("cut", whole[: len(whole) * 2 // 3], ("chunk",)),
                ("cut in the header", whole[:60], ("header",)),
                ("no archive", b"something else\n", ("header",)),
            ):
                path.write_bytes(bad)
                done = self.b.restore(report, self.to)
                self.assertEqual(done.code, 65, (what, done))
                told = json.loads(done.err)
                self.assertEqual(told["symbol"], "sealed_data_damaged", what)
                for word in (path.name, *words):
                    self.assertIn(word, told["where"], what)
                self.assertFalse(self.to.exists())
                self.assertFalse(self.to.with_name("restored.part").exists())
            path.write_bytes(whole)

    @staticmethod
    def flipped(whole, at):
        out = bytearray(whole)
        out[at] ^= 1
        return bytes(out)

    def test_another_key_the_other_archive_and_a_full_folder_are_refused(self):
        report = self.b.make()
        done = self.b.restore(report, self.to, identities=("ledger",))
        self.assertEqual(json.loads(done.err)["symbol"], "bad_value")
        self.assertIn("keys.age", json.loads(done.err)["where"])
        swapped = {
            "ledgerArchive": report["keysArchive"], "keysArchive": report["ledgerArchive"]
        }
        done = self.b.restore(swapped, self.to)
        self.assertIn("this is the keys archive", done.err)
        self.to.mkdir()
        (self.to / "something").write_text("mine\n")
        done = self.b.restore(report, self.to)
        self.assertEqual(done.code, 73, done)
        self.assertEqual((self.to / "something").read_text(), "mine\n")

    def test_an_older_keys_archive_is_refused(self):
        first = self.b.make()
        self.run_broker(lambda: submit(self.p, ["between-1"]))
        second = self.b.make()
        mixed = {"ledgerArchive": second["ledgerArchive"], "keysArchive": first["keysArchive"]}
        done = self.b.restore(mixed, self.to)
        self.assertEqual(done.code, 65, done)
        self.assertIn("older than the ledger archive", done.err)
        # The other way round is right: a ledger that is older than its keys.
        mixed = {"ledgerArchive": first["ledgerArchive"], "keysArchive": second["keysArchive"]}
        out = self.b.give_up(mixed, self.to)
        self.assertGreater(out["knownLost"], 0, "keys.db remembers a later head")

    def test_a_loss_must_be_said_with_its_time_and_is_then_on_record(self):
        receipts = self.run_broker(lambda: submit(self.p, ["kept-0001", "kept-0002"]))
        report = self.b.make()
        later = self.run_broker(lambda: submit(self.p, ["lost-0001", "lost-0002"]))
        kept, lost = self.p.folder / "kept.tlog-proof", self.p.folder / "lost.tlog-proof"
        kept.write_text(receipts["kept-0002"])
        lost.write_text(later["lost-0002"])
        # Without a word of what came later, nothing is restored; nor with a wrong word.
        self.assertIn("--head", self.b.restore(report, self.to).err)
        wrong = self.b.restore(report, self.to, "--lost-since", "2026-01-01T00:00:00Z")
        self.assertEqual(wrong.code, 64, wrong)
        # A head that is in the copy is proof enough, if the admin takes it for the newest.
        fine = self.b.restore(report, self.p.folder / "fine", "--head", kept)
        self.assertEqual(fine.code, 0, fine)
        self.assertEqual(fine.json()["knownLost"], 0)
        # One beyond it is a loss, and only words help.
        out = self.b.give_up(report, self.to, "--head", kept, "--head", lost)
        self.assertGreaterEqual(out["knownLost"], 2)
        again = Restored(self.p, self.to).start()
        self.addCleanup(again.stop)
        self.assertEqual(submit(again, receipts), receipts)
        self.assertNotEqual(submit(again, later), later)
        # Whoever holds a lost head learns of it; the log goes on all the same.
        self.assertEqual(again.stop(), 0)

    def test_a_head_of_another_log_is_never_accepted(self):
        """A fork: the broker went on from an older copy, and somebody shows a head of before."""
        first = self.b.make()
        lost = self.run_broker(lambda: submit(self.p, ["forked-0001", "forked-0002"]))
        self.b.give_up(first, self.to)
        self.p = Restored(self.p, self.to)
        self.run_broker(lambda: submit(self.p, [f"other-{n:04}" for n in range(20)]))
        b = self.b
        b.p = self.p
        second = b.make()
        shown = self.p.folder / "lost.tlog-proof"
        shown.write_text(lost["forked-0002"])
        done = b.restore(second, self.p.folder / "third", "--head", shown)
        self.assertEqual(done.code, 65, done)
        self.assertEqual(json.loads(done.err)["symbol"], "log_damaged")
        self.assertIn("lost.tlog-proof", done.err)

    def test_what_was_erased_since_is_erased_again(self):
        self.run_broker(lambda: submit(self.p, ["to-be-erased-1", "stays-000001"]))
        older = self.b.make()
        at, slot = self.erase_first_concern()
        newer = self.b.make()
        self.assertEqual(newer["erased"], 1)
        listed = pathlib.Path(newer["erasedList"]).read_text().splitlines()
        self.assertEqual(len(listed), 2)
        self.assertTrue(listed[1].startswith(f"{at >> 40}/{at & (1 << 40) - 1} "), listed)
        out = self.b.give_up(older, self.to, "--erased", newer["erasedList"])
        self.assertEqual(out["erasedAgain"], 1)
        with contextlib.closing(sqlite3.connect(self.to / "data" / "keys.db")) as db:
            made, wrapped = db.execute(
                "SELECT made, wrapped FROM slot WHERE no = ?", (slot,)
            ).fetchone()
        self.assertEqual((made, wrapped), (0, bytes(48)))
        verified = harness.run(
            [harness.BIN / "cairnd", "--config", self.to / "cairnd.toml", "--verify"]
        )
        self.assertIn("1 erased", verified.out, verified)
        # The list of another ledger, or a broken one, erases nothing.
        text = pathlib.Path(newer["erasedList"]).read_text()
        bad = self.p.folder / "bad.erased"
        bad.write_text(text.replace(text.split()[1], "0" * 32))
        refused = self.b.restore(
            older, self.p.folder / "other", "--erased", bad, "--lost-since", out["recoveryPoint"]
        )
        self.assertEqual(refused.code, 65, refused)
        self.assertIn("another ledger", refused.err)

    def erase_first_concern(self):
        """By hand, as the format says it: the slot is destroyed and the payload's row removed."""
        with contextlib.closing(sqlite3.connect(self.p.data / "ledger.db")) as db, db:
            at, slot = db.execute(
                "SELECT pos, slot FROM record WHERE kind = 1 ORDER BY pos LIMIT 1"
            ).fetchone()
            db.execute("DELETE FROM payload WHERE pos = ?", (at,))
        with contextlib.closing(sqlite3.connect(self.p.data / "keys.db")) as db, db:
            db.execute("UPDATE slot SET made = 0, wrapped = zeroblob(48) WHERE no = ?", (slot,))
        return at, slot

    def test_an_older_ledger_put_back_by_hand_goes_on_only_by_restore(self):
        older = self.p.folder / "older.db"
        shutil.copy(self.p.data / "ledger.db", older)
        self.run_broker(lambda: submit(self.p, ["since-the-copy-1"]))
        shutil.copy(older, self.p.data / "ledger.db")
        refused = self.p.try_start()
        self.assertNotEqual(refused.code, 0)
        self.assertIn("an older copy", refused.err)

        def restore(*more):
            return harness.run(
                [harness.BIN / "cairn", "-o", "json", "restore", self.to,
                 "--from", self.p.config, *more]
            )

        told = restore()
        self.assertEqual(json.loads(told.err)["symbol"], "log_damaged")
        when = backing.TIME.search(told.err)[1]
        done = restore("--lost-since", when)
        self.assertEqual(done.code, 0, done)
        self.assertGreater(done.json()["knownLost"], 0)
        # The old folder is evidence and was left alone.
        self.assertNotEqual(self.p.try_start().code, 0)
        again = Restored(self.p, self.to).start()
        self.assertEqual(again.stop(), 0)


if __name__ == "__main__":
    harness.main()
