"""kill -9 at random moments, with the client's own journal as the judge (invariant 1)."""

import os
import random
import threading

import harness
import samples
import wire
from samples import MASH, NAMED
from wire import ex, grpc

ROUNDS = int(os.environ.get("CAIRN_KILL_ROUNDS", "8"))
# Submissions under way at once: enough for a commit to hold several.
WINDOW = 64


class journal:
    """What the sender was told, as an agency's outbox would keep it."""

    def __init__(self):
        self.sent = {}  # key -> sample
        self.told = {}  # key -> (concern id, receipt)
        self.confirmed = {}  # desk -> {position: concern id}, answered confirms
        self.seen = {}  # desk -> {position: concern id}, whatever arrived
        self.lock = threading.Lock()

    def open_keys(self):
        return [k for k in self.sent if k not in self.told]


class publisher(threading.Thread):
    """Streams submissions until the broker is gone; repeats first what was never answered."""

    def __init__(self, case, round_number):
        super().__init__()
        self.case, self.round = case, round_number
        self.room = threading.Semaphore(WINDOW)
        self.over = threading.Event()
        self.answers = 0

    def requests(self):
        j = self.case.journal
        again = list(j.open_keys())
        fresh = 0
        while not self.over.is_set():
            if again:
                key = again.pop()
            else:
                key = f"kill-{self.round:02}-{fresh:05}"
                fresh += 1
                with j.lock:
                    j.sent[key] = samples.small([MASH, NAMED])
            if not self.room.acquire(timeout=harness.PATIENCE_S):
                return
            yield wire.submit_request(key, j.sent[key])

    def run(self):
        try:
            with wire.Client(self.case.p, "oakfield") as c:
                for a in c.exchange.Publish(self.requests(), timeout=harness.PATIENCE_S):
                    if a.WhichOneof("result") != "accepted":
                        self.case.refusals.append(a.refused.symbol)
                    else:
                        self.case.note(a.key, a.accepted)
                    self.answers += 1
                    self.room.release()
        except grpc.RpcError:
            pass  # the broker was killed: that is the test
        finally:
            self.over.set()
            self.room.release()


class receiver(threading.Thread):
    """Stores and confirms what comes for one desk, until the broker is gone."""

    def __init__(self, case, who, desk):
        super().__init__()
        self.case, self.who, self.desk = case, who, desk

    def run(self):
        j = self.case.journal
        seen = j.seen.setdefault(self.desk, {})
        confirmed = j.confirmed.setdefault(self.desk, {})
        try:
            with wire.Client(self.case.p, self.who) as c:
                batch = []
                for d in c.receive(self.desk, credit=128):
                    before = seen.setdefault(d.position, d.notice.concern_id)
                    if before != d.notice.concern_id:
                        self.case.wrong.append(f"position {d.position} was another concern")
                    if d.position in confirmed:
                        self.case.wrong.append(f"{d.position} came again after its confirm")
                    batch.append(d.position)
                    if len(batch) >= 16:
                        c.confirm(self.desk, *batch)
                        confirmed.update((p, seen[p]) for p in batch)
                        batch = []
        except grpc.RpcError:
            pass


