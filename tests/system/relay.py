"""An HTTP proxy between a program and the broker, as agencies have them."""

import contextlib
import socket
import threading

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Relay:
    """A proxy for CONNECT to the broker's port. It cuts the first connections after so many of the
    broker's bytes, as `cuts` says one by one. `answer` other than OPEN: it says that and closes."""

    def __init__(self, port, cuts=(), answer=OPEN):
        self.cuts = list(cuts)
        self.answer = answer
        self.port_behind = port
        self.asked = []
        # Bytes of the broker's on each connection, in order of their end.
        self.passed = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def serve(self):
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(near,), daemon=True).start()

    def one(self, near):
        with near:
            self.open_way(near)

    def open_way(self, near):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = near.recv(1)
            if not piece:
                return
            head += piece
        self.asked.append(head.decode())
        near.sendall(self.answer)
        if self.answer != OPEN:
            return
        with socket.create_connection(("127.0.0.1", self.port_behind)) as far:
            room = self.cuts.pop(0) if self.cuts else None
            forth = threading.Thread(target=self.pump, args=(near, far, None), daemon=True)
            forth.start()
            self.passed.append(self.pump(far, near, room))
            forth.join()

    @staticmethod
    def pump(source, target, room):
        passed = 0
        with contextlib.suppress(OSError):
            while room is None or passed < room:
                piece = source.recv(65536 if room is None else min(room - passed, 65536))
                if not piece:
                    break
                target.sendall(piece)
                passed += len(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return passed

    def close(self):
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
