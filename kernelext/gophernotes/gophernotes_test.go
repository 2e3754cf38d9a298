package gophernotes

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the checkout that the tests run in.
const root = "../.."

func testBuilder(t *testing.T) *builder {
	t.Helper()
	dir, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return &builder{ctx: t.Context(), dir: dir, work: t.TempDir()}
}

func TestOverlayMapsUnchangedFiles(t *testing.T) {
	b := testBuilder(t)
	file, err := b.overlay()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &overlay); err != nil {
		t.Fatal(err)
	}
	cache, err := b.goTool(b.dir, "env", "GOMODCACHE")
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for virtual, real := range overlay.Replace {
		if filepath.Dir(virtual) != filepath.Join(b.dir, folder) {
			t.Errorf("%s is outside %s", virtual, folder)
		}
		if strings.HasSuffix(real, "_test.go") {
			t.Errorf("%s is a test", real)
		}
		if filepath.Base(virtual) == linkedFile {
			ours++
		} else if !strings.HasPrefix(real, strings.TrimSpace(cache)) {
			t.Errorf("%s is not in the module cache", real)
		}
		if _, err := os.Stat(real); err != nil {
			t.Error(err)
		}
	}
	if ours != 1 || len(overlay.Replace) < 5 {
		t.Errorf("%d files, %d of ours", len(overlay.Replace), ours)
	}
	if _, err := os.Stat(filepath.Join(b.dir, folder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s exists: %v", folder, err)
	}
}

func TestLinkedFileIsGo(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), linkedFile, linkedSource, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	if f.Name.Name != "main" || len(f.Imports) != 2 {
		t.Errorf("package %s with %d imports", f.Name.Name, len(f.Imports))
	}
}

func TestBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for half a minute")
	}
	out := filepath.Join(t.TempDir(), "kernel")
	var log bytes.Buffer
	if err := Build(t.Context(), out, Options{Dir: root, Log: &log}); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	info, err := buildinfo.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if info.Path != module+"/"+folder {
		t.Errorf("the program is %s", info.Path)
	}
	linked := false
	for _, d := range info.Deps {
		linked = linked || d.Path == "gonum.org/v1/plot"
	}
	if !linked {
		t.Error("our packages are not linked in: gonum/plot is missing")
	}
	// Without a connection file it says so and ends; with a broken link it
	// would panic before.
	said, _ := exec.CommandContext(t.Context(), out).CombinedOutput()
	if !strings.Contains(string(said), "connection file") {
		t.Errorf("started without a connection file it said %q", said)
	}
	if _, err := os.Stat(filepath.Join(root, folder)); err == nil {
		t.Error("the build left files in the checkout")
	}
}

func TestTemporaryModule(t *testing.T) {
	b := testBuilder(t)
	if _, err := b.module(""); err == nil {
		t.Error("no error without a release")
	}
	b = testBuilder(t)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", t.TempDir())
	_, err := b.module("v0.0.1-not.released")
	if err == nil || !strings.Contains(err.Error(), "inside a checkout") {
		t.Errorf("a release that nobody has: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(b.work, "module", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{module + " v0.0.1-not.released", stock + " " + Version} {
		if !strings.Contains(string(text), want) {
			t.Errorf("go.mod does not require %s:\n%s", want, text)
		}
	}
}

func TestBuildErrors(t *testing.T) {
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "go.mod"), []byte("module example.org/other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), filepath.Join(empty, "out"), Options{Dir: empty}); err == nil || !strings.Contains(err.Error(), stock) {
		t.Errorf("in a module without gophernotes: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Build(ended, filepath.Join(empty, "out"), Options{Dir: root}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	t.Setenv("PATH", empty)
	if err := Build(t.Context(), filepath.Join(empty, "out"), Options{Dir: root}); !errors.Is(err, ErrNoGo) {
		t.Errorf("without go: %v", err)
	}
}
