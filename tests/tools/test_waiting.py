"""Waits that Linux ends: they see what happens before, during and after, and they end."""
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import waiting  # noqa: E402

LONG_S = 30


class waits(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.file = pathlib.Path(place.name) / "file"

    def child(self):
        """Ends when its input does."""
        made = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        self.addCleanup(made.stdin.close)
        return made

    def test_an_end_is_seen_and_a_life_is_not_taken_for_one(self):
        made = self.child()
        self.assertFalse(waiting.ended(made.pid, 0))
        made.stdin.close()
        self.assertTrue(waiting.ended(made.pid, LONG_S))
        # Waited for as well: no such process, which has ended.
        made.wait()
        self.assertTrue(waiting.ended(made.pid, LONG_S))

    def test_a_file_there_before_is_seen_at_once(self):
        self.file.touch()
        self.assertTrue(waiting.changed_until(self.file.parent, self.file.exists, 0))

    def test_a_file_that_appears_or_is_moved_in_wakes_the_waiter(self):
        for make in (self.file.touch, lambda: draft.rename(self.file)):
            with self.subTest(make):
                self.file.unlink(missing_ok=True)
                draft = self.file.with_suffix(".part")
                draft.touch()
                asked = threading.Event()

                def there():
                    asked.set()
                    return self.file.exists()

                late = threading.Thread(target=lambda: (asked.wait(LONG_S), make()))
                late.start()
                self.assertTrue(waiting.changed_until(self.file.parent, there, LONG_S))
                late.join()

    def test_a_file_that_grows_wakes_the_waiter(self):
        self.file.write_text("one\n")
        asked = threading.Event()

        def said():
            asked.set()
            return "two" in self.file.read_text()

        def write():
            asked.wait(LONG_S)
            with open(self.file, "a", encoding="ascii") as out:
                out.write("two\n")

        late = threading.Thread(target=write)
        late.start()
        self.assertTrue(waiting.changed_until(self.file, said, LONG_S))
        late.join()

    def test_it_ends_with_the_process_or_with_its_patience(self):
        made = self.child()
        began = time.monotonic()
        self.assertIsNone(waiting.changed_until(self.file.parent, self.file.exists, 0.05, made.pid))
        made.stdin.close()
        self.assertIsNone(waiting.changed_until(self.file.parent, self.file.exists, LONG_S, made.pid))
        self.assertLess(time.monotonic() - began, LONG_S)
        made.wait()

    def test_what_the_process_did_last_is_seen(self):
        made = subprocess.Popen(["touch", str(self.file)])
        self.assertTrue(waiting.changed_until(self.file.parent, self.file.exists, LONG_S, made.pid))
        made.wait()


if __name__ == "__main__":
    unittest.main(verbosity=2)
