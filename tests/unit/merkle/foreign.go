// Checks what Cairn made with the code behind Go's own checksum database: golang.org/x/mod/sumdb.
//
// usage: foreign FOLDER, which holds vkey, older, newer (checkpoints), consistency (base64 hashes, one
// a line), and included (checkpoint), inclusion (hashes), record (index, newline, base64 leaf hash).
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "foreign:", err)
		os.Exit(1)
	}
}

func read(name string) string {
	text, err := os.ReadFile(filepath.Join(os.Args[1], name))
	must(err)
	return string(text)
}

func hash(text string) tlog.Hash {
	var h tlog.Hash
	raw, err := base64.StdEncoding.DecodeString(text)
	must(err)
	if len(raw) != len(h) {
		must(fmt.Errorf("a hash of %d bytes", len(raw)))
	}
	copy(h[:], raw)
	return h
}

func hashes(name string) []tlog.Hash {
	var out []tlog.Hash
	for _, line := range strings.Fields(read(name)) {
		out = append(out, hash(line))
	}
	return out
}

func head(name string) tlog.Tree {
	verifier, err := note.NewVerifier(strings.TrimSpace(read("vkey")))
	must(err)
	n, err := note.Open([]byte(read(name)), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func main() {
	older, newer := head("older"), head("newer")
	must(tlog.CheckTree(hashes("consistency"), newer.N, newer.Hash, older.N, older.Hash))
	record := strings.Fields(read("record"))
	index, err := strconv.ParseInt(record[0], 10, 64)
	must(err)
	holds := head("included")
	must(tlog.CheckRecord(hashes("inclusion"), holds.N, holds.Hash, index, hash(record[1])))
	fmt.Println("good")
}
