"""Numbers of errors are public (docs/API.md, "Versions"): what a release had stays as it was.

CAIRN_UPDATE_GOLDEN=1 writes new ones down; it takes none away and changes none.
"""
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import gen_errors  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "errors.txt"


def known(table):
    """What a client may build on, a line a row; texts for people may improve."""
    return [f"{r['number']} {r['symbol']} {r['grpc']} {'retry' if r['retryable'] == 'yes' else 'final'}"
            for r in table]


def broken(before, now):
    """What is gone or changed of what was written down."""
    return [line for line in before if line not in set(now)]


class errors(unittest.TestCase):
    def test_no_number_is_moved_taken_away_or_used_again(self):
        now = known(gen_errors.rows(ROOT / "broker" / "core" / "errors.csv"))
        before = GOLDEN.read_text().splitlines()
        self.assertEqual(broken(before, now), [], "clients were told these")
        new = [line for line in now if line not in set(before)]
        if os.environ.get("CAIRN_UPDATE_GOLDEN") == "1":
            # A number that was ever written down is never another's.
            self.assertEqual({x.split()[0] for x in new} & {x.split()[0] for x in before}, set())
            GOLDEN.write_text("\n".join(sorted(before + new)) + "\n")
            new = []
        self.assertEqual(new, [], "write them down: CAIRN_UPDATE_GOLDEN=1")

    def test_each_kind_of_change_is_found(self):
        rows = gen_errors.rows(ROOT / "broker" / "core" / "errors.csv")
        before = known(rows)
        for column, value in (("number", "1999"), ("symbol", "other"), ("grpc", "OK"), ("retryable", "maybe")):
            changed = [dict(r) for r in rows]
            # Of the first that is retryable: any other word makes it final.
            row = next(r for r in changed if r["retryable"] == "yes")
            row[column] = value
            self.assertEqual(len(broken(before, known(changed))), 1, column)
        self.assertEqual(len(broken(before, before[1:])), 1)
        texts = [dict(r, text="Better words") for r in rows]
        self.assertEqual(broken(before, known(texts)), [])


if __name__ == "__main__":
    unittest.main()
