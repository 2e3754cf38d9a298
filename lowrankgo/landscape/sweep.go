package landscape

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
)

// Sweep checks a theorem over an ensemble: every start, with every method, on
// the problem of every seed, is run to its end, and the end point is certified.
//
//	landscape.Sweep{
//		Problems: func(seed uint64) (lr.Problem, error) {
//			return problem.GaussianSensing{D1: 20, D2: 20, Rank: 2, M: 240, Seed: seed}.New()
//		},
//		Starts: []landscape.SweepStart{{Name: "random", Point: func(p lr.Problem, seed uint64) (*lr.Factors, error) {
//			return initial.Random{Seed: seed}.Point(p)
//		}}},
//		Methods: []lr.Method{solver.GD{}},
//		Seeds:   33,
//	}.Run(ctx)
//
// What comes out is a proportion with its interval: a theorem that speaks of all
// starts is contradicted by one failure, and never proven by any number of
// successes.
//
// The instances are spread over threads; the functions given must be safe to
// call from several at once, unless Workers is 1.
type Sweep struct {
	// Problems makes the problem of a seed. It is called once for each.
	Problems func(seed uint64) (lr.Problem, error)
	Starts   []SweepStart // one at least, with names of their own
	Methods  []lr.Method  // one at least
	Seeds    int          // how many seeds: Seed, Seed+1, …; default 10
	Seed     uint64       // the first of them

	// Options of every run; nil means the defaults. A Checkpoint is refused,
	// since all runs would write the same file; OnRow is called by all of them.
	// A limit of time makes results depend on the machine.
	Options *lr.Options
	Certify *Options // of every certificate; nil means the defaults

	// Success judges an end point. Default: the verdict is NearOptimum or,
	// where the truth is not known, SecondOrder.
	Success    func(o *SweepOutcome) bool
	Confidence float64 // of the intervals; default DefaultConfidence

	Workers int                   // instances at a time; default GOMAXPROCS. It changes no result
	OnDone  func(done, total int) // called after each instance, one call at a time

	certify func(ctx context.Context, p lr.Problem, x *lr.Factors, o *Options) (*Certificate, error) // default Certify
}

// SweepStart is a way to start.
type SweepStart struct {
	Name  string
	Point func(p lr.Problem, seed uint64) (*lr.Factors, error)
}

// SweepOutcome is one run of a sweep and the certificate of its end point.
type SweepOutcome struct {
	Seed          uint64
	Start, Method string
	X             *lr.Factors // the end point
	Trace         *lr.Trace   // with Options.Every rows
	Status        lr.Status
	Iter, Evals   int
	// Err is that of a run that diverged or failed, which is no success; its
	// point is the last finite one.
	Err         error
	Certificate *Certificate
	Success     bool
}

// Run runs the sweep. Its outcomes come in the order of seeds, then starts, then
// methods, and are the same, bit for bit, for any GOMAXPROCS and Workers.
//
// A run that diverges or fails is an outcome without success. Everything else
// that goes wrong, in the functions given too, where a panic counts as an error,
// ends the sweep, as the end of ctx does: then the outcomes that are complete
// come back with the error, which wraps lowrankgo.ErrCanceled for ctx.
//
// It costs seeds × starts × methods runs and as many certificates. Kept are the
// end points and traces; a problem is let go when its last run is over.
func (s Sweep) Run(ctx context.Context) (*SweepResult, error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	w := newSweepWork(&s)
	var wg sync.WaitGroup
	for range min(s.Workers, len(w.jobs)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w.drain(ctx)
		}()
	}
	wg.Wait()
	r, err := w.result()
	if err == nil {
		return r, nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w (%w)", lr.ErrCanceled, context.Cause(ctx))
	}
	return r, fmt.Errorf("landscape: a sweep ended after %d of %d runs: %w", len(r.Outcomes), r.Total, err)
}

// fill checks s and puts defaults in.
func (s *Sweep) fill() error {
	switch {
	case s.Problems == nil:
		return fmt.Errorf("landscape: Sweep has no Problems, the function that makes the problem of a seed: %w", lr.ErrEmpty)
	case len(s.Starts) == 0 || len(s.Methods) == 0:
		return fmt.Errorf("landscape: Sweep has %d Starts and %d Methods; at least one of each is wanted: %w", len(s.Starts), len(s.Methods), lr.ErrEmpty)
	case s.Seeds < 0 || s.Workers < 0:
		return fmt.Errorf("landscape: Sweep has Seeds = %d and Workers = %d; positive numbers are wanted, or 0 for the defaults: %w", s.Seeds, s.Workers, lr.ErrValue)
	case s.Options != nil && s.Options.Checkpoint.Path != "":
		return fmt.Errorf("landscape: Sweep has a Checkpoint, %q, which all of its runs would write; none may be set: %w", s.Options.Checkpoint.Path, lr.ErrValue)
	}
	seen := map[string]bool{}
	for i, start := range s.Starts {
		if start.Point == nil || start.Name == "" || seen[start.Name] {
			return fmt.Errorf("landscape: start %d of Sweep is named %q; each start needs a Point and a Name of its own: %w", i, start.Name, lr.ErrEmpty)
		}
		seen[start.Name] = true
	}
	for i, m := range s.Methods {
		if m == nil {
			return fmt.Errorf("landscape: method %d of Sweep is nil: %w", i, lr.ErrEmpty)
		}
	}
	if s.Seeds == 0 {
		s.Seeds = 10
	}
	if s.Workers == 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	if s.Success == nil {
		s.Success = reached
	}
	if s.certify == nil {
		s.certify = Certify
	}
	var err error
	s.Confidence, err = confidenceOf(s.Confidence)
	return err
}

