"""W3C trace context: the concern's field travels unchanged, the call's header stays in the log."""

import harness
import samples
import wire
from samples import FRONT_DOOR, MASH

OURS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OF_CALL = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00"


class trace(harness.SystemTest):
    own_broker = True

    def setUp(self):
        super().setUp()
        self.p.good("admin", "admin", "log-level", "debug")

    def submit(self, key, header=OF_CALL, **more):
        body = harness.submission(key, samples.small([FRONT_DOOR, MASH], **more))
        return self.accepted(
            self.p.curl(
                "oakfield", "/cairn.v1.Exchange/Submit", body,
                arguments=("--header", f"traceparent: {header}"),
            )
        )

    def notices(self):
        for who, desk in (("northshire-council", FRONT_DOOR), ("northshire-police", MASH)):
            with wire.Client(self.p, who) as c:
                for d in c.inbox(desk):
                    yield desk, d.notice

    def log(self, word):
        return harness.poll(word, lambda: [x for x in self.p.daemon.log().splitlines() if word in x])

    def test_the_field_reaches_every_desk_unchanged_and_the_log(self):
        self.submit("trace-field-1", traceparent=OURS)
        found = dict(self.notices())
        self.assertEqual(
            {d: n.content.traceparent for d, n in found.items()}, {FRONT_DOOR: OURS, MASH: OURS}
        )
        line = self.log("concern_accepted")[0]
        self.assertIn('"trace.id":"4bf92f3577b34da6a3ce929d0e0e4736"', line)
        self.assertIn('"span.id":"00f067aa0ba902b7"', line)
        self.assertNotIn("aaaa", line)

    def test_the_header_is_logged_and_goes_no_further(self):
        first = self.submit("trace-header-1")
        self.assertIn(f'"trace.id":"{"a" * 32}"', self.log("concern_accepted")[0])
        for _, notice in self.notices():
            self.assertNotIn("a" * 32, str(notice.content))
            self.assertEqual(notice.content.traceparent, "")
        # A retry comes with a span of its own, and is the same concern.
        other = OF_CALL.replace("bbbb", "cccc")
        self.assertEqual(self.submit("trace-header-1", header=other)["receipt"], first["receipt"])

    def test_what_is_no_trace_is_carried_with_a_warning_and_never_logged(self):
        said = self.submit("trace-bad-1", traceparent="Tamsin Oakley", header="Tamsin Oakley too")
        self.assertIn("traceparent_shape", [w["code"] for w in said["warnings"]])
        for _, notice in self.notices():
            self.assertEqual(notice.content.traceparent, "Tamsin Oakley")
        self.assertNotIn("trace.id", self.log("concern_accepted")[0])
        self.assertNotIn("Tamsin", self.p.daemon.log())

    def test_a_refusal_has_its_trace_too(self):
        body = harness.submission("trace-refused-1", samples.small(["oakfield/nobody"], traceparent=OURS))
        self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", body)
        line = self.log("concern_refused")[0]
        self.assertIn('"trace.id":"4bf92f3577b34da6a3ce929d0e0e4736"', line)
        self.assertIn('"event.outcome":"failure"', line)


if __name__ == "__main__":
    harness.main()
