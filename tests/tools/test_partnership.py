"""A signal ends the demo wherever it comes."""
import pathlib
import subprocess
import sys
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "tools"
# A signal while a file is cleared away: what its handler raises there Python drops without a word.
LOST = """
import io, os, signal, sys
sys.path.insert(0, sys.argv[1])
import partnership

class Cleared(io.RawIOBase):
    def close(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(10):
            pass
        print("not called", flush=True)

partnership.end_by_signal()
partnership.go_on()
try:
    made = Cleared()
    del made
    print("lost", flush=True)
    partnership.go_on()
except partnership.Ended:
    print("ended")
"""


class ending(unittest.TestCase):
    def test_a_signal_that_comes_while_a_file_is_cleared_away_ends_it_too(self):
        done = subprocess.run([sys.executable, "-B", "-c", LOST, str(TOOLS)], capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("lost\nended\n", ""))


if __name__ == "__main__":
    unittest.main()
