"""A tree in a temporary folder with planted files."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))


class planted_tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def plant(self, path, text, mode=0o644):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(full, mode)

    def assert_found(self, check, where, words):
        """Exactly one finding, there and saying that."""
        problems, _ = check(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertTrue(problems[0].startswith(where + ":"), problems)
        self.assertIn(words, problems[0])

    def assert_clean(self, check):
        self.assertEqual(check(self.root)[0], [])
