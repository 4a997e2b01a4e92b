"""An agent that tells an address over https of each notice, with a web server that has a certificate of a
test authority: what it is told, whom it trusts, and what a server that hangs or lies holds up."""

import http.server
import json
import signal
import socket
import ssl
import threading

import certificates
import harness
import samples
from harness import submission
from samples import MASH

SUBMIT = "/cairn.v1.Exchange/Submit"
WHO = "northshire-police"


class Events(http.server.BaseHTTPRequestHandler):
    """The agency's own system."""

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.hangs.is_set():
            # It took the event and never answers.
            self.server.held.set()
            self.server.released.wait()
            return
        self.server.seen.append((dict(self.headers), self.path, json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), Events)
        self.seen, self.refused = [], []
        self.hangs, self.held, self.released = (threading.Event() for _ in range(3))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        # On the connection's own thread: one that does not shake hands holds up no other.
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except (ssl.SSLError, ConnectionError) as e:
            self.refused.append(e)

    def handle_error(self, *_):
        pass

    def end(self):
        self.released.set()
        self.shutdown()
        self.server_close()


class https(harness.SystemTest):
    own_broker = True

    def setUp(self):
        super().setUp()
        self.forge = certificates.Forge(self.p, self.p.folder / "forge")
        self.authority, authority_key = self.forge.authority("/CN=Agency test authority")
        self.signer = self.authority, authority_key
        self.home = self.p.folder / WHO

    def certificate(self, *names):
        """Certificate and key of a web server, by the test authority."""
        made = self.forge.make(list(names), signer=self.signer, usage="serverAuth")
        return made[:2]

    def server(self, *names):
        server = Server(*self.certificate(*names))
        self.addCleanup(server.end)
        return server

    def agent(self, port, authority, limit_s=30):
        more = (f'[hook]\nurl = "https://localhost:{port}/events?from=cairn"\nauthority = "{authority}"\n'
                f'token_file = "hook.token"\nlimit_s = {limit_s}\nat_once = 1\n')
        token = self.home / "hook.token"
        token.write_text("the-agency-s-own-word\n")
        token.chmod(0o600)
        process = self.p.start_agent(WHO, [MASH], more=more)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def send(self, key):
        done = self.p.curl("oakfield", SUBMIT, submission(key, samples.small([MASH])))
        return self.accepted(done)["concernId"]

    def problems(self):
        try:
            status = json.loads((self.home / "agent" / "status.json").read_text())
        except FileNotFoundError:
            return {}
        return {p["id"]: p for p in status["problems"]}

    def hook_problem(self):
        return harness.poll("the problem in status.json", lambda: self.problems().get("hook"))

    def confirmed(self, count):
        harness.poll(f"{count} confirmed", lambda: self.p.desk_counts(MASH)["confirmed"] == count)

    def test_each_notice_is_told_by_reference_alone_to_a_server_of_a_known_authority(self):
        server = self.server("DNS:localhost")
        self.agent(server.server_port, self.authority)
        sent = [self.send(f"agent-https-{i}") for i in range(3)]
        harness.poll("every event", lambda: {b["subject"] for *_, b in server.seen} == set(sent))
        for headers, path, body in server.seen:
            self.assertEqual(path, "/events?from=cairn")
            self.assertTrue(headers["Content-Type"].startswith("application/cloudevents+json"))
            self.assertEqual(headers["Authorization"], "Bearer the-agency-s-own-word")
            self.assertEqual((body["specversion"], body["type"]), ("1.0", "cairn.notice.received"))
            self.assertEqual(set(body["data"]), {"desk", "position", "concernId"})
            self.assertEqual(body["data"]["concernId"], body["subject"])
            for hidden in ("Tamsin", "Oakley", "Bruise", "2017"):
                self.assertNotIn(hidden, json.dumps(body))
        self.assertEqual(server.refused, [])
        self.assertNotIn("hook", self.problems())

    def refused(self, server, authority):
        """The server is told nothing, the agency's people are told why, and receiving goes on."""
        self.agent(server.server_port, authority)
        self.send("agent-https-refused")
        problem = self.hook_problem()
        self.assertEqual(problem["symbol"], "hook_failed")
        self.assertIn("is its authority known?", problem["where"])
        harness.poll("the server to be refused", lambda: server.refused)
        self.assertEqual(server.seen, [])
        self.confirmed(1)
        log = (self.home / "agent.log").read_text()
        self.assertIn("hook_failed", log)
        self.assertNotIn("the-agency-s-own-word", log)

    def test_a_server_of_another_authority_is_told_nothing(self):
        self.refused(self.server("DNS:localhost"), self.p.folder / "admin" / "authority.pem")

    def test_a_server_with_another_name_is_told_nothing(self):
        self.refused(self.server("DNS:elsewhere.example"), self.authority)

    def test_a_server_that_hangs_is_given_up_and_told_when_it_works(self):
        server = self.server("DNS:localhost")
        server.hangs.set()
        process = self.agent(server.server_port, self.authority, limit_s=1)
        sent = [self.send(f"agent-https-hangs-{i}") for i in range(2)]
        self.assertIn("no answer in time", self.hook_problem()["where"])
        self.assertTrue(server.held.is_set())
        self.confirmed(2)
        self.assertEqual(server.seen, [])
        server.hangs.clear()
        harness.poll("both events", lambda: {b["subject"] for *_, b in server.seen} == set(sent))
        harness.poll("no problem", lambda: "hook" not in self.problems())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=harness.PATIENCE_S), 0)

    def test_a_port_that_takes_connections_and_shakes_no_hand_is_given_up(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        process = self.agent(silent.getsockname()[1], self.authority, limit_s=1)
        self.send("agent-https-silent")
        self.assertIn("no answer in time", self.hook_problem()["where"])
        self.confirmed(1)
        # While one telling hangs, the agent ends as it should.
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=harness.PATIENCE_S), 0)


if __name__ == "__main__":
    harness.main()
