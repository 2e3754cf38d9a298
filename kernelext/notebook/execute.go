package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// ExecuteOptions says how [Execute] runs a notebook. The zero value, like nil,
// runs it at full size and tells nobody.
type ExecuteOptions struct {
	Quick  bool              // ask the cells for their reduced size (show.Quick)
	OnCell func(done, n int) // called before each code cell with the number of cells done, and at the end of the last
}

// CellError is a code cell that failed. Cell counts the executed cells from 1,
// as in "In [3]".
type CellError struct {
	Cell int
	ID   string // the cell's id
	Err  error  // usually an *engine.Error
}

func (e *CellError) Error() string { return fmt.Sprintf("In [%d]: %v", e.Cell, e.Err) }

// Unwrap gives what failed.
func (e *CellError) Unwrap() error { return e.Err }

// Execute runs the code cells of nb in order in the session eng, and stores
// outputs and execution counts in the cells; what they held before is removed.
// Blank cells are skipped.
//
// It stops at the first cell that fails, whose outputs so far stay, with the
// error as last output, and returns a *[CellError]. When ctx ends the running
// cell is interrupted, what it showed stays, and the error wraps that of ctx.
func Execute(ctx context.Context, nb *Notebook, eng engine.Engine, o *ExecuteOptions) error {
	if o == nil {
		o = &ExecuteOptions{}
	}
	report := o.OnCell
	if report == nil {
		report = func(int, int) {}
	}
	nb.ClearOutputs()
	cells := nb.CodeCells()
	for i, c := range cells {
		report(i, len(cells))
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("notebook: stopped before In [%d]: %w", i+1, err)
		}
		if err := runCell(ctx, c, i+1, eng, o.Quick); err != nil {
			return err
		}
	}
	report(len(cells), len(cells))
	return nil
}

func runCell(ctx context.Context, c *Cell, count int, eng engine.Engine, quick bool) error {
	c.ExecutionCount = count
	var out collector
	cell := engine.Cell{Code: c.Source, Name: fmt.Sprintf("In [%d]", count), Quick: quick}
	result, err := eng.Eval(ctx, cell, &out)
	if result != nil && err == nil {
		out.add(bundleOutput(ExecuteResult, *result, count))
	}
	if err != nil {
		out.add(errorOutput(err))
	}
	c.Outputs = out.close()
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (%w)", err, cause)
	}
	return &CellError{Cell: count, ID: c.ID, Err: err}
}

func errorOutput(err error) *Output {
	var e *engine.Error
	if errors.As(err, &e) {
		return &Output{Type: Error, EName: e.Name, EValue: e.Message, Traceback: e.Traceback}
	}
	return &Output{Type: Error, EName: "Error", EValue: err.Error(), Traceback: []string{err.Error()}}
}

// collector is the engine.Output that keeps what a cell shows. Cells may print
// from goroutines that outlive them, so it takes nothing once it is closed.
type collector struct {
	mu      sync.Mutex
	outputs []*Output
	text    strings.Builder // of the last output, while that is a stream
	closed  bool
}

func (c *collector) Stream(name, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || text == "" {
		return
	}
	if n := len(c.outputs); n == 0 || c.outputs[n-1].Type != Stream || c.outputs[n-1].Name != name {
		c.flush()
		c.outputs = append(c.outputs, &Output{Type: Stream, Name: name})
	}
	c.text.WriteString(text)
}

func (c *collector) Display(d show.Data) { c.add(bundleOutput(DisplayData, d, 0)) }

func (c *collector) add(o *Output) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.flush()
		c.outputs = append(c.outputs, o)
	}
}

// flush gives the last output, if it is a stream, its text.
func (c *collector) flush() {
	if n := len(c.outputs); n > 0 && c.outputs[n-1].Type == Stream {
		c.outputs[n-1].Text += c.text.String()
	}
	c.text.Reset()
}

func (c *collector) close() []*Output {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	c.closed = true
	return c.outputs
}

// bundleOutput copies d: JSON content and metadata become plain JSON values. A
// bundle that JSON cannot hold becomes an output that says so, since it could
// neither be stored nor sent.
func bundleOutput(kind string, d show.Data, count int) *Output {
	o := &Output{Type: kind, Data: map[string]any{}, Metadata: map[string]any{}, ExecutionCount: count}
	for mime, v := range d.MIME {
		if _, ok := v.(string); ok && !isJSON(mime) {
			o.Data[mime] = v
			continue
		}
		plain, err := plainJSON(v)
		if err != nil {
			return &Output{Type: Stream, Name: "stderr", Text: fmt.Sprintf("output of type %s cannot be stored: %v\n", mime, err)}
		}
		o.Data[mime] = plain
	}
	for key, v := range d.Metadata {
		if plain, err := plainJSON(v); err == nil {
			o.Metadata[key] = plain
		}
	}
	return o
}

func plainJSON(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var plain any
	err = dec.Decode(&plain)
	return plain, err
}

// Claims collects the claims that the outputs of nb carry as
// [show.ClaimsMIME], in order. Claims that are not well formed are an error
// that names the cell; the well-formed ones are returned beside it.
func Claims(nb *Notebook) ([]show.Claim, error) {
	var claims []show.Claim
	var errs []error
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			content, ok := o.Data[show.ClaimsMIME]
			if !ok {
				continue
			}
			b, err := json.Marshal(content)
			if err != nil {
				errs = append(errs, &CellError{Cell: c.ExecutionCount, ID: c.ID, Err: err})
				continue
			}
			parsed, err := show.ParseClaims(b)
			if err != nil {
				errs = append(errs, &CellError{Cell: c.ExecutionCount, ID: c.ID, Err: err})
				continue
			}
			claims = append(claims, parsed...)
		}
	}
	return claims, errors.Join(errs...)
}
