"""deploy/prometheus and deploy/grafana against a running broker: every name they use is exposed, and
the rules do what they say. promtool comes from Debian's package, which is unpacked and not installed:
installed it would start a server."""

import json
import os
import pathlib
import re
import shutil
import tempfile

import harness
import samples
import wire
from samples import MASH

PROMETHEUS = harness.ROOT / "deploy" / "prometheus"
DASHBOARD = harness.ROOT / "deploy" / "grafana" / "cairn.json"
NAME = re.compile(r"\bcairn_[a-z_]+")


def promtool():
    """The program, from PATH or from the package; None where neither can be had."""
    found = shutil.which("promtool")
    if found:
        return found
    kept = harness.SCRATCH / "promtool"
    if kept.exists():
        return kept
    with tempfile.TemporaryDirectory(dir=harness.SCRATCH) as folder:
        done = harness.run(["apt-get", "download", "prometheus"], cwd=folder, patience_s=120)
        packages = list(pathlib.Path(folder).glob("prometheus_*.deb"))
        if done.code != 0 or not packages:
            return None
        out = pathlib.Path(folder) / "out"
        if harness.run(["dpkg-deb", "-x", packages[0], out], patience_s=120).code != 0:
            return None
        os.rename(out / "usr" / "bin" / "promtool", kept)
    return kept


class monitoring(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with wire.Client(cls.p, "oakfield") as c:
            c.submit("monitored-1", samples.small([MASH]))
        # Desks are looked at every fifteen seconds; the first look is at the start.
        harness.poll("the desks", lambda: "cairn_desk_pending{" in cls.p.daemon.page("/metrics")[1])
        cls.metrics = cls.p.daemon.page("/metrics")[1]

    def exposed(self):
        return {re.split(r"[{ ]", x)[0] for x in self.metrics.splitlines() if x[:1] not in ("#", "")}

    def tool(self, *arguments, **extra):
        program = promtool()
        if program is None:
            self.skipTest("no promtool on PATH and no package to be had")
        done = harness.run([program, *arguments], cwd=PROMETHEUS, **extra)
        self.assertEqual(done.code, 0, done)
        return done

    def test_every_name_in_rules_and_dashboard_is_exposed(self):
        used = {}
        for path in (PROMETHEUS / "cairn.rules.yml", DASHBOARD):
            text = path.read_text()
            if path == DASHBOARD:
                queries = [t["expr"] for x in json.loads(text)["panels"] for t in x["targets"]]
                self.assertGreater(len(queries), 20)
                text = "\n".join(queries)
            used[path.name] = set(NAME.findall(text))
            self.assertGreater(len(used[path.name]), 10)
        there = self.exposed()
        self.assertEqual({f: names - there for f, names in used.items()}, {f: set() for f in used})

    def test_names_follow_the_conventions(self):
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", self.metrics, re.MULTILINE))
        self.assertEqual(set(types), {n for n in types if n.startswith("cairn_")})
        self.assertEqual(self.exposed() - set(types), set(), "each has help and type")
        for name, kind in types.items():
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
        labels = set(re.findall(r"[{,](\w+)=", self.metrics))
        self.assertEqual(
            labels - {"stage", "desk", "agency", "what", "outcome", "version", "digest", "check"},
            set(),
        )

    def test_promtool_finds_no_fault_in_the_page(self):
        self.tool("check", "metrics", stdin=self.metrics.encode())

    def test_promtool_accepts_rules_and_example(self):
        self.tool("check", "rules", "cairn.rules.yml")
        self.tool("check", "config", "prometheus.yml")

    def test_each_alert_begins_and_ends_as_it_says(self):
        alerts = re.findall(r"- alert: (\w+)", (PROMETHEUS / "cairn.rules.yml").read_text())
        tested = re.findall(r"alertname: (\w+)", (PROMETHEUS / "cairn.rules.test.yml").read_text())
        self.assertEqual(set(alerts), set(tested))
        self.tool("test", "rules", "cairn.rules.test.yml")

    def test_stages_are_counted(self):
        def passed(stage):
            found = re.search(
                rf'^cairn_stage_passed_total{{stage="{stage}"}} (\d+)$', self.metrics, re.MULTILINE
            )
            self.assertIsNotNone(found, stage)
            return int(found.group(1))

        for stage in ("decode", "decide", "redact", "seal", "ledger"):
            self.assertEqual(passed(stage), 1, stage)
        self.assertGreaterEqual(passed("transport"), 1)
        self.assertEqual(passed("deliver"), 0)

    def ended_at(self):
        """How many ended at each stage, as of now."""
        text = self.p.daemon.page("/metrics")[1]
        found = re.findall(r'^cairn_stage_refused_total{stage="(\w+)"} (\d+)$', text, re.MULTILINE)
        return {stage: int(n) for stage, n in found}

    def test_what_ends_at_a_stage_is_counted_there_and_nowhere_else(self):
        stages = ("transport", "decode", "decide", "redact", "seal", "ledger", "deliver")
        self.assertEqual(tuple(self.ended_at()), stages)
        other = samples.small([MASH], urgency="URGENCY_IMMEDIATE")
        for stage, body, symbol in (
            ("decode", b'{"key": "ends-decode-1", "concern": {"urgency": "SOON"}}', "malformed"),
            ("decide", harness.submission("ends-decide-1", samples.small(["oakfield/nobody"])), "unknown_desk"),
            ("ledger", harness.submission("monitored-1", other), "key_reused"),
        ):
            with self.subTest(stage):
                before = self.ended_at()
                answer = self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", body)
                self.assertEqual(answer.symbol(), symbol, str(answer))
                after = self.ended_at()
                self.assertEqual({s: after[s] - before[s] for s in stages if after[s] != before[s]}, {stage: 1})
        before = self.ended_at()
        answer = self.p.curl(None, "/cairn.v1.Exchange/Submit", b"{}")
        self.assertNotEqual(answer.exit_code, 0, "no certificate")
        harness.poll("transport", lambda: self.ended_at()["transport"] == before["transport"] + 1)
        with wire.Client(self.p, "northshire-police") as c:
            c.exchange.Return(wire.ex.ReturnRequest(
                desk=MASH, position=c.inbox(MASH)[0].position, reason=wire.ex.ReturnRequest.REASON_NOT_OUR_PERSON))
        self.assertEqual(self.ended_at()["deliver"], before["deliver"] + 1)


if __name__ == "__main__":
    harness.main()
