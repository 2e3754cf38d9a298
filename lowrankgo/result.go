package lowrankgo

import "fmt"

// Result is what a run leaves: its last complete, finite point and its record.
type Result struct {
	X      *Factors
	Trace  *Trace
	Status Status
	Iter   int // steps taken
	Evals  int // evaluations of value or gradient

	sparse func() (*Sparse, error)
}

// Sparse returns the sparse part that belongs to X, for a problem that has one
// (robust PCA): the one that the method found by a rule of its own (see
// [Splitter]), else the problem's minimiser. It is made by this call, which
// costs about a step, in memory of its own. Of other problems it is an error
// that wraps [ErrAbility].
func (r *Result) Sparse() (*Sparse, error) {
	if r.sparse == nil {
		return nil, fmt.Errorf("lowrankgo: the result is of no run, which would know the sparse part: %w", ErrEmpty)
	}
	return r.sparse()
}

// Result returns a copy of the last point, with the trace, which it shares.
func (r *Run) Result() *Result {
	x := r.good.Clone()
	return &Result{X: x, Trace: r.trace, Status: r.trace.Status, Iter: r.iter, Evals: r.info.Evals, sparse: r.sparsePart(x)}
}

// sparsePart is how the sparse part at x, a copy of the last point, is found:
// by the method that found x, if it has a rule of its own and is still there,
// else by the problem.
func (r *Run) sparsePart(x *Factors) func() (*Sparse, error) {
	return func() (s *Sparse, err error) {
		err = protected(func() error {
			if m, ok := r.stepper.(Splitter); ok && !r.left && m.Point().Equal(x) {
				s = m.SparsePart()
				return nil
			}
			e, ok := SparsePartOf(r.problem)
			if !ok {
				return fmt.Errorf("lowrankgo: %s is asked for %v: %w", r.trace.Problem, AbilitySparsePart, ErrAbility)
			}
			s = e.SparsePart(x)
			return nil
		})
		return s, err
	}
}

// tooFull is the share of rows and columns whose sparse part is too full from
// which on a run says so.
const tooFull = 0.05

// unlessFull is s, or SparseFull for a rule that was met at a point whose
// sparse part fills its budget. A rule on the distance to the truth knows
// better.
func (r *Run) unlessFull(s Status) Status {
	if !s.Converged() || s == ErrorConverged {
		return s
	}
	full := 0.0
	err := protected(func() error {
		if e, ok := SparsePartOf(r.problem); ok {
			full = e.Overfull(r.good)
		}
		return nil
	})
	if err == nil && full > tooFull {
		return SparseFull
	}
	return s
}
