"""The real cairnd on ports the kernel chooses, the real cairn, curl and foreign gRPC libraries.

Every test starts its programs itself and stops them by process id. Nothing here sleeps for a fixed time. A
start and an end are waited for themselves; what no file and no process tells of is polled under a deadline,
and a deadline that passes is a failure that prints the daemon's log.
"""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from choosing import Chosen, needs_mounting
from enrolled import copy_enrolled
from northshire import DESKS, Partnership, submission
from programs import BIN, HERE, PATIENCE_S, ROOT, SCRATCH, Daemon, poll, run

class SystemTest(unittest.TestCase):
    """Shares one enrolled, running partnership among the tests of a class."""

    # Tests that break their broker set this and get a fresh copy each.
    own_broker = False
    start_broker = True
    p = None

    @classmethod
    def setUpClass(cls):
        if not cls.own_broker:
            cls.p = copy_of_template()
            if cls.start_broker:
                cls.p.start()

    @classmethod
    def tearDownClass(cls):
        if cls.p is not None and cls.p.daemon is not None:
            code = cls.p.stop()
            assert code == 0, f"cairnd ended with {code}:\n{cls.p.daemon.log()[-4000:]}"
            cls.p.assert_clean_log()

    def setUp(self):
        if self.own_broker:
            self.p = copy_of_template()
            self.addCleanup(self._end_own)
            if self.start_broker:
                self.p.start()

    def _end_own(self):
        if self.p.daemon is None:
            return
        if self.p.daemon.alive():
            self.p.kill()
        self.p.assert_clean_log()

    def run(self, result=None):
        """Prints the broker's log after a failure: without it nobody knows why."""
        before = _bad(result)
        super().run(result)
        if _bad(result) > before and self.p is not None and self.p.log_path.exists():
            tail = self.p.log_path.read_text(errors="replace")[-6000:]
            print(f"\n--- cairnd's log after {self.id()}\n{tail}---", file=sys.stderr)
        return result

    # -- said often

    def refused(self, answer, status, symbol):
        self.assertEqual(answer.exit_code, 0, str(answer))
        self.assertEqual(answer.status, status, str(answer))
        self.assertEqual(answer.symbol(), symbol, str(answer))
        self.assertTrue(answer.json()["cairn"]["nextStep"], "a refusal says what next")

    def accepted(self, answer):
        self.assertEqual((answer.exit_code, answer.status), (0, 200), str(answer))
        out = answer.json()
        self.assertRegex(out["concernId"], "^[0-9a-f]{32}$")
        self.assertIn("— ", out["receipt"], "a receipt is a signed note")
        return out

    def assert_conserved(self):
        """Invariant 1: routed = confirmed + returned + withdrawn + expired + pending, per desk."""
        for row in self.p.status().get("desks", []):
            parts = ("confirmed", "returned", "withdrawn", "expired", "pending")
            self.assertEqual(
                int(row.get("routed", 0)), sum(int(row.get(x, 0)) for x in parts), row
            )


def _bad(result):
    return 0 if result is None else len(result.failures) + len(result.errors)


_workspace = None
_copies = 0


def workspace():
    global _workspace
    if _workspace is None:
        _workspace = pathlib.Path(tempfile.mkdtemp(prefix="cairn-system-"))
    return _workspace


def copy_of_template():
    """An enrolled partnership of one's own, stopped."""
    global _copies
    _copies += 1
    return copy_enrolled(workspace() / f"p{_copies}")


# ctest's "skipped".
SKIPPED = 77


def main():
    """Runs the calling module's tests. Where one was skipped and none failed, ctest is told that the
    module was skipped: a pass is a pass of everything."""
    part = {"--mounting": True, "--no-mounting": False}.get(sys.argv[-1])
    loader = unittest.defaultTestLoader
    if part is not None:
        sys.argv.pop()
        loader = Chosen(part)
    program = unittest.main(module="__main__", exit=False, verbosity=2, testLoader=loader)
    result = program.result
    if _workspace is not None:
        if result.wasSuccessful() and not os.environ.get("CAIRN_KEEP"):
            shutil.rmtree(_workspace, ignore_errors=True)
        else:
            print(f"kept: {_workspace}", file=sys.stderr)
    if not result.wasSuccessful():
        sys.exit(1)
    if not result.testsRun:
        sys.exit("no test was selected")
    for test, why in result.skipped:
        print(f"skipped: {test.id()}: {why}", file=sys.stderr)
    sys.exit(SKIPPED if result.skipped else 0)
