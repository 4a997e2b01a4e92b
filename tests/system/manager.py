"""A service manager's ear: the socket NOTIFY_SOCKET names, and what was said to it."""

import socket

import harness


class Manager:
    """Hears one process; each datagram is a dict of its lines."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(harness.PATIENCE_S)

    def environment(self, watchdog_s=None):
        more = {} if watchdog_s is None else {"WATCHDOG_USEC": str(watchdog_s * 1_000_000)}
        return {"NOTIFY_SOCKET": str(self.path), **more}

    def next(self):
        """The next datagram; socket.timeout when the patience ends."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def next_of(self, key):
        """The next datagram that has `key`; alive is said in between."""
        while True:
            said = self.next()
            if key in said:
                return said
            assert set(said) == {"WATCHDOG"}, said

    def drain(self):
        """What was said and not yet heard, without waiting."""
        heard = []
        self.socket.setblocking(False)
        try:
            while True:
                heard.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return heard
        finally:
            self.socket.settimeout(harness.PATIENCE_S)

    def close(self):
        self.socket.close()
