"""A way to the broker that a test can cut."""

import contextlib
import selectors
import socket
import threading


class Gate:
    """Passes bytes between whoever connects and the broker. Before it passes on what the broker
    says it asks each of `cuts` once, in order: the first that answers true cuts that connection."""

    def __init__(self, port, cuts):
        self.target = ("127.0.0.1", port)
        self.cuts = list(cuts)
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.carry, args=(client,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def is_cut(self):
        with self.lock:
            if not self.cuts or not self.cuts[0]():
                return False
            self.cuts.pop(0)
            return True

    def carry(self, client):
        with client, contextlib.suppress(OSError), socket.create_connection(self.target) as broker:
            with selectors.DefaultSelector() as ready:
                ready.register(client, selectors.EVENT_READ, broker)
                ready.register(broker, selectors.EVENT_READ, client)
                while True:
                    for key, _ in ready.select():
                        data = key.fileobj.recv(65536)
                        if not data or (key.fileobj is broker and self.is_cut()):
                            return
                        key.data.sendall(data)
