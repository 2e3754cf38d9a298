package theory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Line is an item with what its ensemble showed.
type Line struct {
	Item        Item
	Measurement Measurement
}

// Ensembles are measured by [Run].
type Ensembles struct {
	Items   []Item
	Effort  Effort
	Workers int // items at a time; default GOMAXPROCS. It changes no number
	// OnDone is called when an item is measured, one call at a time.
	OnDone func(done, total int, name string)
}

// Run measures every item, several at a time, and returns a line for each, in
// the order of the items: the same for any number of threads. It ends with the
// first error in that order, or ctx's when that ends; a panic of an item is an
// error. There are no lines then, since a page with some of them would pass for
// the whole.
func (e Ensembles) Run(ctx context.Context) ([]Line, error) {
	workers := e.Workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	w := &work{Ensembles: e, lines: make([]Line, len(e.Items)), errs: make([]error, len(e.Items))}
	var wg sync.WaitGroup
	for range min(workers, len(e.Items)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w.drain(ctx)
		}()
	}
	wg.Wait()
	i := slices.IndexFunc(w.errs, func(err error) bool { return err != nil })
	switch {
	case i < 0:
		return w.lines, nil
	case ctx.Err() != nil && errors.Is(w.errs[i], ctx.Err()):
		return nil, fmt.Errorf("theory: ended after %d of %d items, of which nothing is kept: %w (%w)", w.done, len(e.Items), ctx.Err(), context.Cause(ctx))
	}
	return nil, fmt.Errorf("theory: %s: %w", e.Items[i].Name, w.errs[i])
}

// work is Ensembles at work.
type work struct {
	Ensembles
	lines  []Line
	errs   []error // of each item
	next   atomic.Int64
	failed atomic.Bool // no further item begins

	mu   sync.Mutex
	done int
}

// drain takes items in their order, so that the first error is the same for any
// number of threads.
func (w *work) drain(ctx context.Context) {
	for !w.failed.Load() {
		i := int(w.next.Add(1)) - 1
		if i >= len(w.Items) {
			return
		}
		item := w.Items[i]
		w.lines[i].Item = item
		if w.errs[i] = ctx.Err(); w.errs[i] == nil {
			w.lines[i].Measurement, w.errs[i] = measured(ctx, item, w.Effort)
		}
		if w.errs[i] != nil {
			w.failed.Store(true)
			return
		}
		w.mu.Lock()
		w.done++
		if w.OnDone != nil {
			w.OnDone(w.done, len(w.Items), item.Name)
		}
		w.mu.Unlock()
	}
}

// measured turns a panic of an item's functions into an error.
func measured(ctx context.Context, item Item, e Effort) (m Measurement, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v: %w", p, lr.ErrFailed)
		}
	}()
	return item.Measure(ctx, e)
}

// NewMeasurement returns a measurement of which nothing is known but the number
// of instances: residual and closest ratio are NaN.
func NewMeasurement(instances int) Measurement {
	return Measurement{Instances: instances, Residual: math.NaN(), Closest: math.NaN()}
}

// worstResidual is what rounding may make of an identity on the instances of
// an ensemble, differences for derivatives among them.
const worstResidual = 1e-8

// Fails reports whether the ensemble contradicts the item: an inequality that
// does not hold beyond rounding, or an identity with a residual above 1e-8. A
// proportion below 1 and a constant, however large, contradict nothing.
func (m Measurement) Fails() bool { return m.Violations > 0 || m.Residual > worstResidual }

// constantOf names a constant as it was found: its median and its range.
func constantOf(name string, c landscape.EmpiricalConstant) *Constant {
	return &Constant{Name: name, Value: c.Median, Low: c.Low, High: c.High}
}
