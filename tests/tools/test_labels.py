"""ctest finds the tests of what has threads by their label, and not by luck."""
import json
import os
import subprocess
import unittest

BUILD = os.environ["CAIRN_BUILD"]
THREADED = {"core", "daemon", "ledger", "session", "transport"}


def labels_by_module():
    """Module: the labels of each of its tests. What was not built has no tests."""
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=BUILD, capture_output=True,
                            timeout=100, check=True).stdout
    found = {}
    for test in json.loads(listed)["tests"]:
        module, colon, _ = test["name"].partition(":")
        if not colon:
            continue
        labels = next((p["value"] for p in test["properties"] if p["name"] == "LABELS"), [])
        found.setdefault(module, []).append("-".join(labels))
    return found


class labels(unittest.TestCase):
    def test_everything_with_threads_is_found_by_tsan(self):
        found = labels_by_module()
        for module in THREADED:
            self.assertIn(module, found)
            for label in found[module]:
                # Slow ones are there for seeds, not for threads.
                if label != "slow":
                    self.assertIn("tsan", label, module)

    def test_no_test_is_without_a_label(self):
        for module, all_labels in labels_by_module().items():
            self.assertNotIn("", all_labels, module)


if __name__ == "__main__":
    unittest.main()
