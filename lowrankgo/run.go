package lowrankgo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"time"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
)

// Method is an algorithm: a config struct that Start turns into a state.
type Method interface {
	// Name prints the method with its parameters.
	Name() string
	// Start checks that the method can work on p and prepares the first point,
	// a copy of x0, with its Info. x0 has p's shape.
	Start(p Problem, x0 *Factors) (Stepper, error)
}

// Stepper is a running method. It is used by one goroutine.
type Stepper interface {
	// Step moves to the next point. A long step polls ctx and returns its
	// error, leaving the point as it was. [ErrNoProgress] ends a run as
	// stalled; any other error fails it.
	Step(ctx context.Context) error
	// Point returns the current point; it is valid until the next Step and
	// must not be changed.
	Point() *Factors
	// Info describes Point.
	Info() Info
}

// Saver is a Stepper that can be stored in a checkpoint and brought back.
type Saver interface {
	Stepper
	// State returns pointers to all variables that the next Step depends on,
	// the point and its Info among them, always in the same order: *float64,
	// *int, *uint64, *bool, *Info, []float64, []int, *Factors, *mat.Dense or
	// *rand.ChaCha8. A checkpoint writes what they point to; resuming calls
	// Start with the saved point and then overwrites them in place, so shapes
	// and lengths are those that Start makes. What an evaluator remembers is
	// not state: it is computed again, to the same bits.
	State() []any
}

// Info describes a method's current point.
type Info struct {
	Loss     float64 // objective; NaN when a [Splitter] does not know it
	GradNorm float64 // ‖∇f‖F; NaN when the method does not know it
	Step     float64 // length of the step that led here; NaN at the start
	Evals    int     // evaluations of value or gradient so far
}

// DefaultMaxIter is the number of steps allowed when Options does not say.
const DefaultMaxIter = 100_000

// Options bound a run and say what it records. Nil or zero fields mean their
// defaults.
type Options struct {
	MaxIter int            // most steps; default DefaultMaxIter
	Time    time.Duration  // most time in the method; default no limit
	Every   int            // steps between rows of the trace; default 1
	Stop    Stop           // default Any(GradReduced(1e-10), ResidualBelow(1e-7)); seen at each row
	OnRow   func(Row) bool // called with each row; false ends the run

	Checkpoint Checkpoint // where and when to save the run; default never
}

func (o *Options) filled() (Options, error) {
	var f Options
	if o != nil {
		f = *o
	}
	if f.MaxIter < 0 || f.Every < 0 || f.Time < 0 {
		return f, fmt.Errorf("lowrankgo: Options has MaxIter = %d, Every = %d, Time = %v; none may be negative: %w", f.MaxIter, f.Every, f.Time, ErrValue)
	}
	if f.MaxIter == 0 {
		f.MaxIter = DefaultMaxIter
	}
	if f.Every == 0 {
		f.Every = 1
	}
	if f.Stop == nil {
		f.Stop = Any(GradReduced(1e-10), ResidualBelow(1e-7))
	}
	err := f.Checkpoint.fill()
	return f, err
}

// Run is a method at work on a problem. It owns the loop, the clock, the stop
// rules and the trace; the method owns its state. A Run is used by one
// goroutine.
type Run struct {
	opts     Options
	problem  Problem
	stepper  Stepper
	trace    *Trace
	good     *Factors // the last complete, finite point
	info     Info     // belongs to good
	residual float64  // and so does this; NaN unless the method is a Splitter
	iter     int
	elapsed  time.Duration
	err      error
	cause    error // what err says beside its status

	truth     *Factors // nil where it is not known
	truthNorm float64  // ‖M*‖F

	last time.Duration // what the last step took, or Start
	left bool          // a step goes on beside the run, which no longer waits for it

	print   []float64 // the problem's fingerprint, found when first needed
	savedAt time.Time // when the last checkpoint was written, or tried
	saveErr error     // of the last checkpoint
}

// Start prepares a run of m on p from x0, which is copied. Options may be nil.
func Start(p Problem, m Method, x0 *Factors, o *Options) (*Run, error) {
	opts, err := checkStart(p, m, x0, o)
	if err != nil {
		return nil, err
	}
	return newRun(p, m, x0, opts)
}

