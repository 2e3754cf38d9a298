// Command gen writes the symbol tables of kernelext/bindings/gomacro.
//
// Usage:
//
//	go generate ./kernelext/bindings/...      # write them
//	go run ./kernelext/bindings/gen -check -out kernelext/bindings/gomacro
//
// With -check it writes nothing and exits with status 1 when a file differs
// from what it would write.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

func main() {
	out := flag.String("out", ".", "`folder` of the generated files")
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "gen: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out string, check bool) error {
	files, err := generate(append(slices.Clone(bound), standard...))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(runtime.Version(), toolchain) {
		if !check {
			return fmt.Errorf("this is %s; the tables of the standard library are for %s (see packages.go)", runtime.Version(), toolchain)
		}
		keepStandard(out, files)
	}
	if !check {
		return write(out, files)
	}
	if stale := compare(out, files); len(stale) > 0 {
		return fmt.Errorf("%s: not what the generator writes now; run go generate ./kernelext/bindings/... (%s)",
			out, strings.Join(stale, ", "))
	}
	return nil
}

// keepStandard takes the standard tables as they are in folder.
func keepStandard(folder string, files map[string][]byte) {
	for _, path := range standard {
		name := fileName(path)
		if old, err := os.ReadFile(filepath.Join(folder, name)); err == nil {
			files[name] = old
		}
	}
}

// compare lists the generated files in folder that are missing, left over or
// different.
func compare(folder string, files map[string][]byte) []string {
	var stale []string
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Equal(got, want) {
			stale = append(stale, name)
		}
	}
	stale = append(stale, leftover(folder, files)...)
	slices.Sort(stale)
	return stale
}

// leftover lists the generated files in folder that are no longer wanted.
func leftover(folder string, files map[string][]byte) []string {
	var list []string
	old, _ := filepath.Glob(filepath.Join(folder, "bind_*.go"))
	for _, f := range old {
		if _, ok := files[filepath.Base(f)]; !ok {
			list = append(list, filepath.Base(f))
		}
	}
	return list
}

// write replaces the generated files in folder, each at once.
func write(folder string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := replace(filepath.Join(folder, name), files[name]); err != nil {
			return err
		}
	}
	for _, name := range leftover(folder, files) {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

func replace(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil // keeps the build cache warm
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gen-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
