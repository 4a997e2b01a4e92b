"""A signal ends the demo wherever it comes."""
import pathlib
import subprocess
import sys
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "tools"
# A signal while an object is cleared away: what its handler raises there Python drops.
LOST = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import partnership

class Cleared:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(10):
            pass
        raise ValueError("the handler was not called")

partnership.end_by_signal()
try:
    made = Cleared()
    del made
    print("lost", flush=True)
    while True:
        signal.pause()
except partnership.Ended:
    print("ended")
"""


class ending(unittest.TestCase):
    def test_a_signal_that_comes_while_an_object_is_cleared_away_ends_it_too(self):
        done = subprocess.run([sys.executable, "-B", "-c", LOST, str(TOOLS)], capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("lost\nended\n", ""))


if __name__ == "__main__":
    unittest.main()
