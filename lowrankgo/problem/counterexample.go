package problem

import (
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// Counterexample is symmetric sensing of rank 1,
//
//	f(x) = Σᵢ ⟨Aᵢ, xxᵀ − zzᵀ⟩²
//
// without a factor ½, for the family of [operator.Counterexample]: its
// restricted isometry constant is ½ or just above, and at a point x̂ far from
// ±z, where f = 3/2, the gradient is 0 and the Hessian has no eigenvalue below
// min(2ε, 2). For ε > 0 it is a spurious local minimum, for ε = 0 a degenerate
// saddle, for ε < 0 a strict saddle. So δ = ½ is where theorems about rank 1
// stop (Zhang, Josz, Sojoudi, Lavaei 2018, arXiv:1805.10251).
type Counterexample struct {
	Epsilon float64 // ε > −3
	D       int     // dimension; default 2
	Rotate  bool    // in a random orthonormal basis
	Seed    uint64  // of the basis, and of what is measured beyond the second dimension
}

// CounterexampleProblem is the objective with what is known of it.
type CounterexampleProblem struct {
	Quadratic
	Instance *operator.Instance // the point x̂ (Spurious), δ, …; it must not be changed
}

// New makes the problem, of rank 1, with the truth z. An Epsilon that is not
// above −3 or not finite, and a D below 2, are errors.
func (c Counterexample) New() (*CounterexampleProblem, error) {
	in, err := operator.Counterexample(c).New()
	if err != nil {
		return nil, fmt.Errorf("problem: Counterexample: %w", err)
	}
	q, err := newQuadratic("Sensing", in.Operator, append([]float64(nil), in.B...), 1, in.Weight, true, in.Truth)
	if err != nil {
		return nil, err
	}
	q.of = in
	return &CounterexampleProblem{*q, in}, nil
}
