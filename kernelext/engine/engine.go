// Package engine is the door between whoever runs cells (the Jupyter kernel,
// the headless notebook runner) and whoever interprets Go.
//
// An Engine holds one session: what a cell declares, later cells see. It knows
// nothing of Jupyter; its conformance suite is package enginetest.
package engine

import (
	"context"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

// Engine interprets Go, cell by cell. Eval calls must not overlap; Complete
// and Check may be called while a cell runs.
type Engine interface {
	// Name is the engine's name as --engine takes it, such as "gomacro".
	Name() string

	// Eval runs one cell and returns what its last expression shows, nil when
	// it has no value. Everything the cell prints or displays has reached out
	// when Eval returns.
	//
	// When ctx ends, interpreted loops and compiled solves that take their
	// context from show.Context stop; the session's state survives and the
	// error is an *Error whose Name is "Interrupted". A panic or a compile
	// error is an *Error too; no panic leaves Eval.
	Eval(ctx context.Context, cell Cell, out Output) (*show.Data, error)

	// Complete lists what may follow at cursor, counted in code points.
	Complete(code string, cursor int) Completion

	// Check says whether code is ready to run.
	Check(code string) Completeness

	// Close ends the session.
	Close() error
}

// Cell is a piece of source and the name it has in error messages, such as
// "In [3]".
type Cell struct {
	Code string
	Name string
	// Quick asks the cell for its reduced size (show.Quick).
	Quick bool
}

// Output takes what a cell shows while it runs. Its methods may be called
// from several goroutines.
type Output interface {
	Stream(name, text string) // name is "stdout" or "stderr"
	Display(d show.Data)
}

// Completion is an answer to Complete: Matches replace the code points
// [Start, End).
type Completion struct {
	Matches    []Match
	Start, End int
}

// Match is one possible completion. Type is "function", "type", "variable",
// "constant", "field", "package" or "keyword".
type Match struct{ Text, Type string }

// Completeness is an answer to Check. Status is "complete", "incomplete" or
// "invalid"; Indent is what an incomplete cell's next line starts with.
type Completeness struct{ Status, Indent string }

// Error is a failed cell. Line and Column count from 1 within the cell and
// are 0 when unknown.
type Error struct {
	Name         string   // "CompileError", "Panic", "Interrupted", …
	Message      string   // one line
	Traceback    []string // for people, with the source line; never empty
	Line, Column int
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }
