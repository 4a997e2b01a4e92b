"""Which tests of a module run: those that need mounting, or the others."""

import unittest


def needs_mounting(what):
    """Marks a test or class that only a machine where file systems can be mounted can run: ctest
    runs those by themselves, so that leaving them out is seen and hides nothing else."""
    what.needs_mounting = True
    return what


class Chosen(unittest.TestLoader):
    """Only the tests that need mounting, or only the others."""

    def __init__(self, mounting):
        super().__init__()
        self.mounting = mounting

    def getTestCaseNames(self, case):  # noqa: N802
        def marked(name):
            return any(hasattr(x, "needs_mounting") for x in (case, getattr(case, name)))

        return [n for n in super().getTestCaseNames(case) if marked(n) == self.mounting]
