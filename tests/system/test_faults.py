"""Disks and files that are not as they should be: the broker refuses to start and says
why and where, or says so in /readyz and loses nothing it acknowledged."""

import os
import shutil
import sqlite3
import subprocess
import unittest

import harness
import samples
import wire
from harness import submission
from samples import FRONT_DOOR, MASH, NAMED
from wire import grpc

SUBMIT = "/cairn.v1.Exchange/Submit"


class stopped_broker(harness.SystemTest):
    """A broker that was used and stopped, then damaged."""

    own_broker = True

    def setUp(self):
        super().setUp()
        self.sent = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("before-key-1", samples.small([MASH])))
        )
        self.assertEqual(self.p.stop(), 0)

    def refuses(self, *words):
        done = self.p.try_start()
        self.assertNotIn(done.code, (0, -6, -11), done)
        for w in words:
            self.assertRegex(done.err, w)
        self.assertIn("next:", done.err)
        return done

    def still_holds_everything(self):
        self.p.start()
        again = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("before-key-1", samples.small([MASH])))
        )
        self.assertEqual(again["receipt"], self.sent["receipt"])
        self.p.good("auditor", "audit", "verify")
        self.assertEqual(self.p.stop(), 0)

    def test_a_start_after_a_stop_holds_everything(self):
        self.still_holds_everything()

    def test_deleted_keys(self):
        keys = self.p.data / "keys.db"
        kept = keys.with_suffix(".kept")
        keys.rename(kept)
        self.refuses("keys.db", "backup")
        self.assertFalse(keys.exists() and keys.stat().st_size, "no new keys in the old's place")
        keys.unlink(missing_ok=True)
        kept.rename(keys)
        self.still_holds_everything()

    def test_keys_of_another_ledger(self):
        other = harness.Partnership(self.p.folder / "other").init()
        shutil.copy(other.data / "keys.db", self.p.data / "keys.db")
        self.refuses("key", "backup")

    def test_another_partnership_key(self):
        other = harness.Partnership(self.p.folder / "other").init()
        key = self.p.broker / "keys" / "partnership.key"
        key.write_text((other.broker / "keys" / "partnership.key").read_text())
        self.refuses("key")

    def test_a_file_that_is_no_database(self):
        ledger = self.p.data / "ledger.db"
        content = ledger.read_bytes()
        for f in self.p.data.glob("ledger.db-*"):
            f.unlink()
        ledger.write_bytes(b"this is no database at all\n" * 400)
        self.refuses("ledger.db")
        ledger.write_bytes(content)
        self.still_holds_everything()

    def test_a_database_of_another_program(self):
        ledger = self.p.data / "ledger.db"
        ledger.unlink()
        foreign = sqlite3.connect(ledger)
        foreign.execute("create table letters (a)")
        foreign.commit()
        foreign.close()
        self.refuses("ledger.db")

    def test_a_ledger_of_a_newer_version(self):
        ledger = sqlite3.connect(self.p.data / "ledger.db")
        version = ledger.execute("pragma user_version").fetchone()[0]
        ledger.execute(f"pragma user_version = {version + 1000}")
        ledger.commit()
        ledger.close()
        self.refuses("ledger.db", "upgrade|version")

    def test_a_second_daemon_on_the_folder(self):
        self.p.start()
        done = self.p.try_start()
        self.assertNotEqual(done.code, 0)
        self.assertIn("Another process has the folder open", done.err)
        self.assertEqual(self.p.daemon.page("/readyz")[0], 200, "the first goes on")
        self.assertEqual(self.p.stop(), 0)

    def test_a_readable_secret(self):
        key = self.p.broker / "keys" / "log.key"
        key.chmod(0o644)
        self.refuses("log.key", "chmod 600")

    def test_a_changed_record_is_found_at_the_start(self):
        """Somebody with the files changes one byte of a leaf."""
        db = sqlite3.connect(self.p.data / "ledger.db")
        found = None
        for (table,) in db.execute("select name from sqlite_master where type = 'table'"):
            names = [r[1] for r in db.execute(f"pragma table_info({table})")]
            if "leaf" in names:
                found = table
        self.assertIsNotNone(found, "the ledger keeps its leaves in a column of that name")
        with self.assertRaises(sqlite3.IntegrityError):
            db.execute(f"update {found} set leaf = x'00'")
        # The guard stops mistakes, not somebody who takes it away first.
        guards = db.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in guards:
            db.execute(f"drop trigger {name}")
        rows = db.execute(f"select rowid, leaf from {found} order by rowid desc").fetchall()
        rowid, leaf = rows[0]
        changed = bytearray(leaf)
        changed[len(changed) // 2] ^= 1
        db.execute(f"update {found} set leaf = ? where rowid = ?", (bytes(changed), rowid))
        db.commit()
        db.close()
        done = self.start_or_verify()
        self.assertIn(done.code, (65, 69, 78, 70), done)
        self.assertRegex(done.err + done.out, "log|record|root")

    def start_or_verify(self):
        """The start may find it, or else the auditor's next look."""
        done = self.p.try_start_or_serve()
        if done is not None:
            return done
        found = self.p.cairn("auditor", "audit", "verify")
        self.p.kill()
        return found

    def test_a_read_only_folder(self):
        self.read_only(self.p.data)
        self.addCleanup(self.writable, self.p.data)
        self.refuses(
            r"cairnd: The folder cannot be written \(folder\)\n  cause: Permission denied\n"
            r"  next:  Give the daemon's user write access to the folder\n"
        )
        self.writable(self.p.data)
        self.still_holds_everything()

    def read_only(self, folder):
        """Modes do not stop root: it starts the broker without the right to pass over them."""
        if os.geteuid() == 0:
            self.p.wrapper = ["setpriv", "--bounding-set", "-dac_override"]
        for f in folder.iterdir():
            f.chmod(0o400)
        folder.chmod(0o500)

    def writable(self, folder):
        self.p.wrapper = []
        folder.chmod(0o700)
        for f in folder.iterdir():
            f.chmod(0o600)


class running_broker(harness.SystemTest):
    """Faults under a live broker."""

    own_broker = True

    def test_keys_deleted_under_it_turn_readiness_off_and_nothing_is_accepted(self):
        (self.p.data / "keys.db").unlink()
        status, text = harness.poll(
            "readiness to turn off",
            lambda: [x for x in [self.p.daemon.page("/readyz")] if x[0] == 503],
        )[0]
        self.assertEqual(status, 503)
        self.assertIn("keys.db", text)
        self.assertEqual(self.p.daemon.page("/livez")[0], 200)
        done = self.p.cairn("admin", "check", "ready")
        self.assertEqual(done.code, 2, done)
        self.assertIn("keys.db", done.out)
        # What would be accepted now could never be read again: it is refused, and the broker ends.
        answer = self.p.curl(
            "oakfield", SUBMIT, submission("after-the-keys-1", samples.small([MASH]))
        )
        self.refused(answer, 503, "storage_failed")
        self.assertEqual(self.p.daemon.wait_end(), os.EX_IOERR)
        done = self.p.try_start()
        self.assertNotIn(done.code, (0, -6, -11), done)
        self.assertIn("keys.db", done.err)

    def test_a_desk_that_never_confirms_holds_up_nobody(self):
        with wire.Client(self.p, "oakfield") as school, wire.Client(
            self.p, "northshire-police"
        ) as police, wire.Client(self.p, "northshire-health") as nurse:
            silent = police.receive(MASH, credit=4)
            call = nurse.receive(NAMED, credit=16)
            for batch in range(10):
                requests = [
                    wire.submit_request(f"silent-{batch:02}-{n:02}", samples.small([MASH, NAMED]))
                    for n in range(20)
                ]
                answers = list(
                    school.exchange.Publish(iter(requests), timeout=harness.PATIENCE_S)
                )
                self.assertTrue(all(a.WhichOneof("result") == "accepted" for a in answers))
                left = 20
                while left:
                    nurse.confirm(NAMED, next(call).position)
                    left -= 1
            silent.cancel()
            call.cancel()
        self.assertEqual(self.p.desk_counts(NAMED)["confirmed"], 200)
        self.assertEqual(self.p.desk_counts(MASH)["pending"], 200)
        self.assert_conserved()

    def test_a_desk_that_vanishes_in_the_middle_finds_the_rest_later(self):
        with wire.Client(self.p, "oakfield") as school:
            requests = [
                wire.submit_request(f"vanish-{n:04}", samples.full([NAMED])) for n in range(300)
            ]
            list(school.exchange.Publish(iter(requests), timeout=harness.PATIENCE_S))
        seen = set()
        for stop_after in (1, 40, 7, 120):
            with wire.Client(self.p, "northshire-health") as nurse:
                call = nurse.receive(NAMED, credit=256)
                got = wire.take(call, stop_after)
                half = [d.position for d in got[: (stop_after + 1) // 2]]
                self.assertFalse(seen & set(half), "a confirmed notice is not sent again")
                nurse.confirm(NAMED, *half)
                seen |= set(half)
                # No cancel: the connection just goes.
        with wire.Client(self.p, "northshire-health") as nurse:
            rest = {d.position for d in nurse.inbox(NAMED)}
        self.assertEqual(len(seen) + len(rest), 300)
        self.assertFalse(seen & rest)
        self.assert_conserved()


SHIM = """
#include <errno.h>
#include <unistd.h>
static int broken(void) { return access(FLAG, F_OK) == 0 ? (errno = EIO, -1) : 0; }
int fsync(int fd) { (void) fd; return broken(); }
int fdatasync(int fd) { (void) fd; return broken(); }
"""


@unittest.skipUnless(shutil.which("cc"), "no compiler for a disk that fails")
class failing_disk(harness.SystemTest):
    """A commit that fails ends the process; the next start has what was acknowledged."""

    own_broker = True
    start_broker = False

    def test_a_failed_commit_ends_the_process_and_loses_nothing_acknowledged(self):
        flag, shim = self.p.folder / "broken", self.p.folder / "shim.so"
        done = subprocess.run(
            ["cc", "-shared", "-fPIC", f'-DFLAG="{flag}"', "-x", "c", "-", "-o", shim],
            input=SHIM.encode(), check=False,
        )
        self.assertEqual(done.returncode, 0)
        self.p.environment = {
            "LD_PRELOAD": str(shim), "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        self.p.start()
        with wire.Client(self.p, "oakfield") as c:
            receipt = c.submit("before-fault-1", samples.small([MASH])).receipt
            flag.touch()
            with wire.refusal(self, wire.grpc.StatusCode.UNAVAILABLE):
                c.submit("during-fault-1", samples.small([MASH]))
        self.assertTrue(self.p.daemon.ends_within(harness.PATIENCE_S))
        self.assertEqual(self.p.daemon.process.returncode, os.EX_IOERR)
        self.assertIn("ledger_poisoned", self.p.daemon.log())
        flag.unlink()
        self.p.start()
        with wire.Client(self.p, "oakfield") as c:
            self.assertEqual(c.submit("before-fault-1", samples.small([MASH])).receipt, receipt)
            c.submit("during-fault-1", samples.small([MASH]))
        self.assertEqual(self.p.desk_counts(MASH)["routed"], 2)
        self.p.good("auditor", "audit", "verify")


@harness.needs_mounting
@unittest.skipUnless(os.geteuid() == 0, "a small file system needs root to be mounted")
class full_disk(harness.SystemTest):
    """The data folder on a file system with little room."""

    own_broker = True
    start_broker = False

    def setUp(self):
        super().setUp()
        kept = self.p.folder / "kept"
        self.p.data.rename(kept)
        self.p.data.mkdir(mode=0o700)
        size = sum(f.stat().st_size for f in kept.iterdir()) + 3 * 1024 * 1024
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", self.p.data],
            check=False,
        )
        if done.returncode != 0:
            self.skipTest("no mounting here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.p.data], check=False)
        for f in kept.iterdir():
            shutil.copy(f, self.p.data / f.name)

    def fill(self, client):
        """Publishes until the disk is full; what was acknowledged, and the refusals' names."""
        receipts, symbols = {}, set()
        text = "what was seen and said that day, at length. " * 180
        for n in range(2000):
            concern = samples.small([MASH, NAMED])
            concern["assertions"] = [
                {"ref": f"a-{k}", "kind": "KIND_FACT", "text": text} for k in range(8)
            ]
            key = f"fill-key-{n:05}"
            try:
                receipts[key] = (concern, client.submit(key, concern).receipt)
            except grpc.RpcError as e:
                symbols.add(wire.trailers(e).get("cairn-error", str(e.code())))
                if len(symbols) and n % 7 == 6:
                    break
        return receipts, symbols

    def test_nothing_acknowledged_is_lost(self):
        self.p.start(ready=False)
        with wire.Client(self.p, "oakfield") as c:
            receipts, symbols = self.fill(c)
            self.assertTrue(receipts, "there was room for some")
            self.assertEqual(symbols, {"storage_full"})
        status, text = self.p.daemon.page("/readyz")
        self.assertEqual(status, 503)
        self.assertIn("disk", text)
        self.assertEqual(self.p.cairn("admin", "check", "disk").code, 2)
        # The administrator makes room; whether the broker lived on or is started anew.
        subprocess.run(
            ["mount", "-o", "remount,size=200m", self.p.data], check=True
        )
        if self.p.daemon.alive():
            self.p.daemon.kill()
        self.p.start()
        with wire.Client(self.p, "oakfield") as c:
            for key, (concern, receipt) in receipts.items():
                self.assertEqual(c.submit(key, concern).receipt, receipt, key)
            c.submit("after-key-0001", samples.small([FRONT_DOOR]))
        self.p.good("auditor", "audit", "verify")
        self.assert_conserved()
        self.assertEqual(self.p.desk_counts(MASH)["routed"], len(receipts))


if __name__ == "__main__":
    harness.main()
