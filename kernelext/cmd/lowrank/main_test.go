package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// lowrank runs a command line and returns its exit status and what it printed.
func lowrank(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

func mustContain(t *testing.T, what, s string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(s, w) {
			t.Errorf("%s does not contain %q:\n%s", what, w, s)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	out := t.TempDir()
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{[]string{"reproduc"}, []string{`unknown command "reproduc"`, "reproduce", `"lowrank --help"`}},
		{[]string{"reproduce", "--jsn"}, []string{"unknown flag: --jsn", `"lowrank reproduce --help"`}},
		{[]string{"reproduce", "--quick=perhaps"}, []string{"perhaps"}},
		{[]string{"reproduce", "--engine", "basic", "--out", out}, []string{`no engine "basic"`, "gomacro"}},
		{[]string{"reproduce", "plein", "--notebooks", "testdata/good", "--out", out}, []string{`no notebook "plein"; did you mean "plain"?`, "claims, plain"}},
		{[]string{"reproduce", "--notebooks", "testdata", "--out", out}, []string{"no notebooks (*.ipynb) in testdata"}},
		{[]string{"reproduce", "--notebooks", "testdata/good", "--out", "testdata/good"}, []string{"would be overwritten"}},
		{[]string{"version", "now"}, []string{`unknown command "now"`}},
		{[]string{"kernel", "uninstall"}, []string{"requires at least 1 arg"}},
		{[]string{"kernel", "install", "--user", "--prefix", out}, []string{"[prefix user]"}},
		{[]string{"kernel", "install", "--name", "Bad Name", "--prefix", out}, []string{`kernel name "Bad Name"`}},
		{[]string{"kernel", "run"}, []string{"accepts 1 arg"}},
		{[]string{"lab", "--port"}, []string{"unknown flag"}},
		{[]string{"lab", "notebook"}, []string{`unknown argument "notebook"`}},
	} {
		code, stdout, stderr := lowrank(t, tc.args...)
		if code != exitUsage {
			t.Errorf("%q: exit %d, want %d", tc.args, code, exitUsage)
		}
		if stdout != "" {
			t.Errorf("%q: printed on stdout: %s", tc.args, stdout)
		}
		mustContain(t, strings.Join(tc.args, " "), stderr, tc.want...)
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 0 {
		t.Errorf("%d files were written, %v", len(entries), err)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"kernel"}, {"help", "reproduce"}, {"lab", "--help"}} {
		code, stdout, _ := lowrank(t, args...)
		if code != exitOK || !strings.Contains(stdout, "Usage:") {
			t.Errorf("%q: exit %d, %s", args, code, stdout)
		}
		if strings.Contains(stdout, "CONNECTION_FILE") {
			t.Errorf("%q shows the hidden command", args)
		}
	}
}

func TestVersion(t *testing.T) {
	code, stdout, _ := lowrank(t, "version")
	if code != exitOK {
		t.Fatalf("exit %d", code)
	}
	mustContain(t, "version", stdout, "lowrank "+lr.Version, "loops   "+lr.Variant(), "commit")
	code, stdout, _ = lowrank(t, "version", "--json")
	var id identity
	if err := json.Unmarshal([]byte(stdout), &id); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	if id.Version != lr.Version || id.GOARCH == "" || id.Go == "" || id.Commit == "" {
		t.Errorf("%+v", id)
	}
}

// document is what --json prints, as another program would read it.
type document struct {
	Version   int
	Engine    string
	Error     string
	Notebooks []struct {
		Name    string
		Seconds float64
		Error   string
		Claims  []map[string]any
	}
}

func parseDocument(t *testing.T, stdout string) document {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(stdout))
	dec.DisallowUnknownFields()
	var d document
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%v in %q", err, stdout)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Errorf("more than one document on stdout: %q", stdout)
	}
	if d.Version != 1 || d.Notebooks == nil {
		t.Errorf("version %d, notebooks %v", d.Version, d.Notebooks)
	}
	return d
}

