package gomacro

import (
	"fmt"
	"go/build"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/gls"
	"github.com/cosmos72/gomacro/xreflect"

	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"

	_ "github.com/lowrankgo/lowrank/kernelext/bindings/gomacro" // the packages a cell can import
)

// slots is how many variables of each kind a session holds. They are reserved
// at the start because cells keep pointing into the arrays.
const slots = 1 << 16

// session is the engine.
type session struct {
	grace  time.Duration
	closed atomic.Bool

	mu      sync.Mutex // guards ir.Comp and origins: compiling against Complete
	ir      *fast.Interp
	origins map[string]*origin // by gomacro file name
	patched map[string]bool    // packages whose functions were replaced

	env   *fast.Env               // of the file level
	where func(func(interface{})) // interpreted; calls back with the *fast.Interp of its goroutine
	cells sync.Map                // running and abandoned cells by goroutine (gls.GoID)
}

// origin is the cell behind a gomacro file.
type origin struct {
	name     string // of the cell, as "In [3]"
	parsed   *source.Cell
	inserted []int // offsets where a byte was added before compiling
}

func newSession(o Options) (s *session, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("gomacro: cannot start the interpreter: %v", r)
		}
	}()
	// Without export data of the toolchain, whose newer kinds of type it does
	// not know, gomacro falls back to reflection.
	build.Default.GOROOT = "/nonexistent"
	ir := fast.New()
	c := ir.Comp
	c.Stdout, c.Stderr = io.Discard, io.Discard // its own warnings
	c.Options &^= base.OptShowPrompt | base.OptTrapPanic | base.OptModuleImport
	s = &session{grace: o.Grace, ir: ir, origins: map[string]*origin{}, patched: map[string]bool{}}
	s.reserve()
	const name = "lowrankWhere"
	ir.Eval("func " + name + "(f func(interface{})) { f(Interp()) }")
	s.where = ir.ValueOf(name).Interface().(func(func(interface{})))
	delete(c.Binds, name)
	ir.DeclFunc(goGuard, s.reportGoroutine)
	declareBuiltins(ir)
	return s, nil
}

// reserve gives the file-level Env arrays that never move.
func (s *session) reserve() {
	s.env = s.ir.PrepareEnv()
	vals, ints := s.env.Vals, s.env.Ints
	s.env.Vals = make([]xreflect.Value, len(vals), slots)
	s.env.Ints = make([]uint64, len(ints), slots)
	copy(s.env.Vals, vals)
	copy(s.env.Ints, ints)
	s.env.IntAddressTaken = true // gomacro's own way to say that Ints must stay
}

// enter makes the calling goroutine the one that runs c, and returns its
// gomacro state.
func (s *session) enter(c *cell) *fast.Run {
	s.cells.Store(gls.GoID(), c)
	run := s.state()
	reset(run)
	s.env.Run = run
	s.env.Outer.Run = run
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = run
	return run
}

// leave undoes enter. The identity of a goroutine is used again when it has
// ended, and with it the state.
func (s *session) leave(c *cell) {
	s.cells.CompareAndDelete(gls.GoID(), c)
	c.mu.Lock()
	defer c.mu.Unlock()
	reset(c.run)
	c.run = nil
}

// state is gomacro's state of the calling goroutine.
func (s *session) state() (run *fast.Run) {
	s.where(func(ir interface{}) { run = ir.(*fast.Interp).PrepareEnv().Run })
	return run
}

// reset forgets what a panic or an interrupt left in run.
func reset(run *fast.Run) {
	run.Interrupt = nil
	run.Signals = base.Signals{}
	run.ExecFlags = 0
	run.CurrEnv = nil
	run.InstallDefer = nil
	run.DeferOfFun, run.PanicFun, run.Panic = nil, nil, nil
}

// fileEnv is the file-level Env of a new cell: its own instruction pointer,
// the session's variables.
func (s *session) fileEnv(run *fast.Run) *fast.Env {
	env := s.ir.PrepareEnv()
	own := &fast.Env{Outer: env.Outer, Run: run, FileEnv: env, UsedByClosure: true, IntAddressTaken: true}
	own.Vals, own.Ints = env.Vals[:cap(env.Vals)], env.Ints[:cap(env.Ints)]
	return own
}
