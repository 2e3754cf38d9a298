package notebook_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/notebook"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// echo is an engine that prints its cells.
type echo struct{}

func (echo) Name() string                               { return "echo" }
func (echo) Complete(string, int) (c engine.Completion) { return c }
func (echo) Check(string) (c engine.Completeness)       { return c }
func (echo) Close() error                               { return nil }

func (echo) Eval(_ context.Context, cell engine.Cell, out engine.Output) (*show.Data, error) {
	out.Stream("stdout", cell.Name+": "+cell.Code+"\n")
	return nil, nil
}

func ExampleExecute() {
	nb, err := notebook.Read(strings.NewReader(`{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [
		{"cell_type": "code", "metadata": {}, "source": "x := 1", "outputs": [], "execution_count": null}]}`), "it.ipynb")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := notebook.Execute(context.Background(), nb, echo{}, nil); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(nb.Cells[0].Outputs[0].Text)
	// Output: In [1]: x := 1
}

func ExampleParse() {
	_, err := notebook.Parse([]byte(`{"nbformat": 4, "cells": [`), "half.ipynb")
	fmt.Println(err)
	// Output: notebook: half.ipynb: the file is cut off in line 1; accepted is a complete Jupyter notebook, nbformat 4.0 to 4.5
}

func ExampleSite() {
	dir, err := os.MkdirTemp("", "site")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	site, err := notebook.NewSite(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	nb := &notebook.Notebook{Cells: []*notebook.Cell{{Type: notebook.Markdown, ID: "a", Source: "# Norms\n\nOf $x$."}}}
	if _, err := site.Add(notebook.Run{Name: "norms", Notebook: nb}); err != nil {
		fmt.Println(err)
	}
	if err := site.Finish(notebook.Manifest{Version: "0.1.0"}); err != nil {
		fmt.Println(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		fmt.Println(filepath.Base(f))
	}
	// Output:
	// index.html
	// manifest.json
	// norms.html
	// norms.ipynb
}
