// One concern there and back, by gRPC with Connect's library: submit it, receive it, confirm it, acknowledge
// it. usage: node dist/exchange.js BROKER SENDER RECEIVER DESK CONCERN.json STATE (see ../README.md)
//
// Started again after a crash at any point it sends nothing twice and loses nothing.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { type Concern, ConcernSchema } from "./gen/cairn/v1/concern_pb.js";
import { type Delivery, Exchange } from "./gen/cairn/v1/exchange_pb.js";
import { NoticeSchema } from "./gen/cairn/v1/notice_pb.js";
import { LawfulBasis, Purpose } from "./gen/cairn/v1/roles_pb.js";

type Broker = Client<typeof Exchange>;

// docs/ERRORS.md, "try again": of anything else a repeat would say the same.
const tryAgain = new Set([1003, 1004, 1006, 1007, 1300, 1301, 1402, 1403]);
const lost = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Canceled, Code.Aborted,
  Code.Internal, Code.Unknown]);
const call = { timeoutMs: 20_000 };
const attempts = 8;

// By gRPC: its trailers carry the broker's number, which Connect's own form has in the body alone.
function connect(broker: string, folder: string): Broker {
  const pem = (name: string) => readFileSync(join(folder, name));
  return createClient(Exchange, createGrpcTransport({
    baseUrl: `https://${broker}`,
    nodeOptions: { ca: pem("authority.pem"), cert: pem("client.pem"), key: pem("client.key") },
  }));
}

// The broker's number of a refusal; 0: no answer came from a broker, the connection failed.
const numberOf = (e: ConnectError) => Number(e.metadata.get("cairn-error-number") ?? 0);
const mayRepeat = (e: ConnectError) =>
  numberOf(e) ? tryAgain.has(numberOf(e)) : lost.has(e.code);

// What the broker advises, or doubling from 0.2 s to 30 s; never all clients at one time.
async function wait(attempt: number, e: ConnectError): Promise<void> {
  console.error(`trying again: ${Code[e.code]}`);
  const advised = Number(e.metadata.get("cairn-retry-after-ms") ?? 0);
  const most = Math.min(30_000, 200 * 2 ** attempt);
  await pause(Math.max(advised, most * (0.5 + Math.random() / 2)));
}

// The answer, tried again as long as a repeat may help.
async function repeated<T>(make: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; ++attempt) {
    try {
      return await make();
    } catch (failed) {
      const e = ConnectError.from(failed);
      if (attempt + 1 === attempts || !mayRepeat(e)) throw e;
      await wait(attempt, e);
    }
  }
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.draft`, text);
  renameSync(`${file}.draft`, file);
}

// The key is on disk before the first try: a repeat of it answers with the same receipt, and a
// concern is never there twice, however often the connection breaks.
async function submit(broker: Broker, concern: Concern, state: string, name: string) {
  const file = join(state, `${name}.key`);
  if (!existsSync(file)) replace(file, randomUUID());
  const key = readFileSync(file, "utf8");
  const answer = await repeated(() => broker.submit({ key, concern }, call));
  replace(join(state, `${name}.tlog-proof`), answer.receipt);
  return answer;
}

// Every notice of the desk from where the last run stopped, over as many connections as it takes.
async function* deliveries(broker: Broker, desk: string, reached: string): AsyncGenerator<Delivery> {
  for (let attempt = 0; ; ++attempt) {
    const after = BigInt(existsSync(reached) ? readFileSync(reached, "utf8") : 0);
    try {
      for await (const delivery of broker.receive({ desk, after, maxUnconfirmed: 64 })) {
        attempt = 0;
        yield delivery;
      }
    } catch (failed) {
      const e = ConnectError.from(failed);
      if (attempt + 1 === attempts || !mayRepeat(e)) throw e;
      await wait(attempt, e);
    }
  }
}

// Stores what comes, confirms what is stored, until the concern's notice is there.
async function receive(broker: Broker, desk: string, concernId: string, state: string) {
  for (const stored of readdirSync(state).filter((name) => /^\d+\.json$/.test(name))) {
    if (JSON.parse(readFileSync(join(state, stored), "utf8")).concernId !== concernId) continue;
    // An earlier run stored it, and may have ended before it confirmed: a repeat does no harm.
    const position = BigInt(stored.slice(0, -".json".length));
    await repeated(() => broker.confirm({ desk, positions: [position] }, call));
    return position;
  }
  const reached = join(state, "position");
  for await (const { position, notice, withdrawn } of deliveries(broker, desk, reached)) {
    if (notice && !withdrawn)
      replace(join(state, `${position}.json`), toJsonString(NoticeSchema, notice));
    // Stored first, confirmed second: a crash in between brings it again, never loses it.
    await repeated(() => broker.confirm({ desk, positions: [position] }, call));
    replace(reached, String(position));
    if (notice?.concernId === concernId) return position;
  }
  throw new Error("a stream of notices does not end");
}

// A named person has read it: this meets the obligation, the confirmation did not.
const acknowledgement = (concernId: string, thread: string) =>
  create(ConcernSchema, {
    purpose: Purpose.FEEDBACK,
    bases: [LawfulBasis.LAWFUL_BASIS_6E],
    acting: { role: "duty social worker", staffId: "nc-204", authenticatedBy: "entra-mfa" },
    thread,
    inReplyTo: concernId,
    body: { case: "acknowledgement", value: {} },
  });

// What a refusal says: the number to act on, where, and what to do next.
async function refused(broker: Broker, concern: Concern) {
  try {
    const broken = { ...concern, acting: undefined };
    await broker.submit({ key: randomUUID(), concern: broken }, call);
  } catch (failed) {
    const e = ConnectError.from(failed);
    return { number: numberOf(e), words: e.rawMessage };
  }
  throw new Error("the broker took a concern without an acting person");
}

const [address, sender, receiver, desk, file, state] = process.argv.slice(2);
if (!address || !sender || !receiver || !desk || !file || !state) {
  console.error("usage: node dist/exchange.js BROKER SENDER RECEIVER DESK CONCERN.json STATE");
  process.exit(64);
}
mkdirSync(state, { recursive: true, mode: 0o700 });
const concern = fromJsonString(ConcernSchema, readFileSync(file, "utf8"));
const school = connect(address, sender);
const council = connect(address, receiver);

const sent = await submit(school, concern, state, "concern");
const position = await receive(council, desk, sent.concernId, state);
await submit(council, acknowledgement(sent.concernId, sent.thread), state, "acknowledgement");
const track = await repeated(() => school.track({ concernId: sent.concernId }, call));
const { number, words } = await refused(school, concern);
console.log(JSON.stringify({
  concernId: sent.concernId,
  position: String(position),
  acknowledged: track.desks.filter((d) => d.acknowledgedAtUs).map((d) => d.desk),
  refusedNumber: number,
  refusedWords: words,
}));
// Idle HTTP/2 sessions would keep the process.
process.exit(0);
