"""What must be refused: certificates no honest authority makes, rights nobody gave, bytes that are
no concern. Each names its reason, and none leaves a trace at a desk."""

import json
import threading
import time

import certificates
import harness
import samples
import wire
from harness import submission
from samples import FRONT_DOOR, MASH, NAMED
from wire import ex, grpc

CODE = grpc.StatusCode
SUBMIT = "/cairn.v1.Exchange/Submit"
# curl's words for a connection that TLS ended: connect error, send error, receive error.
TLS_ENDED = (35, 55, 56)


class adversarial_certificates(harness.SystemTest):
    """Each tries to submit as the school."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forge = certificates.Forge(cls.p, cls.p.folder / "forge")

    def attempt(self, files):
        return self.p.curl(
            None, SUBMIT, submission("forged-key-1", samples.small()), files=files
        )

    def tearDown(self):
        with wire.Client(self.p, "northshire-council") as c:
            self.assertEqual(c.inbox(FRONT_DOOR), [], "nothing got in")

    def ended_by_tls(self, files):
        answer = self.attempt(files)
        self.assertIn(answer.exit_code, TLS_ENDED, str(answer))
        self.assertEqual(answer.status, 0)

    def not_believed(self, files, *symbols):
        """Ended by TLS, or refused in words that name one of these."""
        answer = self.attempt(files)
        if answer.exit_code == 0:
            self.assertEqual(answer.status, 401, str(answer))
            self.assertIn(answer.symbol(), symbols)
        else:
            self.assertIn(answer.exit_code, TLS_ENDED, str(answer))

    def test_the_forge_itself_works(self):
        """What it makes honestly and the registry pins is accepted: the others fail for their
        fault alone."""
        files = self.forge.make([self.forge.uri()])
        change = wire.registry_pb2.RegistryChange(
            certificate=wire.registry_pb2.Certificate(
                sha256=certificates.fingerprint(files[0]), uri=self.forge.uri()[4:],
                agency="oakfield", kinds=["CONCERN_KIND_NOTIFICATION"], purposes=["PURPOSE_S47"],
                not_after_us=2_000_000_000_000_000,
            )
        )
        with wire.Client(self.p, "admin") as admin:
            admin.admin.Apply(wire.admin_pb2.ApplyRequest(changes=[change]), timeout=10)
        answer = self.p.curl(
            None, SUBMIT, submission("forge-works-1", samples.small([NAMED])), files=files
        )
        self.accepted(answer)

    def test_unknown_to_the_registry(self):
        answer = self.attempt(self.forge.make([self.forge.uri()]))
        self.refused(answer, 401, "certificate_unknown")

    def test_pages_on_the_port_for_calls_are_for_registered_certificates_only(self):
        strange = self.forge.make([self.forge.uri("monitor/probe")])
        for path in ("/metrics", "/readyz", "/livez"):
            for http in ("--http2", "--http1.1"):
                answer = self.p.curl(None, path, files=strange, http=http)
                self.refused(answer, 401, "certificate_unknown")
                self.assertEqual(self.p.curl("monitor", path, http=http).status, 200)
        self.assertEqual(self.p.daemon.page("/metrics")[0], 200)

    def test_expired(self):
        self.ended_by_tls(
            self.forge.make([self.forge.uri()], start="20200101000000Z", end="20210101000000Z")
        )

    def test_not_yet_valid(self):
        self.ended_by_tls(
            self.forge.make([self.forge.uri()], start="20400101000000Z", end="20410101000000Z")
        )

    def test_of_another_authority(self):
        self.ended_by_tls(
            self.forge.make([self.forge.uri()], signer=self.forge.authority("/CN=somebody else"))
        )

    def test_of_a_false_authority_of_the_same_name(self):
        subject = self.forge.honest_subject()
        self.assertTrue(subject)
        false = self.forge.authority(subject if subject.startswith("/") else f"/{subject}")
        self.ended_by_tls(self.forge.make([self.forge.uri()], signer=false))

    def test_signed_by_itself(self):
        own = self.forge.authority("/CN=oakfield")
        self.ended_by_tls((own[0], own[1], self.p.folder / "admin" / "authority.pem"))

    def test_without_a_name(self):
        self.not_believed(self.forge.make([]), "certificate_identity")

    def test_with_two_names(self):
        names = [self.forge.uri(), self.forge.uri("admin/admin")]
        self.not_believed(self.forge.make(names), "certificate_identity")

    def test_of_another_partnership(self):
        self.not_believed(
            self.forge.make(["URI:spiffe://southshire.example/agency/oakfield"]),
            "certificate_identity",
        )

    def test_a_server_certificate_used_as_a_client(self):
        self.ended_by_tls(self.forge.make([self.forge.uri()], usage="serverAuth"))
        tls = self.p.broker / "tls"
        self.not_believed(
            (tls / "server.pem", tls / "server.key", tls / "authority.pem"), "certificate_identity"
        )


class revocation(harness.SystemTest):
    """A revoked certificate loses its live sessions within two seconds (invariant 12)."""

    def test_a_live_stream_is_cut_and_the_notices_wait(self):
        issued = self.p.enrol("agency/northshire-health", "lost")
        with wire.Client(self.p, "lost") as c, wire.Client(self.p, "oakfield") as school:
            first = school.submit("revoke-key-1", samples.small([NAMED]))
            call = c.receive(NAMED)
            self.assertEqual(next(call).notice.concern_id, first.concern_id)
            ended = []
            reader = threading.Thread(target=lambda: ended.append(self.end_of(call)))
            reader.start()
            self.p.good(
                "admin", "cert", "revoke", issued["sha256"][:16], "--reason", "laptop lost"
            )
            revoked_at = time.monotonic()
            reader.join(harness.PATIENCE_S)
            self.assertTrue(ended, "the stream goes on after the revocation")
            self.assertLess(ended[0][0] - revoked_at, 2.0)
            self.assertEqual(ended[0][2], 0, "nothing was sent after it")
            school.submit("revoke-key-2", samples.small([NAMED]))
            with self.assertRaises(grpc.RpcError) as held:
                c.inbox(NAMED)
            self.assertIn(held.exception.code(), (CODE.UNAUTHENTICATED, CODE.UNAVAILABLE))
        answer = self.p.curl("lost", "/cairn.v1.Exchange/ListDesks", b"{}")
        if answer.exit_code == 0:
            self.refused(answer, 401, "certificate_revoked")
        else:
            self.assertIn(answer.exit_code, TLS_ENDED, str(answer))
        with wire.Client(self.p, "northshire-health") as c:
            self.assertEqual(len(c.inbox(NAMED)), 2, "they wait for the next certificate")

    @staticmethod
    def end_of(call):
        count = 0
        try:
            for _ in call:
                count += 1
        except grpc.RpcError as e:
            return time.monotonic(), e.code(), count
        return time.monotonic(), None, count

    def test_a_suspended_agency_is_refused_and_its_desk_not_listed(self):
        self.p.good(
            "admin", "agency", "add", "elmfield", "--kind", "school", "--name", "Elmfield School"
        )
        self.p.good("admin", "desk", "add", "elmfield/dsl")
        self.p.enrol("agency/elmfield", "elmfield", desks=["elmfield/dsl"])
        listing = self.p.curl("elmfield", "/cairn.v1.Exchange/ListDesks", b"{}")
        self.assertIn("elmfield/dsl", [d["desk"] for d in listing.json()["desks"]])
        self.p.good("admin", "agency", "suspend", "elmfield", "--reason", "left")
        answer = self.p.curl("elmfield", SUBMIT, submission("elm-key-0001", samples.small()))
        self.refused(answer, 403, "agency_suspended")
        listing = self.p.curl("oakfield", "/cairn.v1.Exchange/ListDesks", b"{}")
        self.assertNotIn("elmfield/dsl", [d["desk"] for d in listing.json()["desks"]])


class rights(harness.SystemTest):
    """Nothing is allowed by default, and a client cannot write an identity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.p.enrol(
            "agency/oakfield", "narrow", desks=[], kinds=["notification"], purposes=["cin17"]
        )

    def submit(self, who, concern, key="rights-key-1", **more):
        return self.p.curl(who, SUBMIT, submission(key, concern, **more))

    def test_a_purpose_not_given(self):
        self.refused(self.submit("narrow", samples.small()), 403, "purpose_not_allowed")
        allowed = samples.small([MASH], purpose="PURPOSE_CIN17")
        self.accepted(self.submit("narrow", allowed, key="rights-key-2"))

    def test_a_kind_not_given(self):
        request = samples.without(samples.small([MASH]), "notification")
        request.update({"purpose": "PURPOSE_CIN17", "informationRequest": {"question": "Known?"}})
        self.refused(self.submit("narrow", request), 403, "kind_not_allowed")

    def test_a_desk_not_given(self):
        for who, desk in (("narrow", samples.DSL), ("oakfield", MASH), ("oakfield", "nobody/dsl")):
            body = json.dumps({"desk": desk}).encode()
            answer = self.p.curl(who, "/cairn.v1.Exchange/Fetch", body)
            self.refused(answer, 403, "desk_not_allowed")
            with wire.Client(self.p, who) as c:
                with wire.refusal(self, CODE.PERMISSION_DENIED, "desk_not_allowed"):
                    next(c.receive(desk))
                with wire.refusal(self, CODE.PERMISSION_DENIED, "desk_not_allowed"):
                    c.confirm(desk, 1)

    def test_acting_for_another_without_mandate(self):
        answer = self.submit("oakfield", samples.small(), on_behalf_of="northshire-police")
        self.refused(answer, 403, "no_mandate")
        nobody = self.submit("oakfield", samples.small(), onBehalfOf="no-such-agency")
        self.refused(nobody, 403, "no_mandate")

    def test_no_field_makes_an_agency_another(self):
        """The notice names the certificate's agency, whatever the concern claims."""
        concern = samples.small([MASH])
        concern["senderReference"] = "northshire-council"
        concern["acting"]["role"] = "northshire-council/front_door"
        self.accepted(self.submit("oakfield", concern, key="claim-key-1"))
        with wire.Client(self.p, "northshire-police") as police:
            got = [d.notice for d in police.inbox(MASH)]
        self.assertEqual({n.sender for n in got}, {"oakfield"})

    def test_an_agency_is_no_admin_and_an_admin_no_agency(self):
        answer = self.p.curl("oakfield", "/cairn.v1.Admin/Status", b"{}")
        self.refused(answer, 403, "operation_not_allowed")
        answer = self.p.curl("auditor", "/cairn.v1.Admin/ListRegistry", b"{}")
        self.refused(answer, 403, "operation_not_allowed")
        for who in ("admin", "auditor", "monitor"):
            self.refused(self.submit(who, samples.small()), 403, "operation_not_allowed")

    def test_a_monitor_sees_health_and_nothing_else(self):
        self.assertEqual(self.p.curl("monitor", "/readyz").status, 200)
        answer = self.p.curl("monitor", "/cairn.v1.Exchange/ListDesks", b"{}")
        self.refused(answer, 403, "operation_not_allowed")

    def test_an_unknown_desk_addressed(self):
        answer = self.submit("oakfield", samples.small(["northshire-police/no_such"]))
        self.assertIn(answer.symbol(), ("unknown_desk", "bad_value"), str(answer))
        self.assertEqual(answer.status, 400)
        answer = self.submit("oakfield", samples.small(["nobody/mash"]))
        self.refused(answer, 400, "unknown_desk")

    def test_a_retry_gets_its_receipt_though_its_desk_is_closed_since(self):
        """Invariant 2: for the life of the record, whatever the registry says today."""
        concern = samples.small([samples.PPU])
        sent = self.accepted(self.submit("oakfield", concern, key="closed-key-1"))
        desk = wire.registry_pb2.Desk(id=samples.PPU, closed=True)
        with wire.Client(self.p, "admin") as admin:
            change = wire.registry_pb2.RegistryChange(desk=desk)
            admin.admin.Apply(wire.admin_pb2.ApplyRequest(changes=[change]), timeout=10)
        fresh = self.submit("oakfield", concern, key="closed-key-2")
        self.assertEqual(fresh.status, 400, str(fresh))
        again = self.accepted(self.submit("oakfield", concern, key="closed-key-1"))
        self.assertEqual(again["receipt"], sent["receipt"])
        other = samples.changed(concern, "SEX_MALE", "persons", 0, "sex")
        self.refused(self.submit("oakfield", other, key="closed-key-1"), 409, "key_reused")

    def test_refusals_are_records_but_at_most_one_a_second_each(self):
        began = time.monotonic()
        for n in range(40):
            self.submit("narrow", samples.small(), key=f"flood-key-{n}")
        took = time.monotonic() - began
        found = self.p.good(
            "auditor", "-o", "json", "audit", "search", "--kind", "refusal", "--agency", "oakfield"
        ).json()["records"]
        self.assertTrue(found)
        # Other tests of this class are refused too: at most one a second each and code.
        self.assertLessEqual(len(found), 12 + 2 * took)


