"""Backups of a broker that serves, and what comes back of them. ADR 21."""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import threading

import harness
import samples
import wire
from backing import Backups, Restored, submit
from samples import MASH, NAMED


class online(harness.SystemTest):
    """The broker serves while it is backed up."""

    own_broker = True

    def setUp(self):
        super().setUp()
        self.b = Backups(self.p)
        self.again = None

    def tearDown(self):
        if self.again is not None and self.again.daemon is not None:
            self.assertEqual(self.again.stop(), 0)
            self.again.assert_clean_log()

    def start_restored(self, folder="restored"):
        self.again = Restored(self.p, self.p.folder / folder)
        return self.again.start()

    def test_under_load_every_receipt_given_before_the_snapshot_comes_back(self):
        told, stop, wrong = {}, threading.Event(), []

        def load(number):
            try:
                with wire.Client(self.p, "oakfield") as c:
                    for n in range(100000):
                        if stop.is_set():
                            return
                        key = f"load-{number}-{n:06}"
                        told[key] = c.submit(key, samples.small([MASH, NAMED])).receipt
            except wire.grpc.RpcError as e:
                wrong.append(str(e.code()))

        threads = [threading.Thread(target=load, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        harness.poll("load", lambda: len(told) > 200)
        before = dict(told)
        report = self.b.make()
        during = len(told) - len(before)
        stop.set()
        for t in threads:
            t.join(harness.PATIENCE_S)
        self.assertEqual(wrong, [])
        self.assertTrue(report["online"])
        self.assertTrue(report["onRecord"])
        self.assertGreater(during, 0, "the broker went on serving")
        self.assertGreaterEqual(report["records"], len(before))
        self.p.kill()
        lost = self.b.give_up(report, self.p.folder / "restored")
        self.assertEqual(lost["lastRecord"], report["lastRecord"])
        # The same key and concern get the same receipt: it is the record of then.
        again = self.start_restored()
        self.assertEqual(submit(again, before), before)
        self.p = again
        self.assert_conserved()
        verified = again.good("auditor", "audit", "verify")
        self.assertIn("root and signature agree", verified.out)
        self.again = again

    def test_the_backup_and_the_restore_are_in_the_log(self):
        submit(self.p, ["one-concern-1"])
        report = self.b.make()
        found = json.loads((self.p.data / "backup" / "last.json").read_text())
        self.assertEqual(
            found["ledgerArchive"]["sha256"], report["ledgerArchive"]["sha256"]
        )
        self.assertIn(report["ledgerArchive"]["sha256"], self.p.daemon.log())
        # Of the copies nothing is left; of the keys' not even on the disk's free blocks.
        self.assertEqual(
            sorted(f.name for f in (self.p.data / "backup").iterdir()), ["last.json", "lock"]
        )
        self.p.kill()
        self.b.give_up(report, self.p.folder / "restored")
        again = self.start_restored()
        # Before the broker's own "started", the restore wrote the first record of what follows.
        year, index = report["lastRecord"].split("/")
        found = again.good(
            "auditor", "-o", "json", "audit", "search", "--kind", "note",
            "--after", f"{year}/{index}",
        ).json()["records"]
        self.assertEqual(int(found[0]["index"]), int(index) + 1)
        self.assertGreaterEqual(len(found), 2)

    def test_the_ledger_archive_alone_tells_nothing(self):
        self.assertTrue(shutil.which("age"), "age is in tools/packages.txt")
        submit(self.p, ["canary-1"], samples.full([MASH, NAMED]))
        report = self.b.make()
        for archive, name in (("ledgerArchive", "ledger"), ("keysArchive", "keys")):
            sealed = pathlib.Path(report[archive]["file"])
            tar = self.p.folder / f"{name}.tar"
            # A foreign program opens it, by its own identity only.
            other = {"ledger": "keys", "keys": "ledger"}[name]
            wrong = harness.run(["age", "-d", "-i", self.b.identity(other), "-o", tar, sealed])
            self.assertNotEqual(wrong.code, 0)
            done = harness.run(["age", "-d", "-i", self.b.identity(name), "-o", tar, sealed])
            self.assertEqual(done.code, 0, done)
            listed = harness.run(["tar", "tf", tar])
            self.assertEqual(listed.code, 0, listed)
            self.assertEqual("data/keys.db" in listed.out, name == "keys")
            self.assertEqual("data/ledger.db" in listed.out, name == "ledger")
            text, outside = tar.read_bytes(), sealed.read_bytes()
            for canary in samples.CANARIES:
                self.assertNotIn(canary, text)
                self.assertNotIn(canary, outside)
            secret = (self.p.broker / "keys" / "partnership.key").read_bytes().strip()
            self.assertEqual(secret in text, name == "keys")
            # Names of agencies stand in the ledger in plain; not in the archive.
            self.assertNotIn(b"oakfield", outside)

    def test_wrong_orders_are_refused_before_anything_is_written(self):
        same = [*self.b.command()]
        same[same.index(self.b.keys_to)] = self.b.ledger_to
        one = [*self.b.command()]
        one[one.index(self.b.recipients["keys"])] = self.b.recipients["ledger"]
        absent = [*self.b.command()]
        absent[absent.index(self.p.config)] = self.p.folder / "none.toml"
        for command, code, word in (
            (same, 65, "another folder"),
            (one, 65, "another recipient"),
            ([*self.b.command(), "--recipient", "age1nonsense"], 64, "--recipient"),
            (self.b.command()[:-2], 64, "--keys-recipient"),
            (absent, 66, "none.toml"),
        ):
            done = harness.run(command)
            self.assertEqual(done.code, code, done)
            self.assertIn(word, done.err)
        self.assertEqual(list(self.b.ledger_to.iterdir()), [])
        self.assertEqual(list(self.b.keys_to.iterdir()), [])

    def test_a_kill_in_the_middle_leaves_no_archive_and_the_next_run_clears_up(self):
        submit(self.p, [f"to-be-copied-{n:04}" for n in range(600)])
        # At each of its steps in turn: copies made, first archive begun, second begun.
        work = self.p.data / "backup"
        moments = [
            lambda: (work / "keys.db").exists(),
            lambda: (work / "ledger.db").exists(),
            lambda: any(self.b.ledger_to.glob("*.part")),
            lambda: any(self.b.keys_to.glob("*.part")),
        ]
        cut = 0
        for moment in moments:
            process = subprocess.Popen(
                [str(c) for c in self.b.command()], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while process.poll() is None and not moment():
                pass
            process.send_signal(signal.SIGKILL)
            if process.wait(harness.PATIENCE_S) == -signal.SIGKILL:
                cut += 1
                self.assertEqual(list(self.b.ledger_to.glob("*.age")), [])
            for folder in (self.b.ledger_to, self.b.keys_to):
                for f in (*folder.glob("*.age"), *folder.glob("*.erased")):
                    f.unlink()
        self.assertGreater(cut, 1, "most of them were hit in the middle")
        report = self.b.make()
        self.assertEqual(
            [*self.b.ledger_to.glob("*.part"), *self.b.keys_to.glob("*.part")], []
        )
        self.assertEqual(
            sorted(f.name for f in work.iterdir()), ["last.json", "lock"]
        )
        self.p.kill()
        self.b.give_up(report, self.p.folder / "restored")

    def test_a_file_that_cannot_grow_fails_the_backup_and_leaves_nothing(self):
        submit(self.p, [f"too-large-{n:04}" for n in range(50)])

        def no_room():
            # Past the size of the copies, below that of the archive with its tar around it.
            import resource
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            size = (self.p.data / "ledger.db").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        done = harness.run(self.b.command(), preexec_fn=no_room)
        self.assertIn(done.code, (73, 74), done)
        self.assertEqual(list(self.b.ledger_to.iterdir()), [])
        self.assertEqual(list(self.b.keys_to.iterdir()), [])
        # Neither the broker nor the next run minds.
        submit(self.p, ["after-no-room-1"])
        self.b.make()

    @harness.needs_mounting
    def test_a_full_disk_fails_the_backup_and_leaves_nothing(self):
        submit(self.p, [f"too-large-{n:04}" for n in range(50)])
        done = harness.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", self.b.ledger_to]
        )
        if done.code != 0:
            self.skipTest("no mounting here")
        self.addCleanup(harness.run, ["umount", "-l", self.b.ledger_to])
        done = harness.run(self.b.command())
        self.assertEqual(done.code, 74, done)
        self.assertIn("storage_full", done.err)
        self.assertEqual(list(self.b.ledger_to.iterdir()), [])
        self.assertEqual(list(self.b.keys_to.iterdir()), [])
        submit(self.p, ["after-full-1"])

    def test_two_at_once_are_one_and_a_refusal(self):
        with open(self.p.data / "ledger.db", "rb"):
            (self.p.data / "backup").mkdir(mode=0o700, exist_ok=True)
            holder = subprocess.Popen(
                ["flock", str(self.p.data / "backup" / "lock"), "cat"],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            )
            try:
                harness.poll(
                    "the lock to be held",
                    lambda: harness.run(
                        ["flock", "-n", self.p.data / "backup" / "lock", "true"]
                    ).code != 0,
                )
                done = harness.run(self.b.command())
                self.assertEqual(done.code, 75, done)
                self.assertIn("another backup", done.err)
            finally:
                holder.stdin.close()
                holder.wait(harness.PATIENCE_S)


class watched(harness.SystemTest):
    """How old the last backup is, as a metric, a check and a line of the status."""

    own_broker = True
    HOUR_US = 3600 * 1000000

    def metric(self):
        _, text = self.p.daemon.page("/metrics")
        return float(re.search(r"^cairn_backup_timestamp_seconds (\S+)$", text, re.M)[1])

    def check(self, code, said, *more):
        """The same from the health listener and by the administrator's call."""
        for where in (("--health", f"127.0.0.1:{self.p.daemon.health_port}"), ()):
            done = self.p.cairn("admin", "check", "backup", *more, *where)
            self.assertEqual(done.code, code, done)
            self.assertIn(said, done.out)
            self.assertEqual("next:" in done.out, code != 0, done)

    def status_line(self):
        return re.search(r"(?mi)^backup +.*$", self.p.good("admin", "status").out)[0]

    def test_its_age_is_told_from_none_to_too_old(self):
        self.assertEqual(self.metric(), 0)
        self.check(2, "CRITICAL: no backup is known")
        self.assertRegex(self.status_line(), "^BACKUP +none is known")
        Backups(self.p).make()
        last = self.p.data / "backup" / "last.json"
        said = json.loads(last.read_text())
        self.assertAlmostEqual(self.metric() * 1e6, said["takenUs"], delta=1000)
        self.check(0, "OK: the last backup that was verified is of ")
        self.assertRegex(self.status_line(), "^backup +verified .* ago")
        self.check(1, "WARNING: ", "--warning", "0s")
        self.check(2, "CRITICAL: ", "--critical", "0s")
        for hours, code, word, line in (
            (25, 0, "OK: ", "^backup +verified 25 h "),
            (30, 1, "WARNING: ", "^BACKUP +verified 30 h "),
            (60, 2, "CRITICAL: ", "^BACKUP +verified 2 d 12 h ago"),
            (-2, 1, "still to come", "in the future"),
        ):
            with self.subTest(hours=hours):
                now_us = int(self.p.status()["nowUs"])
                last.write_text(json.dumps({**said, "takenUs": now_us - hours * self.HOUR_US}))
                self.check(code, word)
                self.assertRegex(self.status_line(), line)
        # What cannot be read is no backup.
        for text in ("", "{", "[]", '{"takenUs": "yesterday"}', '{"takenUs": -1}'):
            with self.subTest(text):
                last.write_text(text)
                self.assertEqual(self.metric(), 0)
                self.check(2, "CRITICAL: no backup is known")

    def test_a_backup_that_failed_is_not_the_last(self):
        b = Backups(self.p)
        b.make()
        before = self.metric()
        shutil.rmtree(b.keys_to)
        self.assertNotEqual(harness.run(b.command()).code, 0)
        self.assertEqual(self.metric(), before)

    def test_who_may_ask_and_how(self):
        self.assertEqual(self.p.cairn("monitor", "check", "backup").code, 3)
        self.assertEqual(self.p.cairn("admin", "check", "backup", "--warning", "soon").code, 3)
        done = self.p.good("admin", "-o", "json", "check", "certs", "--broker").json()
        self.assertNotIn("backup", done["text"])


if __name__ == "__main__":
    harness.main()
