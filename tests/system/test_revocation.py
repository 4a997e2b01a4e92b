"""Revocation of a certificate whose stream is busy, by the order of records and not by a clock.

The time it took is printed for docs/STATUS.md; the test's own bound is its patience.
"""

import re
import threading
import time

import harness
import samples
import wire
from samples import NAMED
from wire import grpc

SENDERS = 3
# Concerns each sender has under way in a stream; the load is as much as the machine gives.
AHEAD = 32


class Load:
    """Streams of concerns for one desk until it is told to stop."""

    def __init__(self, partnership):
        self.p = partnership
        self.stop = threading.Event()
        self.accepted = []
        self.failed = []
        self.threads = [threading.Thread(target=self.send, args=(n,)) for n in range(SENDERS)]

    def requests(self, sender, room):
        n = 0
        while not self.stop.is_set():
            if not room.acquire(timeout=0.1):
                continue
            n += 1
            yield wire.submit_request(f"load-{sender}-{n:06}", samples.small([NAMED]))

    def send(self, sender):
        room = threading.Semaphore(AHEAD)
        try:
            with wire.Client(self.p, "oakfield") as c:
                for answer in c.exchange.Publish(self.requests(sender, room), timeout=240):
                    room.release()
                    if answer.WhichOneof("result") == "accepted":
                        self.accepted.append(answer.accepted.concern_id)
                    else:
                        self.failed.append(answer.refused.symbol)
        except grpc.RpcError as e:
            self.failed.append(str(e.code()))

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join(harness.PATIENCE_S)


class Reader:
    """A desk's stream, confirmed as it comes; remembers every position and its end."""

    def __init__(self, partnership, who):
        self.client = wire.Client(partnership, who)
        self.positions = []
        self.ended_at = None
        self.cause = None
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        try:
            for d in self.client.exchange.Receive(
                wire.ex.ReceiveRequest(desk=NAMED, max_unconfirmed=64), timeout=240
            ):
                self.positions.append(d.position)
                self.client.confirm(NAMED, d.position)
        except grpc.RpcError as e:
            self.cause = e.code()
        self.ended_at = time.monotonic()

    def close(self):
        self.thread.join(harness.PATIENCE_S)
        self.client.close()


class under_load(harness.SystemTest):
    """A revoked certificate loses its live sessions and is sent nothing more (invariant 12)."""

    def position_of(self, receipt):
        """Where the record of a receipt is in the log, as a delivery's position."""
        year = int(re.search(r"/(\d{4})$", receipt.split("\n\n")[-2].splitlines()[0]).group(1))
        index = int(re.search(r"^index (\d+)$", receipt, re.M).group(1))
        return year << 40 | index

    def test_nothing_is_sent_past_the_record_of_the_revocation(self):
        issued = self.p.enrol("agency/northshire-health", "stolen")
        with Load(self.p) as load:
            reader = Reader(self.p, "stolen")
            harness.poll("a busy stream", lambda: len(reader.positions) > 200)
            started = time.monotonic()
            with wire.Client(self.p, "admin") as admin:
                state = admin.admin.ListRegistry(wire.admin_pb2.ListRegistryRequest())
                row = next(c for c in state.certificates if c.sha256 == issued["sha256"])
                row.revoked, row.revoked_because = True, "stolen"
                asked = wire.admin_pb2.ApplyRequest(
                    changes=[wire.registry_pb2.RegistryChange(certificate=row)]
                )
                done = admin.admin.Apply(asked, timeout=harness.PATIENCE_S)
            answered = time.monotonic()
            reader.close()
            self.assertIsNotNone(reader.ended_at, "the stream goes on after the revocation")
            self.assertIn(reader.cause, (grpc.StatusCode.UNAUTHENTICATED,
                                         grpc.StatusCode.UNAVAILABLE,
                                         grpc.StatusCode.CANCELLED))
            self.assertFalse(load.failed, "others feel nothing")
            sent_before = len(load.accepted)
            harness.poll("the load to go on", lambda: len(load.accepted) > sent_before)
        revoked_at = self.position_of(done.receipt)
        self.assertLess(max(reader.positions), revoked_at, "sent what came after the revocation")
        # By its next certificate the desk gets every other notice, once.
        with wire.Client(self.p, "northshire-health") as c:
            rest = [d.position for d in c.inbox(NAMED)]
        self.assertEqual(len(set(rest) | set(reader.positions)), len(set(load.accepted)))
        self.assertFalse(load.failed)
        print(
            f"revocation under load: {len(reader.positions)} notices received before it, the call "
            f"answered after {1000 * (answered - started):.0f} ms, the session ended "
            f"{1000 * (reader.ended_at - started):.0f} ms after it was asked for"
        )


if __name__ == "__main__":
    harness.main()
