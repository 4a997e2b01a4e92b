"""A broker whose ledger thread stands still no longer says that it is alive, though the thread that
says so goes on."""

import contextlib
import ctypes
import os
import pathlib
import unittest

import harness
import manager
import samples
import wire

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WAIT_FOR_THREADS = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def ptrace(request, tid):
    if libc.ptrace(request, tid, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")


@contextlib.contextmanager
def held(tid):
    """The one thread stopped, as by a debugger."""
    ptrace(PTRACE_SEIZE, tid)
    ptrace(PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WAIT_FOR_THREADS)
    try:
        yield
    finally:
        ptrace(PTRACE_DETACH, tid)


def thread_named(pid, name):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise AssertionError(f"no thread is called {name}")


def rounds(pid):
    """How often the main thread went to sleep: once a round."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/status").read_text()
    return int(text.partition("voluntary_ctxt_switches:")[2].split()[0])


@unittest.skipUnless(os.geteuid() == 0, "only root may hold a thread of a process that is not dumpable")
class watchdog(harness.SystemTest):
    own_broker = True
    start_broker = False

    def test_a_ledger_thread_that_hangs_is_not_alive_and_one_that_goes_on_is(self):
        m = manager.Manager(self.p.folder)
        self.addCleanup(m.close)
        self.p.environment = m.environment(watchdog_s=1)
        self.p.start()
        pid = self.p.daemon.process.pid
        m.next_of("READY")
        m.next_of("WATCHDOG")
        with held(thread_named(pid, "ledger")):
            m.drain()
            before = rounds(pid)
            harness.poll("five rounds of the main thread", lambda: rounds(pid) >= before + 5)
            # One: it came round after the last question and before it was held.
            self.assertLessEqual(len(m.drain()), 1)
        self.assertEqual(m.next(), {"WATCHDOG": "1"})
        with wire.Client(self.p, "oakfield") as c:
            c.submit("after-the-stop-1", samples.small())


if __name__ == "__main__":
    harness.main()
