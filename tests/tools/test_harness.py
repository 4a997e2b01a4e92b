"""What the system tests tell ctest: a skip is seen, and nothing selected is a failure."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SYSTEM = pathlib.Path(__file__).resolve().parent.parent / "system"
MODULE = """
import unittest
import harness

class some(unittest.TestCase):
    def test_passes(self): pass
    @harness.needs_mounting
    def test_mounts(self): {mounts}

harness.main()
"""


class harness(unittest.TestCase):
    def ends_with(self, mounts, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            module = pathlib.Path(folder) / "module.py"
            module.write_text(MODULE.format(mounts=mounts))
            env = {**os.environ, "PYTHONPATH": str(SYSTEM), "CAIRN_BIN": folder,
                   "PYTHONDONTWRITEBYTECODE": "1"}
            done = subprocess.run([sys.executable, module, *arguments], env=env, timeout=30,
                                  capture_output=True, text=True, check=False)
            return done.returncode, done.stderr

    def test_one_skipped_among_others_is_seen(self):
        code, said = self.ends_with("self.skipTest('no reason')")
        self.assertEqual(code, 77)
        self.assertIn("skipped: __main__.some.test_mounts: no reason", said)

    def test_a_failure_is_no_skip(self):
        self.assertEqual(self.ends_with("self.fail()")[0], 1)

    def test_the_parts_are_run_by_themselves(self):
        self.assertEqual(self.ends_with("self.fail()", "--no-mounting")[0], 0)
        self.assertEqual(self.ends_with("self.fail()", "--mounting")[0], 1)
        self.assertEqual(self.ends_with("pass", "--mounting")[0], 0)

    def test_nothing_selected_is_a_failure(self):
        self.assertEqual(self.ends_with("pass", "-k", "nowhere")[0], 1)


if __name__ == "__main__":
    unittest.main()