class conflict(harness.SystemTest):
    """Invariant 7, as far as the first routes go."""

    def test_an_allegation_about_staff_reaches_the_officer_and_never_the_employer(self):
        concern = samples.small([samples.DSL, MASH])
        concern["notification"]["incident"] = "INCIDENT_STAFF_ALLEGATION"
        concern["purpose"] = "PURPOSE_ALLEGATION"
        concern["persons"].append(
            {
                "ref": "worker-1", "role": "SUBJECT_ALLEGED_PERPETRATOR",
                "names": [{"given": "Ewan", "family": "Marsh"}],
                "professional": {"employerAgency": "oakfield"},
            }
        )
        concern["assertions"] = [
            {
                "ref": "a-1", "about": "worker-1", "kind": "KIND_ALLEGATION",
                "allegation": {
                    "accused": "worker-1", "what": "shouted", "worksWithChildren": True,
                    "employerAgency": "oakfield",
                },
            }
        ]
        answer = self.p.curl(
            "northshire-police", SUBMIT, submission("lado-key-001", concern)
        )
        out = self.accepted(answer)
        with wire.Client(self.p, "northshire-council") as council:
            rows = council.inbox(samples.LADO)
            self.assertEqual([d.notice.concern_id for d in rows], [out["concernId"]])
        with wire.Client(self.p, "oakfield") as school:
            self.assertEqual(school.inbox(samples.DSL), [])
            with wire.refusal(self, CODE.NOT_FOUND, "not_found"):
                school.exchange.Track(ex.TrackRequest(concern_id=out["concernId"]), timeout=10)

    def test_domestic_abuse_reaches_the_childs_school_by_its_code(self):
        concern = samples.small([FRONT_DOOR], purpose="PURPOSE_ENCOMPASS")
        concern["notification"]["incident"] = "INCIDENT_DOMESTIC_ABUSE"
        concern["persons"][0]["education"] = {"schoolCode": "100042"}
        out = self.accepted(
            self.p.curl("northshire-police", SUBMIT, submission("encompass-1", concern))
        )
        self.assertIn(samples.DSL, out["told"])
        with wire.Client(self.p, "oakfield") as school:
            rows = school.inbox(samples.DSL)
        self.assertEqual([d.notice.concern_id for d in rows], [out["concernId"]])
        self.assertNotEqual(rows[0].notice.route_rule, 0)

    def test_an_unknown_school_goes_to_the_front_door_and_the_sender_is_told(self):
        concern = samples.small([MASH], purpose="PURPOSE_ENCOMPASS")
        concern["notification"]["incident"] = "INCIDENT_DOMESTIC_ABUSE"
        concern["persons"][0]["education"] = {"schoolCode": "199999"}
        out = self.accepted(
            self.p.curl("northshire-police", SUBMIT, submission("encompass-2", concern))
        )
        self.assertIn(FRONT_DOOR, out["told"])
        self.assertNotIn(samples.DSL, out["told"])
        self.assertTrue([w for w in out.get("warnings", []) if "school" in w["code"]], out)

    def test_a_declared_detriment_hides_its_category_and_is_no_reason_to_refuse(self):
        concern = samples.small([FRONT_DOOR, NAMED])
        concern["persons"][0]["health"] = {"conditions": [{"name": "asthma", "effect": "inhaler"}]}
        concern["detriments"] = [
            {
                "category": "CATEGORY_HEALTH", "personRef": "child-1",
                "reason": "the family would move away", "decidedByRole": "named nurse",
                "reviewOn": samples.in_days(3),
            }
        ]
        self.accepted(self.p.curl("oakfield", SUBMIT, submission("detriment-1", concern)))
        for who, desk in (("northshire-council", FRONT_DOOR), ("northshire-health", NAMED)):
            with wire.Client(self.p, who) as c:
                notice = c.inbox(desk)[-1].notice
            self.assertNotIn(b"asthma", notice.SerializeToString(), desk)
            self.assertNotIn(b"move away", notice.SerializeToString(), "the reason is sealed")

    def test_a_narrative_the_front_door_could_not_read_is_refused_before_it_is_too_late(self):
        concern = samples.full([FRONT_DOOR])
        concern["notification"]["narrative"] = "Tamsin told her teacher that Gareth held her arm."
        answer = self.p.curl("oakfield", SUBMIT, submission("narrative-1", concern))
        self.refused(answer, 400, "narrative_unreachable")


if __name__ == "__main__":
    harness.main()
