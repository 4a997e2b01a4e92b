"""Waiting for the thing itself: a process that ends, a file that appears or grows. Linux wakes the waiter;
nobody asks again and again. Times are seconds; every wait has an end."""

import ctypes
import os
import pathlib
import select
import struct
import time

_LIBC = ctypes.CDLL(None, use_errno=True)
# inotify(7): a file is written, closed after writing, made in a folder, or moved into it.
_CHANGES = 0x2 | 0x8 | 0x100 | 0x80
_NONBLOCK = os.O_NONBLOCK | os.O_CLOEXEC
_EVENT = struct.calcsize("iIII")


class _Watch:
    """Readable when something in a folder, or of a file, has changed."""

    def __init__(self, path):
        self.fd = _LIBC.inotify_init1(_NONBLOCK)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        if _LIBC.inotify_add_watch(self.fd, os.fsencode(path), _CHANGES) < 0:
            os.close(self.fd)
            raise OSError(ctypes.get_errno(), f"inotify_add_watch {path}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def drain(self):
        try:
            while os.read(self.fd, 64 * (_EVENT + 256)):
                pass
        except BlockingIOError:
            pass


def _pidfd(pid):
    """None: there is no such process any more."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def ended(pid, patience_s):
    """Whether the process, anybody's child, ends within that time. One not yet waited for has ended."""
    fd = _pidfd(pid)
    if fd is None:
        return True
    try:
        return bool(select.select([fd], [], [], patience_s)[0])
    finally:
        os.close(fd)


def changed_until(path, check, patience_s, pid=None):
    """The first true value of check(), asked once and after each change of the file or of what lies in the
    folder; None when the patience ends, or where process `pid` ended and check() is still not true."""
    end = time.monotonic() + patience_s
    process = None if pid is None else _pidfd(pid)
    gone = pid is not None and process is None
    try:
        # Watched before it is asked, so that no change falls between.
        with _Watch(pathlib.Path(path)) as watch:
            while True:
                value = check()
                left = end - time.monotonic()
                if value or gone or left <= 0:
                    return value or None
                fds = [watch.fd] if process is None else [watch.fd, process]
                gone = process in select.select(fds, [], [], left)[0]
                watch.drain()
    finally:
        if process is not None:
            os.close(process)
