"""cairnd tells the service manager that started it when it serves, reloads, stops and is alive."""

import signal

import harness
import manager


class supervised(harness.SystemTest):
    own_broker = True
    start_broker = False

    def setUp(self):
        super().setUp()
        self.manager = manager.Manager(self.p.folder)
        self.addCleanup(self.manager.close)
        self.p.environment = self.manager.environment(watchdog_s=4)

    def test_it_is_ready_when_it_listens_and_says_where(self):
        self.p.start()
        said = self.manager.next()
        self.assertEqual(said["READY"], "1")
        self.assertIn(f"calls on port {self.p.port}, ", said["STATUS"])
        self.assertEqual(self.manager.next_of("WATCHDOG"), {"WATCHDOG": "1"})

    def test_a_start_that_fails_is_never_ready(self):
        self.p.config.write_text("colour = 1\n")
        done = self.p.try_start_or_serve()
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(self.manager.drain(), [])

    def test_a_reload_begins_and_ends_and_says_when_it_failed(self):
        self.p.start()
        self.manager.next_of("READY")
        server = self.p.broker / "tls" / "server.pem"
        good = server.read_text()
        for text, failed in ((good, False), ("not a certificate\n", True), (good, False)):
            server.write_text(text)
            self.p.daemon.process.send_signal(signal.SIGHUP)
            self.assertRegex(self.manager.next_of("RELOADING")["MONOTONIC_USEC"], r"^\d+$")
            said = self.manager.next_of("READY")
            self.assertEqual("the last reload failed" in said["STATUS"], failed, said)

    def test_it_says_that_it_stops(self):
        self.p.start()
        self.manager.next_of("READY")
        self.assertEqual(self.p.stop(), 0)
        self.assertEqual(self.manager.next_of("STOPPING"), {"STOPPING": "1"})
        self.assertEqual(self.manager.drain(), [])

    def test_without_a_watchdog_nothing_is_said_of_life(self):
        self.p.environment = self.manager.environment()
        self.p.start()
        self.assertEqual(self.p.stop(), 0)
        self.assertIn("READY", self.manager.next())
        self.assertEqual(self.manager.next(), {"STOPPING": "1"})


if __name__ == "__main__":
    harness.main()