// reached is the default of Success.
func reached(o *SweepOutcome) bool {
	c := o.Certificate
	return c.Verdict == NearOptimum || c.Verdict == SecondOrder && math.IsNaN(c.RelErr)
}

// sweepJob is one run: indices of its seed, start and method.
type sweepJob struct{ seed, start, method int }

// sweepWork is a sweep at work.
type sweepWork struct {
	s        *Sweep
	jobs     []sweepJob
	problems []sharedProblem // of each seed
	outcomes []*SweepOutcome // of each job; nil while it is not complete
	errs     []error         // of each job
	next     atomic.Int64
	failed   atomic.Bool // no further job begins

	mu   sync.Mutex
	done int
}

// sharedProblem is made by the first of its jobs, and let go by the last.
type sharedProblem struct {
	once sync.Once
	p    lr.Problem
	err  error
	left atomic.Int64 // jobs that still need it
}

func newSweepWork(s *Sweep) *sweepWork {
	w := &sweepWork{s: s, problems: make([]sharedProblem, s.Seeds)}
	for seed := range s.Seeds {
		w.problems[seed].left.Store(int64(len(s.Starts) * len(s.Methods)))
		for start := range s.Starts {
			for method := range s.Methods {
				w.jobs = append(w.jobs, sweepJob{seed, start, method})
			}
		}
	}
	w.outcomes, w.errs = make([]*SweepOutcome, len(w.jobs)), make([]error, len(w.jobs))
	return w
}

// drain takes jobs in their order, so that when one fails all before it have
// begun: the first error in order is the same for any number of threads.
func (w *sweepWork) drain(ctx context.Context) {
	for !w.failed.Load() {
		i := int(w.next.Add(1)) - 1
		if i >= len(w.jobs) {
			return
		}
		if w.errs[i] = ctx.Err(); w.errs[i] == nil {
			w.errs[i] = guarded(func() (err error) {
				w.outcomes[i], err = w.one(ctx, w.jobs[i])
				return err
			})
		}
		if w.errs[i] != nil {
			w.failed.Store(true)
			return
		}
		if err := w.tell(); err != nil {
			w.errs[i] = err
			w.failed.Store(true)
			return
		}
	}
}

// tell counts an instance and reports it.
func (w *sweepWork) tell() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done++
	if w.s.OnDone == nil {
		return nil
	}
	return guarded(func() error { w.s.OnDone(w.done, len(w.jobs)); return nil })
}

// guarded turns a panic of a function given into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v: %w", p, lr.ErrFailed)
		}
	}()
	return f()
}

// one runs a job and certifies where it ended.
func (w *sweepWork) one(ctx context.Context, j sweepJob) (*SweepOutcome, error) {
	s, start, m := w.s, w.s.Starts[j.start], w.s.Methods[j.method]
	seed := s.Seed + uint64(j.seed)
	shared := &w.problems[j.seed]
	defer func() {
		if shared.left.Add(-1) == 0 {
			shared.p = nil
		}
	}()
	shared.once.Do(func() {
		shared.err = guarded(func() (err error) { shared.p, err = s.Problems(seed); return err })
	})
	if shared.err != nil {
		return nil, fmt.Errorf("the problem of seed %d: %w", seed, shared.err)
	}
	p := shared.p
	if err := lr.CheckProblem(p); err != nil {
		return nil, fmt.Errorf("the problem of seed %d: %w", seed, err)
	}
	x0, err := start.Point(p, seed)
	if err != nil {
		return nil, fmt.Errorf("start %q of seed %d: %w", start.Name, seed, err)
	}
	r, err := lr.Solve(ctx, p, m, x0, s.Options)
	if err != nil && !(errors.Is(err, lr.ErrDiverged) || r != nil && errors.Is(err, lr.ErrFailed)) {
		return nil, fmt.Errorf("%s from start %q, seed %d: %w", m.Name(), start.Name, seed, err)
	}
	o := &SweepOutcome{
		Seed: seed, Start: start.Name, Method: m.Name(), X: r.X, Trace: r.Trace,
		Status: r.Status, Iter: r.Iter, Evals: r.Evals, Err: err,
	}
	if o.Certificate, err = s.certify(ctx, p, o.X, s.Certify); err != nil {
		return nil, fmt.Errorf("the certificate of %s from start %q, seed %d: %w", o.Method, o.Start, seed, err)
	}
	o.Success = o.Err == nil && s.Success(o)
	return o, nil
}

// result collects what is complete, and the first error in the order of jobs.
func (w *sweepWork) result() (*SweepResult, error) {
	r := &SweepResult{Total: len(w.jobs)}
	for i, o := range w.outcomes {
		if o != nil && w.errs[i] == nil {
			r.Outcomes = append(r.Outcomes, *o)
		}
	}
	r.count(w.s)
	i := slices.IndexFunc(w.errs, func(err error) bool { return err != nil })
	if i < 0 {
		return r, nil
	}
	return r, w.errs[i]
}