class kill_minus_nine(harness.SystemTest):
    """Eight lives of one broker."""

    own_broker = True

    def note(self, key, accepted):
        """An answer: the first of its key, or the same bytes as the first."""
        now = (accepted.concern_id, accepted.receipt)
        before = self.journal.told.setdefault(key, now)
        if before != now:
            self.wrong.append(f"{key} got another receipt")

    def one_life(self, number, delay_s):
        threads = [
            publisher(self, number),
            receiver(self, "northshire-police", MASH),
            receiver(self, "northshire-health", NAMED),
        ]
        for t in threads:
            t.start()
        # In every other life not before something happened; in the others the first commit, too,
        # may be hit.
        if number % 2 == 0:
            harness.poll("a first answer", lambda: threads[0].answers or threads[0].over.is_set())
        # A random moment of the work itself: cut short only if the work ends by itself.
        threads[0].over.wait(delay_s)
        self.p.kill()
        for t in threads:
            t.join(harness.PATIENCE_S)
            self.assertFalse(t.is_alive())
        self.p.start()

    def test_every_acknowledged_concern_survives_and_is_there_once(self):
        seed = int(os.environ.get("CAIRN_SEED") or random.SystemRandom().randrange(1 << 32))
        print(f"seed {seed} (repeat: CAIRN_SEED={seed})", flush=True)
        dice = random.Random(seed)
        self.journal, self.wrong, self.refusals = journal(), [], []
        for number in range(ROUNDS):
            before = set(self.journal.told)
            self.one_life(number, dice.uniform(0.0, 0.5))
            self.check_acknowledged(sorted(set(self.journal.told) - before))
            self.assertEqual(self.wrong, [])
            self.assert_conserved()
        self.assertTrue(self.journal.told, "nothing was accepted in any life")
        self.assertEqual(set(self.refusals), set())
        self.settle_the_rest()
        self.check_inboxes()
        done = self.p.good("auditor", "audit", "verify")
        self.assertIn("root and signature agree", done.out)
        self.assertEqual(self.p.stop(), 0)
        print(f"{len(self.journal.told)} concerns over {ROUNDS} kills")

    def publish(self, keys):
        requests = [wire.submit_request(k, self.journal.sent[k]) for k in keys]
        with wire.Client(self.p, "oakfield") as c:
            for a in c.exchange.Publish(iter(requests), timeout=harness.PATIENCE_S):
                self.assertEqual(a.WhichOneof("result"), "accepted", a)
                self.note(a.key, a.accepted)

    def check_acknowledged(self, keys):
        """Every key that was answered answers again, with the same receipt bytes."""
        if not keys:
            return  # killed before its first answer
        before = dict(self.journal.told)
        self.publish(keys)
        self.assertEqual(self.wrong, [])
        self.assertEqual(self.journal.told, before)

    def settle_the_rest(self):
        self.publish(self.journal.open_keys())
        self.publish(list(self.journal.told))
        self.assertEqual(self.wrong, [])
        self.assertEqual(self.journal.open_keys(), [])

    def check_inboxes(self):
        """At each desk every concern is exactly once, pending or confirmed."""
        expected = sorted(c for c, _ in self.journal.told.values())
        self.assertEqual(len(set(expected)), len(self.journal.sent))
        for who, desk in (("northshire-police", MASH), ("northshire-health", NAMED)):
            with wire.Client(self.p, who) as c:
                waiting = {d.position: d.notice.concern_id for d in c.inbox(desk)}
            confirmed = self.journal.confirmed.get(desk, {})
            self.assertFalse(set(waiting) & set(confirmed), "a confirmed notice waits again")
            # A confirm whose answer was lost may or may not stand; its notice was seen.
            unanswered = {
                p: c for p, c in self.journal.seen.get(desk, {}).items()
                if p not in waiting and p not in confirmed
            }
            everything = {**unanswered, **confirmed, **waiting}
            self.assertEqual(sorted(everything.values()), expected, desk)
            counts = self.p.desk_counts(desk)
            self.assertEqual(counts["routed"], len(expected), desk)
            self.assertEqual(counts["pending"], len(waiting), desk)
            self.assertEqual(counts["confirmed"], len(confirmed) + len(unanswered), desk)


class kill_at_the_start(harness.SystemTest):
    """Killed before it listens, again and again, it still starts."""

    own_broker = True
    start_broker = False

    def test_a_start_that_is_killed_leaves_a_ledger_that_starts(self):
        seed = int(os.environ.get("CAIRN_SEED") or random.SystemRandom().randrange(1 << 32))
        print(f"seed {seed}", flush=True)
        dice = random.Random(seed)
        for _ in range(6):
            daemon = harness.Daemon(self.p.config, self.p.log_path)
            daemon.ends_within(dice.uniform(0.0, 0.06))
            daemon.kill()
        self.p.start()
        with wire.Client(self.p, "oakfield") as c:
            self.assertTrue(c.exchange.ListDesks(ex.ListDesksRequest(), timeout=10).desks)
            c.submit("after-kills-1", samples.small([MASH]))
        self.p.good("auditor", "audit", "verify")


if __name__ == "__main__":
    harness.main()
