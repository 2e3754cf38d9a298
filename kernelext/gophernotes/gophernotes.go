// Package gophernotes builds the stock gophernotes kernel with the packages of
// this project linked in, without changing or copying a line of it.
//
// gophernotes interprets cells with gomacro, which reaches compiled packages
// only through symbol tables inside the kernel's own program. [Build] compiles
// gophernotes' files where the module cache has them, as a package of this
// module, together with one more file that imports our tables: "go build
// -overlay" is told that the files stand in a folder of this module, where
// nothing is ever written.
//
// In that kernel a cell's last expression shows as in ours, because gophernotes
// asks values for HTML() string, SVG() string and the like. What it does not
// offer to linked packages is the message of the running cell: show.Context
// never ends there and show.Display prints text; a cell that shows
// several values calls gophernotes' own Display(display.Auto(value)).
package gophernotes

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// Version is the version of gophernotes that is built.
const Version = "v0.7.5"

const (
	module     = "github.com/lowrankgo/lowrank" // our module
	stock      = "github.com/gopherdata/gophernotes"
	folder     = "gophernotes-lowrank" // where the overlay places the files, in the module's root
	linkedFile = "lowrankgo_linked.go" // our file among them
)

//go:embed linked.go.txt
var linkedSource string

// Options says what to build. The zero value of each field is its default.
type Options struct {
	// Dir is the root of a checkout of this module; empty makes a temporary
	// module that requires the released Release.
	Dir string
	// Release is the version of this module to link, as "v0.1.0". Only used
	// when Dir is empty, and then required.
	Release string
	// Log receives what the go command prints; nil discards it.
	Log io.Writer
}

// ErrNoGo is the error of Build on a machine without the go command.
var ErrNoGo = errors.New(`gophernotes: building the kernel needs the "go" command, which is not on PATH (https://go.dev/dl)`)

// Build compiles the kernel to the file out, in about half a minute the first
// time and a few seconds later. It needs the go command, and the network when
// a module is not in the module cache yet. ctx cancels it.
func Build(ctx context.Context, out string, o Options) error {
	if _, err := exec.LookPath("go"); err != nil {
		return ErrNoGo
	}
	out, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("gophernotes: %w", err)
	}
	work, err := os.MkdirTemp("", "gophernotes-lowrank-")
	if err != nil {
		return fmt.Errorf("gophernotes: %w", err)
	}
	defer os.RemoveAll(work)
	b := builder{ctx: ctx, dir: o.Dir, work: work, log: o.Log}
	if b.dir == "" {
		if b.dir, err = b.module(o.Release); err != nil {
			return err
		}
		b.flags = []string{"-mod=mod"}
	}
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return fmt.Errorf("gophernotes: %w", err)
	}
	overlay, err := b.overlay()
	if err != nil {
		return err
	}
	args := append([]string{"build"}, b.flags...)
	args = append(args, "-ldflags=-s -w", "-buildvcs=false", "-overlay", overlay, "-o", out, "./"+folder)
	_, err = b.goTool(b.dir, args...)
	return err
}

type builder struct {
	ctx   context.Context
	dir   string // root of the module that builds
	work  string // a temporary folder
	flags []string
	log   io.Writer
}

// overlay writes the file for -overlay: paths in our module that do not exist,
// each with the file that stands there for the compiler.
func (b *builder) overlay() (string, error) {
	src, err := b.stockDir()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(src, "*.go"))
	if err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	replace := map[string]string{}
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			replace[filepath.Join(b.dir, folder, filepath.Base(f))] = f
		}
	}
	if len(replace) == 0 {
		return "", fmt.Errorf("gophernotes: no Go files in %s", src)
	}
	linked := filepath.Join(b.work, linkedFile)
	if err := os.WriteFile(linked, []byte(linkedSource), 0o644); err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	replace[filepath.Join(b.dir, folder, linkedFile)] = linked
	text, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	file := filepath.Join(b.work, "overlay.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	return file, nil
}

// stockDir is where the module cache has gophernotes, downloaded if need be.
func (b *builder) stockDir() (string, error) {
	text, err := b.goTool(b.dir, append(append([]string{"list"}, b.flags...), "-m", "-f", "{{.Version}} {{.Dir}}", stock)...)
	if err != nil {
		return "", err
	}
	version, dir, _ := strings.Cut(strings.TrimSpace(text), " ")
	if version != Version {
		return "", fmt.Errorf("gophernotes: go.mod in %s selects gophernotes %s, this package builds %s", b.dir, version, Version)
	}
	if dir != "" {
		return dir, nil
	}
	m, err := b.download(b.dir, stock, "")
	return m.Dir, err
}

// downloaded is what "go mod download -json" tells of a module.
type downloaded struct{ Dir, Error string }

func (b *builder) download(dir, mod, version string) (downloaded, error) {
	target := mod
	if version != "" {
		target += "@" + version
	}
	text, err := b.goTool(dir, "mod", "download", "-json", target)
	if err != nil {
		return downloaded{}, err
	}
	var m downloaded
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return downloaded{}, fmt.Errorf("gophernotes: go mod download: %w", err)
	}
	if m.Error != "" {
		return downloaded{}, fmt.Errorf("gophernotes: go mod download: %s", m.Error)
	}
	return m, nil
}

// module makes a temporary module that requires a release of ours and
// gophernotes. It starts from the checksums that the release was tested with.
func (b *builder) module(release string) (string, error) {
	if release == "" {
		return "", errors.New("gophernotes: Options has neither Dir nor Release")
	}
	dir := filepath.Join(b.work, "module")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	mod := fmt.Sprintf("module %s\n\ngo 1.26.0\n\nrequire (\n\t%s %s\n\t%s %s\n)\n",
		path.Join("lowrankgo.invalid", folder), module, release, stock, Version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	ours, err := b.download(dir, module, release)
	if err != nil {
		return "", fmt.Errorf("%w (run the command inside a checkout of %s to link that)", err, module)
	}
	sums, err := os.ReadFile(filepath.Join(ours.Dir, "go.sum"))
	if err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644); err != nil {
		return "", fmt.Errorf("gophernotes: %w", err)
	}
	return dir, nil
}

// goTool runs the go command in dir and returns what it prints. Its complaints go
// to the log and, in short, into the error.
func (b *builder) goTool(dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(b.ctx, "go", args...)
	cmd.Dir = dir
	var out, complaints bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = &complaints
	if b.log != nil {
		cmd.Stderr = io.MultiWriter(&complaints, b.log)
	}
	err := cmd.Run()
	if cause := b.ctx.Err(); cause != nil {
		return "", fmt.Errorf("gophernotes: go %s: %w", args[0], cause)
	}
	if err != nil {
		text := strings.TrimSpace(complaints.String())
		if text == "" {
			text = strings.TrimSpace(out.String())
		}
		return "", fmt.Errorf("gophernotes: go %s in %s: %w\n%s", args[0], dir, err, text)
	}
	return out.String(), nil
}