func TestReproduceJSON(t *testing.T) {
	out := filepath.Join(t.TempDir(), "site")
	before, err := os.ReadFile("testdata/good/claims.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := lowrank(t, "reproduce", "--json", "--notebooks", "testdata/good", "--out", out)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "stdout", stdout, `"measured":3e-21,"relation":"<","bound":1e-20,"verdict":"holds","seed":1`, `"small < large"`, `"claims":[]`)
	d := parseDocument(t, stdout)
	if d.Engine != "gomacro" || d.Error != "" || len(d.Notebooks) != 2 {
		t.Fatalf("%+v", d)
	}
	claims, plain := d.Notebooks[0], d.Notebooks[1]
	if claims.Name != "claims" || claims.Error != "" || len(claims.Claims) != 2 || claims.Seconds <= 0 {
		t.Errorf("%+v", claims)
	}
	if c := claims.Claims[1]; c["measured"] != "+Inf" || c["verdict"] != "empirical" {
		t.Errorf("%v", c)
	}
	if plain.Name != "plain" || plain.Claims == nil || len(plain.Claims) != 0 {
		t.Errorf("%+v", plain)
	}
	for _, file := range []string{"index.html", "manifest.json", "claims.html", "claims.ipynb", "plain.html", "plain.ipynb"} {
		if _, err := os.Stat(filepath.Join(out, file)); err != nil {
			t.Error(err)
		}
	}
	mustContain(t, "stderr", stderr, "claims: 2 cells", "plain: 2 cells", filepath.Join(out, "index.html"))
	executed, err := os.ReadFile(filepath.Join(out, "plain.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, "plain.ipynb", string(executed), "x is 2", `"42"`)
	if after, err := os.ReadFile("testdata/good/claims.ipynb"); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the notebook itself was changed (%v)", err)
	}
}

func TestReproduceTable(t *testing.T) {
	code, stdout, _ := lowrank(t, "reproduce", "claims.ipynb", "claims", "--notebooks", "testdata/good", "--out", t.TempDir())
	if code != exitOK {
		t.Fatalf("exit %d", code)
	}
	mustContain(t, "stdout", stdout, "[T] 1", "small < large", "3e-21", "holds", "empirical")
	if strings.Contains(stdout, "plain") || strings.Count(stdout, "small < large") != 1 {
		t.Errorf("not the one notebook that was named, once:\n%s", stdout)
	}
}

func TestReproduceFailures(t *testing.T) {
	out := t.TempDir()
	code, stdout, stderr := lowrank(t, "reproduce", "panics", "fails", "truncated", "--json", "--notebooks", "testdata/bad", "--out", out)
	if code != exitFailed {
		t.Fatalf("exit %d", code)
	}
	d := parseDocument(t, stdout)
	if len(d.Notebooks) != 3 {
		t.Fatalf("%+v", d)
	}
	panics, fails, truncated := d.Notebooks[0], d.Notebooks[1], d.Notebooks[2]
	mustContain(t, "the error of panics", panics.Error, "In [2]", "index out of range")
	if fails.Error != "" || len(fails.Claims) != 1 || fails.Claims[0]["verdict"] != "fails" {
		t.Errorf("%+v", fails)
	}
	mustContain(t, "the error of truncated", truncated.Error, "truncated.ipynb", "cut off", "nbformat 4.0 to 4.5")
	mustContain(t, "stderr", stderr, "notebooks that stopped: 2, claims that fail: 1")
	executed, err := os.ReadFile(filepath.Join(out, "panics.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, "panics.ipynb", string(executed), "before", "partial", `"output_type": "error"`)
	if strings.Contains(string(executed), `"never\n"`) {
		t.Error("the cell behind the panic ran")
	}
	index, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, "index.html", string(index), "index out of range", "one is two", "cut off")
}

func TestFailuresBeforeAnyCell(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--out", filepath.Join(file, "out"), "--notebooks", "testdata/good"}, exitFailed, file},
		{[]string{"--out", file, "--notebooks", "testdata/good"}, exitFailed, "output folder " + file},
		{[]string{"--notebooks", filepath.Join(file, "none")}, exitFailed, filepath.Join(file, "none")},
		{[]string{"--engine", "basic"}, exitUsage, "basic"},
		{[]string{"--nonsense"}, exitUsage, "nonsense"},
		{[]string{"nosuch", "--notebooks", "testdata/good"}, exitUsage, "nosuch"},
	} {
		code, stdout, stderr := lowrank(t, append([]string{"reproduce", "--json"}, tc.args...)...)
		if code != tc.code {
			t.Errorf("%q: exit %d, want %d", tc.args, code, tc.code)
		}
		d := parseDocument(t, stdout)
		mustContain(t, "the document's error", d.Error, tc.want)
		mustContain(t, "stderr", stderr, tc.want)
		if strings.Contains(stderr, "cells") || len(d.Notebooks) != 0 {
			t.Errorf("%q: something ran: %s", tc.args, stderr)
		}
	}
}

// alarm is a writer that calls ring once, a moment after it saw text.
type alarm struct {
	mu   sync.Mutex
	seen bytes.Buffer
	text string
	once sync.Once
	ring func()
}

func (a *alarm) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen.Write(b)
	if strings.Contains(a.seen.String(), a.text) {
		a.once.Do(func() { time.AfterFunc(time.Second, a.ring) })
	}
	return len(b), nil
}

func TestReproduceInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := t.TempDir()
	var stdout bytes.Buffer
	stderr := &alarm{text: "slow: 3 cells", ring: cancel}
	code := run(ctx, []string{"reproduce", "fails", "slow", "panics", "--json", "--notebooks", "testdata/bad", "--out", out}, &stdout, stderr)
	if code != exitInterrupted {
		t.Fatalf("exit %d, want %d: %s", code, exitInterrupted, stderr.seen.String())
	}
	d := parseDocument(t, stdout.String())
	if d.Error != "interrupted" || len(d.Notebooks) != 2 || d.Notebooks[1].Error == "" {
		t.Errorf("%+v", d)
	}
	executed, err := os.ReadFile(filepath.Join(out, "slow.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, "slow.ipynb", string(executed), `"before\n"`, `"ename": "Interrupted"`)
	for _, file := range []string{"index.html", "manifest.json", "slow.html", "fails.html"} {
		if _, err := os.Stat(filepath.Join(out, file)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "panics.ipynb")); err == nil {
		t.Error("the notebook behind the interrupt ran")
	}
}

func TestCatalog(t *testing.T) {
	inside, err := openCatalog("")
	if err != nil || inside.dir == "" {
		t.Errorf("in the checkout: %+v, %v", inside, err)
	}
	t.Chdir(t.TempDir())
	embedded, err := openCatalog("")
	if err != nil || embedded.dir != "" || len(embedded.names) == 0 {
		t.Errorf("outside: %+v, %v", embedded, err)
	}
	if strings.Join(embedded.names, " ") != strings.Join(inside.names, " ") {
		t.Errorf("embedded %q, in the checkout %q", embedded.names, inside.names)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"no-balancing", "scalar-landscape", "sea-surface"}
	for in, want := range map[string]string{
		"nobalancing": "no-balancing", "Sea-Surfce": "sea-surface", "landscape": "scalar-landscape", "": "sea-surface",
	} {
		if got := nearest(in, names); got != want {
			t.Errorf("nearest to %q: %q, want %q", in, got, want)
		}
	}
	if d := distance("kitten", "sitting"); d != 3 {
		t.Errorf("distance %d, want 3", d)
	}
}
