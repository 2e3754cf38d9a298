// Package gomacro is the engine on github.com/cosmos72/gomacro, an
// interpreter of Go that compiles a cell to closures.
//
// What it adds to the interpreter: a cell can be stopped at any moment and
// the session survives; what a cell prints and displays arrives in order;
// errors point into the cell; a name that takes a new type never disturbs the
// functions compiled with the old one; a variable of a cell that failed
// before setting it does not exist.
//
// # Limits
//
// The interpreter knows no generic declarations, no min, max and clear, and no
// range over integers and functions; a cell that uses them gets an error that
// says what to write instead. A stack overflow by endless recursion ends the
// process, as everywhere in Go, and so does a panic in a goroutine that the
// cell starts on a named function; in "go func() { … }()" it is reported.
package gomacro

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/capture"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// DefaultGrace is the default of [Options].Grace.
const DefaultGrace = 35 * time.Millisecond

// Options configures a session. The zero value is ready to use.
type Options struct {
	// Grace is how long a cell whose context has ended may take to return by
	// itself, so that a compiled solve can hand over its partial result,
	// before its interpreted code is interrupted; and again how long that may
	// take before the cell is left behind. Zero means DefaultGrace.
	Grace time.Duration
}

// New starts a session. The packages of kernelext/bindings/gomacro and much of
// the standard library can be imported in its cells.
//
// A process has one standard output: cells of several sessions in one process
// run one after the other.
func New(o Options) (engine.Engine, error) {
	if o.Grace < 0 {
		return nil, fmt.Errorf("gomacro: Grace is %v, want zero (%v) or more", o.Grace, DefaultGrace)
	}
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	return newSession(o)
}

// turn is held by the one cell of the process that runs.
var turn = make(chan struct{}, 1)

func (s *session) Name() string { return "gomacro" }

// Check implements engine.Engine.
func (s *session) Check(code string) engine.Completeness { return source.Check(code) }

// Close implements engine.Engine.
func (s *session) Close() error {
	s.closed.Store(true)
	return nil
}

// Eval implements engine.Engine.
func (s *session) Eval(ctx context.Context, in engine.Cell, out engine.Output) (*show.Data, error) {
	if s.closed.Load() {
		return nil, plainError("Closed", "the session has ended")
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, interrupted(ctx, nil)
	}
	c := &cell{session: s, ctx: ctx, in: in, out: out, warnings: &warnings{}}
	captured, err := capture.Start(c.stream)
	if err != nil {
		return nil, plainError("SystemError", err.Error())
	}
	c.captured = captured
	before := show.SetHost(c)
	done := make(chan outcome, 1)
	go s.work(c, done)
	res := s.await(c, done)
	captured.Stop()
	show.SetHost(before)
	if res.err != nil {
		return res.data, res.err
	}
	return res.data, nil
}

// outcome is how a cell ended.
type outcome struct {
	data *show.Data
	err  *engine.Error
}

// await waits for the cell. When its context ends it lets the cell return by
// itself, then interrupts it, then leaves it behind.
func (s *session) await(c *cell, done <-chan outcome) outcome {
	select {
	case res := <-done:
		return c.ended(res)
	case <-c.ctx.Done():
	}
	grace := time.NewTimer(s.grace)
	defer grace.Stop()
	select {
	case res := <-done:
		return c.ended(res)
	case <-grace.C:
	}
	grace.Reset(s.grace)
	again := time.NewTicker(5 * time.Millisecond) // a recover in the cell may swallow one interrupt
	defer again.Stop()
	for {
		c.interrupt()
		select {
		case res := <-done:
			return c.ended(res)
		case <-again.C:
		case <-grace.C:
			c.abandon()
			if p := c.program.Load(); p != nil {
				s.forget(p, c.reached(p))
			}
			return outcome{err: interrupted(c.ctx, nil)}
		}
	}
}

// ended gives the outcome of a cell that returned: one whose context has
// ended was interrupted, whatever it made of it.
func (c *cell) ended(res outcome) outcome {
	if c.ctx.Err() != nil {
		res.err = interrupted(c.ctx, res.err)
	}
	return res
}

// interrupted is the error of a cell whose context has ended; by is the error
// with which it ended, or nil.
func interrupted(ctx context.Context, by *engine.Error) *engine.Error {
	message := "the cell was stopped"
	if cause := context.Cause(ctx); errors.Is(cause, context.DeadlineExceeded) {
		message = "the cell reached its time limit"
	} else if cause != nil && !errors.Is(cause, context.Canceled) {
		message += ": " + cause.Error()
	}
	e := plainError("Interrupted", message)
	if by != nil && len(by.Traceback) > 1 {
		e.Traceback = append(e.Traceback, by.Traceback[1:]...)
		e.Line, e.Column = by.Line, by.Column
	}
	return e
}

// plainError is an error without a place.
func plainError(name, message string) *engine.Error {
	return &engine.Error{Name: name, Message: oneLine(message), Traceback: []string{name + ": " + message}}
}
