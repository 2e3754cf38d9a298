package gomacro

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/gls"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/capture"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// cell is one run of a cell. It is the show.Host while it runs.
//
// Each cell runs in a goroutine of its own, with its own gomacro state (Run)
// and its own copy of the file-level Env: so one that is left behind, blocked
// in a channel or in compiled code, shares only variables with later cells.
type cell struct {
	*session
	ctx      context.Context
	in       engine.Cell
	out      engine.Output
	captured *capture.Capture

	mu   sync.Mutex
	run  *fast.Run                // of the cell's goroutine, nil when it does not run; guarded by mu
	env  atomic.Pointer[fast.Env] // the file-level Env of this cell
	left atomic.Bool              // left behind

	program atomic.Pointer[program]

	compiling atomic.Bool
	warnings  *warnings
}

// stream passes on what the cell prints. While it is compiled, what is printed
// are the interpreter's own warnings.
func (c *cell) stream(name, text string) {
	switch {
	case c.left.Load():
	case c.compiling.Load():
		c.warnings.Write([]byte(text))
	default:
		c.out.Stream(name, text)
	}
}

// caller is the cell whose goroutine calls: c, or one that was left behind
// earlier. Goroutines that a cell starts count as c's.
func (c *cell) caller() *cell {
	if other := c.here(); other != nil {
		return other
	}
	return c
}

// Context implements show.Host.
func (c *cell) Context() context.Context { return c.caller().ctx }

// Quick implements show.Host.
func (c *cell) Quick() bool { return c.caller().in.Quick }

// Display implements show.Host.
func (c *cell) Display(d show.Data) {
	if by := c.caller(); !by.left.Load() {
		by.captured.Flush()
		by.out.Display(d)
	}
}

// interrupt asks the interpreted code of the cell to stop at its next
// statement or turn of a loop.
func (c *cell) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		c.run.Signals.Async = base.SigInterrupt
	}
}

// abandon leaves the cell behind: its outputs are discarded, and when it
// comes back from where it is blocked it ends at once.
func (c *cell) abandon() {
	c.left.Store(true)
	c.interrupt()
	if env := c.env.Load(); env != nil {
		for i := range env.Code {
			env.Code[i] = stopNow
		}
	}
}

// reached is the offset of the top-level statement in which the cell is
// blocked.
func (c *cell) reached(p *program) int {
	if _, offset, ok := c.place(c.env.Load()); ok {
		return offset
	}
	return p.last
}

// stopNow is a statement that ends the cell.
func stopNow(*fast.Env) (fast.Stmt, *fast.Env) { panic(base.SigInterrupt) }

// here is the cell that runs in the calling goroutine, or nil.
func (s *session) here() *cell {
	if c, ok := s.cells.Load(gls.GoID()); ok {
		return c.(*cell)
	}
	return nil
}

// warnings is what the interpreter said while it compiled a cell.
type warnings struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *warnings) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

// extraValues is the warning that a call with several values stands where Go
// wants one, which Go refuses; or "".
func (w *warnings) extraValues() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range strings.Lines(w.text.String()) {
		if m := extraValues.FindStringSubmatch(line); m != nil {
			return "a call that returns " + m[1] + " values stands where one value is wanted"
		}
	}
	return ""
}

var extraValues = regexp.MustCompile(`returns (\d+) values, using only the first one`)
