// Package enginetest checks that an engine keeps the promises of package
// engine. Each case says which promise it checks.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// Test runs all cases, each on a session of its own.
func Test(t *testing.T, newEngine func() (engine.Engine, error)) {
	groups := map[string][]testCase{
		"Values": values, "Session": session, "Output": outputs, "Errors": failures, "Stop": stops, "Editor": editor,
		"Semantics": semantics,
	}
	for name, cases := range groups {
		t.Run(name, func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					e, err := newEngine()
					if err != nil {
						t.Fatalf("new engine: %v", err)
					}
					s := &Session{T: t, Engine: e, rule: c.rule}
					defer func() {
						if err := e.Close(); err != nil {
							t.Errorf("Close: %v", err)
						}
					}()
					c.run(s)
				})
			}
		})
	}
}

type testCase struct {
	name string
	rule string // the promise, for the message of a failure
	run  func(s *Session)
}

// Session runs cells on an engine and fails the test when they do otherwise
// than told.
type Session struct {
	T      testing.TB
	Engine engine.Engine
	Out    Recorder // of the last cell

	rule string
	n    int
}

func (s *Session) fail(format string, args ...any) {
	s.T.Helper()
	s.T.Errorf("%s\n(the rule: %s)", fmt.Sprintf(format, args...), s.rule)
}

// Eval runs a cell named "In [n]" and returns what it shows as text, "" for
// nothing, and its error.
func (s *Session) Eval(ctx context.Context, code string) (string, *engine.Error) {
	s.T.Helper()
	s.n++
	s.Out.reset()
	data, err := s.Engine.Eval(ctx, engine.Cell{Code: code, Name: fmt.Sprintf("In [%d]", s.n)}, &s.Out)
	text := ""
	if data != nil {
		text, _ = data.MIME["text/plain"].(string)
		if text == "" {
			s.fail("%q: a value without text/plain: %v", code, data.MIME)
		}
	}
	if err == nil {
		return text, nil
	}
	var e *engine.Error
	if !errors.As(err, &e) {
		s.fail("%q: error %T, want *engine.Error: %v", code, err, err)
		return text, &engine.Error{Name: "?", Message: err.Error()}
	}
	if e.Name == "" || strings.Contains(e.Message, "\n") || len(e.Traceback) == 0 {
		s.fail("%q: an error needs a name, a message of one line and a traceback: %+v", code, e)
	}
	return text, e
}

// Run runs a cell that must succeed and returns what it shows.
func (s *Session) Run(code string) string {
	s.T.Helper()
	text, err := s.Eval(context.Background(), code)
	if err != nil {
		s.T.Fatalf("%q: %v\n%s\n(the rule: %s)", code, err, strings.Join(err.Traceback, "\n"), s.rule)
	}
	return text
}

// Want runs a cell that must show a text.
func (s *Session) Want(code, text string) {
	s.T.Helper()
	if got := s.Run(code); got != text {
		s.fail("%q shows %q, want %q", code, got, text)
	}
}

// Fail runs a cell that must fail and returns the error.
func (s *Session) Fail(code string) *engine.Error {
	s.T.Helper()
	text, err := s.Eval(context.Background(), code)
	if err == nil {
		s.T.Fatalf("%q shows %q, want an error\n(the rule: %s)", code, text, s.rule)
	}
	return err
}

// Stop runs a cell, ends its context after a while, and returns the error and
// how long the cell took from there.
func (s *Session) Stop(code string, after time.Duration) (*engine.Error, time.Duration) {
	s.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	var stopped time.Time
	timer := time.AfterFunc(after, func() {
		mu.Lock()
		stopped = time.Now()
		mu.Unlock()
		cancel()
	})
	defer timer.Stop()
	_, err := s.Eval(ctx, code)
	mu.Lock()
	defer mu.Unlock()
	if stopped.IsZero() {
		s.T.Fatalf("%q ended before it was stopped: %v\n(the rule: %s)", code, err, s.rule)
	}
	return err, time.Since(stopped)
}

// Recorder is an engine.Output that remembers, in order, what it got.
type Recorder struct {
	mu     sync.Mutex
	events []Event
}

// Event is something shown: a stream's text, or the text/plain of a display.
type Event struct {
	Kind string // "stdout", "stderr" or "display"
	Text string
}

// Stream implements engine.Output. Pieces of one stream that follow each
// other become one event.
func (r *Recorder) Stream(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.events); n > 0 && r.events[n-1].Kind == name {
		r.events[n-1].Text += text
		return
	}
	r.events = append(r.events, Event{name, text})
}

// Display implements engine.Output.
func (r *Recorder) Display(d show.Data) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, Event{"display", fmt.Sprint(d.MIME["text/plain"])})
}

// Events is a copy of what was shown so far.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Event(nil), r.events...)
}

// Text is the text of all events of a kind.
func (r *Recorder) Text(kind string) string {
	var b strings.Builder
	for _, e := range r.Events() {
		if e.Kind == kind {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

func (r *Recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = nil
}