// checkStart checks what the caller of Start gives, x0 and the options last.
func checkStart(p Problem, m Method, x0 *Factors, o *Options) (Options, error) {
	if isNil(m) {
		return Options{}, fmt.Errorf("lowrankgo: Start needs a method (it is nil): %w", ErrEmpty)
	}
	if err := CheckProblem(p); err != nil {
		return Options{}, err
	}
	if err := CheckPoint(p, x0); err != nil {
		return Options{}, err
	}
	return o.filled()
}

func newRun(p Problem, m Method, x0 *Factors, opts Options) (*Run, error) {
	begin := time.Now()
	var s Stepper
	err := protected(func() (err error) { s, err = m.Start(p, x0); return err })
	if err != nil {
		return nil, err
	}
	d1, d2, rank := p.Dims()
	r := &Run{opts: opts, problem: p, stepper: s, good: x0.Clone(), savedAt: begin}
	r.last = time.Since(begin)
	r.elapsed = r.last
	if t, ok := TruthOf(p); ok {
		r.truth, r.truthNorm = t, linalg.ProductNorm(t.U, t.Right())
	}
	r.trace = &Trace{
		Problem: describe(p), Method: m.Name(), D1: d1, D2: d2, Rank: rank,
		Version: Version, Arch: runtime.GOARCH, Variant: Variant(),
	}
	if opts.Checkpoint.Path != "" {
		if _, err := r.state(); err != nil { // refused before it begins
			return nil, err
		}
	}
	return r, nil
}

// Solve runs m on p from x0 until it ends. When it ends by cancellation,
// divergence or failure the error says so and the partial Result is there all
// the same; the error of a limit or a stall is nil. So it is when a checkpoint
// could not be written, see [Run.Err]. Options may be nil.
//
// It returns within 100 ms of the context's end: between evaluations a step
// looks at its context, and a single evaluation that takes longer is left
// behind, to finish on its own, unless Options.Checkpoint is set.
func Solve(ctx context.Context, p Problem, m Method, x0 *Factors, o *Options) (*Result, error) {
	r, err := Start(p, m, x0, o)
	if err != nil {
		return nil, err
	}
	for r.Next(ctx) {
	}
	return r.Result(), r.Err()
}

// Next takes steps to the next multiple of Options.Every, or as many as are
// allowed, and records a row; its first call records row 0, the start. It
// returns false, without a new row, once the run has ended: [Run.Err] and
// Trace().Status say why.
func (r *Run) Next(ctx context.Context) bool {
	if r.trace.Status != Running {
		return false
	}
	before := len(r.trace.Rows)
	r.advance(ctx)
	r.checkpoint()
	return len(r.trace.Rows) > before
}

func (r *Run) advance(ctx context.Context) {
	if len(r.trace.Rows) == 0 {
		if r.keep() {
			r.record()
		}
		return
	}
	for r.step(ctx) && r.iter%r.opts.Every != 0 {
		r.checkpoint()
	}
	if r.trace.Last().Iter != r.iter {
		r.record()
	}
}

// step takes one step and keeps its point if it is finite.
func (r *Run) step(ctx context.Context) bool {
	if r.trace.Status == Running {
		r.checkLimits(ctx)
	}
	if r.trace.Status != Running {
		return false
	}
	begin := time.Now()
	err := r.take(ctx)
	r.last = time.Since(begin)
	r.elapsed += r.last
	switch {
	case err == nil:
		if !r.keep() {
			return false
		}
		r.iter++
		return true
	case errors.Is(err, ErrNoProgress):
		r.trace.Status = Stalled
	case ctx.Err() != nil:
		r.end(Canceled, context.Cause(ctx))
	default:
		r.end(Failed, err)
	}
	return false
}

// A step is watched from another goroutine when the one before took longStep;
// when the context ends it is waited for no longer than grace.
const (
	longStep = 20 * time.Millisecond
	grace    = 50 * time.Millisecond
)

