"""The programs of bench/ for a second: that they work and what they print, no figure of them."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("CAIRN_BUILD") or ROOT / "build" / "dev").resolve()


def bench(*words):
    return subprocess.run([str(ROOT / "bench" / "run"), str(BUILD), *words], capture_output=True,
                          text=True, timeout=200, check=False)


class run(unittest.TestCase):
    def test_a_second_of_it_prints_its_four_lines(self):
        done = bench("--json", "--seconds", "1", "--repeats", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        fixture, full, calm, copied = (json.loads(line) for line in done.stdout.splitlines())
        self.assertGreaterEqual(fixture["populated_fields"], 40)
        self.assertEqual(fixture["notices"], 3)
        self.assertEqual(set(full), {
            "case", "repeats", "concerns_per_s", "deliveries_per_s", "confirms_per_s",
            "broker_cpu_us", "disk_bytes", "rss_mb", "cpu_us_by_stage"})
        self.assertEqual(set(calm), {
            "case", "repeats", "receipt_p50_us", "receipt_p99_us", "all_p50_us", "all_p99_us",
            "broker_cpu_us"})
        self.assertEqual(set(copied), {
            "case", "repeats", "concerns_per_s", "of_those_without", "backups", "last_backup_s",
            "last_backup_mb", "records_verified_per_s"})
        self.assertGreaterEqual(copied["backups"], 1)
        stages = full["cpu_us_by_stage"]
        *named, rest = stages
        self.assertEqual(named, ["decode", "decide", "redact", "seal", "ledger", "deliver"])
        for stage in named:
            self.assertGreater(stages[stage], 0, stage)
        # No clipping: the parts are the whole.
        self.assertAlmostEqual(sum(stages.values()), full["broker_cpu_us"], delta=0.01)

    def test_a_concern_of_few_fields_is_no_fixture(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            f.write('{"purpose": "PURPOSE_S47"}')
            f.flush()
            done = bench("--concern", f.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn("40 are wanted", done.stderr)


class simulate(unittest.TestCase):
    def test_it_replays_what_it_sent_and_flips_nothing_under_the_same_text(self):
        done = subprocess.run([str(ROOT / "bench" / "simulate.py"), str(BUILD), "--concerns", "1", "--json"],
                              capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        other, same = (json.loads(line) for line in done.stdout.splitlines())
        self.assertGreaterEqual(other["concerns"], 1)
        self.assertGreater(other["flips"], 0)
        self.assertEqual(same["flips"], 0)
        self.assertEqual(same["decisions"], other["decisions"])


class restore(unittest.TestCase):
    def test_what_was_sent_comes_back_and_is_served(self):
        done = subprocess.run([str(ROOT / "bench" / "restore.py"), str(BUILD), "--concerns", "1", "--json"],
                              capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        row = json.loads(done.stdout)
        self.assertGreaterEqual(row["concerns"], 1)
        for part in ("backup_s", "first_try_s", "restore_s", "start_s", "archive_mb"):
            self.assertGreater(row[part], 0, part)
        parts = row["first_try_s"] + row["restore_s"] + row["start_s"]
        self.assertAlmostEqual(row["seconds"], parts, delta=0.05)


class policy(unittest.TestCase):
    def test_a_round_of_it_prints_each_figure_that_the_docs_name(self):
        """With the goal beside it; what a figure is of a debug build means nothing."""
        done = subprocess.run([str(BUILD / "bin" / "cairn-bench-policy"), "1"], capture_output=True, text=True,
                              timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        printed = [re.fullmatch(r"(.*?)(?:, \d+ letters)? +[\d.]+ ns +[\d.]+ ns", line)
                   for line in done.stdout.splitlines()]
        self.assertNotIn(None, printed, done.stdout)
        page = (ROOT / "docs" / "POLICY.md").read_text().partition("\n## Figures\n")[2]
        named = re.findall(r"(?m)^\| ((?:a|an|the) .*?) \|", page)
        self.assertEqual([p[1] for p in printed], named)

    def test_what_it_does_not_understand_is_wrong_use(self):
        for words in (["0"], ["many"], ["1", "2"]):
            done = subprocess.run([str(BUILD / "bin" / "cairn-bench-policy"), *words], capture_output=True,
                                  text=True, timeout=200, check=False)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn("usage: cairn-bench-policy [ROUNDS]", done.stderr)


class redaction(unittest.TestCase):
    def bench(self, *words):
        return subprocess.run([str(BUILD / "bin" / "cairn-bench-redaction"), *map(str, words)], capture_output=True,
                              text=True, timeout=200, check=False)

    def test_a_round_of_it_reads_the_concern_of_the_bench_and_makes_three_notices(self):
        done = self.bench(ROOT / "bench" / "concern.json", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        first, *printed = done.stdout.splitlines()
        self.assertRegex(first, r"^[4-9]\d fields in \d+ cells$")
        self.assertEqual([re.sub(r" +[\d.]+ us +[\d.]+ us$", "", line) for line in printed],
                         ["reading it", "northshire-police/mash", "northshire-health/named",
                          "northshire-council/front_door"])

    def test_what_it_does_not_understand_is_wrong_use(self):
        for words in ([], ["x", "0"], ["x", "many"], ["x", "1", "2"]):
            self.assertEqual(self.bench(*words).returncode, 64, words)
        done = self.bench(ROOT / "bench" / "run")
        self.assertEqual(done.returncode, 66)
        self.assertIn("is no concern as JSON", done.stderr)


if __name__ == "__main__":
    unittest.main()
