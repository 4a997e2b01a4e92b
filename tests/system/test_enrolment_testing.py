"""An agency that has its certificate and is not live yet."""

import json

import harness
import samples
from enrolment import FORD_DSL, Enrolment
from samples import DSL


class while_it_is_testing(Enrolment):
    """Test traffic reaches nobody else."""

    def test_it_reaches_its_own_desks_and_nobody_reaches_them(self):
        self.to_testing()
        own = self.p.curl("ford", "/cairn.v1.Exchange/Submit", json.dumps(
            {"key": "ford-own-0001",
             "concern": samples.small([FORD_DSL], purpose="PURPOSE_CIN17")}
        ).encode())
        self.assertEqual(self.accepted(own)["told"], [FORD_DSL])
        for desks, symbol in (([samples.FRONT_DOOR], "test_only"), ([], "test_only"),
                              ([FORD_DSL, DSL], "test_only")):
            answer = self.p.curl("ford", "/cairn.v1.Exchange/Submit", json.dumps(
                {"key": f"ford-out-{len(desks)}-{symbol}",
                 "concern": samples.small(desks, purpose="PURPOSE_CIN17")}
            ).encode())
            self.refused(answer, 403, symbol)
        self.assertEqual(self.p.desk_counts(samples.FRONT_DOOR)["routed"], 0)
        # Others find its desk closed.
        answer = self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", json.dumps(
            {"key": "oak-to-ford-1", "concern": samples.small([FORD_DSL])}
        ).encode())
        told = self.accepted(answer)["told"] if answer.status == 200 else []
        self.assertNotIn(FORD_DSL, told)
        listed = self.p.curl("oakfield", "/cairn.v1.Exchange/ListDesks", b"{}").json()
        self.assertNotIn(FORD_DSL, [d["desk"] for d in listed["desks"]])
        notice = self.p.curl("ford", "/cairn.v1.Exchange/Fetch", json.dumps(
            {"desk": FORD_DSL}
        ).encode()).json()["deliveries"]
        self.assertEqual([n["notice"].get("test") for n in notice], [True])
        self.assertEqual(self.p.desk_counts(FORD_DSL)["routed"], 1)

    def test_a_run_the_broker_did_not_see_is_not_believed(self):
        self.to_testing()
        claimed = {"steps": [{"name": "submit", "passed": True}]}
        answer = self.p.curl(
            "ford", "/cairn.v1.Enrol/Report", json.dumps(claimed).encode()
        )
        self.refused(answer, 400, "run_not_seen")
        self.assertEqual(self.row()["step"], "ENROLMENT_STEP_TESTING")
        # A refusal now ends its certificates.
        self.p.good("ben", "approve", "ford-1", "--refuse", "--because", "not this year")
        done = self.p.cairn("ford", "conform")
        self.assertEqual(done.code, 77, done)
        self.assertIn("revoked", done.err)

    def test_a_failed_run_is_kept_and_can_be_mended(self):
        self.to_testing()
        probe = self.p.folder / "ford" / "probe"
        probe.rename(self.p.folder / "away")
        self.assertNotEqual(self.p.cairn("ford", "conform").code, 0)
        (self.p.folder / "away").rename(probe)
        self.assertIn("ford is live", self.conform().out)
        again = self.p.cairn("ford", "conform")
        self.assertEqual(again.code, 65, again)


if __name__ == "__main__":
    harness.main()