// take has the method take a step. A step polls its context between
// evaluations, but one evaluation of a large problem may itself be long: such a
// step is left behind when the context ends, to finish for nothing. With
// checkpoints it is waited for, since they need the method's state.
func (r *Run) take(ctx context.Context) error {
	if r.last < longStep || r.opts.Checkpoint.Path != "" || ctx.Done() == nil {
		return r.stepOnce(ctx)
	}
	done := make(chan error, 1)
	go func() { done <- r.stepOnce(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		r.left = true
		return ctx.Err()
	}
}

func (r *Run) stepOnce(ctx context.Context) error {
	return protected(func() error { return r.stepper.Step(ctx) })
}

// protected turns a panic of the method or the problem into an error, so that
// the run's partial result is not lost.
func protected(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("lowrankgo: panic in the method or the problem: %v", p)
		}
	}()
	return f()
}

func (r *Run) checkLimits(ctx context.Context) {
	switch {
	case ctx.Err() != nil:
		r.end(Canceled, context.Cause(ctx))
	case r.iter >= r.opts.MaxIter:
		r.trace.Status = IterationLimit
	case r.opts.Time > 0 && r.elapsed >= r.opts.Time:
		r.trace.Status = TimeLimit
	}
}

// keep copies the method's point if it is finite, and ends the run if not.
func (r *Run) keep() bool {
	info, x := r.stepper.Info(), r.stepper.Point()
	if x == nil || x.U == nil || !r.good.sameShape(x) {
		r.end(Failed, fmt.Errorf("the method's point has %s", x.shape()))
		return false
	}
	residual, known := math.NaN(), finite(info.Loss)
	if s, ok := r.stepper.(Splitter); ok {
		residual = s.Residual()
		known = finite(residual) && !math.IsInf(info.Loss, 0)
	}
	if !known || math.IsInf(info.GradNorm, 0) || !x.Finite() {
		r.end(Diverged, nil)
		return false
	}
	r.good.CopyFrom(x)
	r.info, r.residual = info, residual
	return true
}

func (r *Run) end(s Status, cause error) {
	r.trace.Status, r.cause = s, cause
	r.err = fmt.Errorf("lowrankgo: %s on %s at iteration %d: %w", r.trace.Method, r.trace.Problem, r.iter, s.Err())
	if cause != nil {
		r.err = fmt.Errorf("%w (%w)", r.err, cause)
	}
}

// record appends the row of the current point and applies the rules that read
// the trace. The clock does not run.
func (r *Run) record() {
	row := Row{
		Iter: r.iter, Loss: r.info.Loss, GradNorm: r.info.GradNorm, Step: r.info.Step,
		RelErr: math.NaN(), SqErr: math.NaN(), Residual: r.residual, Elapsed: r.elapsed,
	}
	if r.truth != nil {
		e := distance(r.good, r.truth)
		row.SqErr, row.RelErr = e*e, e/r.truthNorm
	}
	r.trace.Rows = append(r.trace.Rows, row)
	if r.trace.Status.Err() == nil { // a rule that holds outranks a limit
		if s := r.opts.Stop(r.trace); s != Running {
			r.trace.Status = r.unlessFull(s)
		}
	}
	if r.opts.OnRow != nil && !r.opts.OnRow(row) && r.trace.Status == Running {
		r.trace.Status = Stopped
	}
}

// Row returns the latest row.
func (r *Run) Row() Row { return r.trace.Last() }

// Point returns the last complete, finite point. It is valid until the next
// call of Next; Clone it to keep it.
func (r *Run) Point() *Factors { return r.good }

// Trace returns the record so far. It grows while the run goes on.
func (r *Run) Trace() *Trace { return r.trace }

// Err returns an error that wraps ErrCanceled, ErrDiverged or ErrFailed when
// the run ended that way, and ErrCheckpoint while the latest checkpoint that
// Options.Checkpoint asked for could not be written; else nil.
func (r *Run) Err() error {
	switch {
	case r.saveErr == nil:
		return r.err
	case r.err == nil:
		return r.saveErr
	}
	return fmt.Errorf("%w; and %w", r.err, r.saveErr)
}

// Rows runs to the end, one row at a time. Breaking out of the loop leaves the
// run where it is; Next or Rows go on from there.
func (r *Run) Rows(ctx context.Context) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for r.Next(ctx) {
			if !yield(r.Row()) {
				return
			}
		}
	}
}
