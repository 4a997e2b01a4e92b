"""The programs in examples/, each against a broker behind a gate that cuts twice: the answer to the
submission after the concern is in the log, and the stream of notices.

test_examples.py python | typescript | java runs one.
"""

import json
import os
import shutil

import harness
import npm
import wire
from gate import Gate
from samples import FRONT_DOOR

EXAMPLES = harness.ROOT / "examples"
CONCERN = harness.ROOT / "deploy" / "example" / "concern.json"


class example:  # pylint: disable=too-few-public-methods
    """What each of them is held to."""

    command = None

    def run_example(self, port, state):
        words = [f"localhost:{port}", self.p.folder / "oakfield",
                 self.p.folder / "northshire-council", FRONT_DOOR, CONCERN, state]
        environment = {**os.environ, "PYTHONPATH": str(wire.generate_stubs()),
                       "no_proxy": "localhost,127.0.0.1"}
        done = harness.run([*self.command, *words], patience_s=150, env=environment)
        self.assertEqual(done.code, 0, str(done))
        return json.loads(done.out), done.err

    def gauge(self, name):
        page = self.p.daemon.page("/metrics")[1]
        return sum(int(float(line.split()[-1])) for line in page.splitlines()
                   if line.split("{")[0].split(" ")[0] == name)

    def test_there_and_back_over_a_way_that_breaks(self):
        cuts = [lambda: self.p.desk_counts(FRONT_DOOR)["routed"] > 0,
                lambda: self.gauge("cairn_desks_connected") > 0]
        state = self.p.folder / "state"
        with Gate(self.p.port, cuts) as gate:
            said, err = self.run_example(gate.port, state)
            self.assertEqual(gate.cuts, [], "both cuts were made")
        self.assertGreaterEqual(err.count("trying again"), 2, err)
        self.assertRegex(said["concernId"], "^[0-9a-f]{32}$")
        self.assertEqual(said["acknowledged"], [FRONT_DOOR])
        self.assertEqual(said["refusedNumber"], 1201, "a required field is missing")
        self.assertIn("concern", said["refusedWords"])
        self.assertTrue((state / f"{said['position']}.json").exists())
        counts = self.p.desk_counts(FRONT_DOOR)
        self.assertEqual((counts["routed"], counts["confirmed"]), (1, 1), "nothing is there twice")
        self.assert_conserved()
        # Started again it finds everything done, and does nothing twice.
        again, _ = self.run_example(self.p.port, state)
        self.assertEqual(again["concernId"], said["concernId"])
        self.assertEqual(self.p.desk_counts(FRONT_DOOR), counts)


class python(example, harness.SystemTest):
    command = ["/usr/bin/python3", "-B", EXAMPLES / "python" / "exchange.py"]


class typescript(example, harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        folder = npm.install(EXAMPLES / "typescript", "*.ts", "*.json")
        environment = {**os.environ, "PROTO": str(wire.PROTO)}
        for script in ("generate", "build"):
            done = harness.run(["npm", "run", script], cwd=folder, env=environment, patience_s=150)
            assert done.code == 0, str(done)
        cls.command = ["node", folder / "dist" / "exchange.js"]
        super().setUpClass()


class java(example, harness.SystemTest):
    command = ["java", EXAMPLES / "java" / "Exchange.java"]

    @classmethod
    def setUpClass(cls):
        if not shutil.which("javac"):
            npm.missing("no JDK here (apt-get install openjdk-17-jdk-headless)")
        super().setUpClass()


if __name__ == "__main__":
    harness.main()
