package main

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/lowrankgo/lowrank/kernelext/notebook"
	"github.com/lowrankgo/lowrank/notebooks"
)

var linkTarget = regexp.MustCompile(`\[[^\]\n]*\]\(([^)\n]*)\)`)

// TestShippedNotebooks: they are stored as Jupyter writes them, without outputs,
// for our kernel, every formula is one and every link leads somewhere.
func TestShippedNotebooks(t *testing.T) {
	names, err := fs.Glob(notebooks.FS, "*.ipynb")
	if err != nil || len(names) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	var r notebook.Renderer
	for _, name := range names {
		stored, err := fs.ReadFile(notebooks.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		nb, err := notebook.Parse(stored, name)
		if err != nil {
			t.Error(err)
			continue
		}
		if k, _ := nb.Metadata["kernelspec"].(map[string]any); k["name"] != ourKernel || k["display_name"] != ourDisplay {
			t.Errorf("%s: kernelspec %v, want %s (%s)", name, k, ourKernel, ourDisplay)
		}
		if _, problems, err := r.Page(nb, name); err != nil || len(problems) != 0 {
			t.Errorf("%s: %v, problems %q", name, err, problems)
		}
		for _, c := range nb.Cells {
			for _, link := range linkTarget.FindAllStringSubmatch(c.Source, -1) {
				if c.Type == notebook.Markdown && !strings.HasPrefix(link[1], "https://") {
					t.Errorf("%s: %q leads nowhere; an item of a paper is written [G] (4)", name, link[0])
				}
			}
		}
		nb.ClearOutputs()
		if clean, err := nb.Bytes(); err != nil || !bytes.Equal(clean, stored) {
			t.Errorf("%s: not stored as Jupyter writes it, or with outputs (%v)", name, err)
		}
	}
}
