package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells who waits how far the notebooks are: a bar on a terminal,
// a line per notebook elsewhere.
type progress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar // nil when w is no terminal
	base int                      // cells of the notebooks before this one
}

func newProgress(w io.Writer, cells int) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(cells,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(),
			progressbar.OptionSetItsString("cells"),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

func (p *progress) start(name string, cells int) {
	if p.bar != nil {
		p.bar.Describe(name)
		return
	}
	fmt.Fprintf(p.w, "%s: %d cells\n", name, cells)
}

// cell is for notebook.ExecuteOptions.OnCell.
func (p *progress) cell(done, _ int) {
	if p.bar != nil {
		p.bar.Set(p.base + done)
	}
}

// end says how a notebook of so many cells ended.
func (p *progress) end(name string, cells int, summary string) {
	p.base += cells
	if p.bar != nil {
		p.bar.Set(p.base)
		p.bar.Clear()
	}
	fmt.Fprintf(p.w, "%s: %s\n", name, summary)
}

func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Finish()
	}
}

// problem tells of something that did not stop the run.
func (p *progress) problem(name, text string) {
	if p.bar != nil {
		p.bar.Clear()
	}
	fmt.Fprintf(p.w, "%s: warning: %s\n", name, text)
}
