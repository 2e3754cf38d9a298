package initial

import (
	"fmt"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Saddle starts at a critical point that is not a minimum: the factors of the
// wrong singular pairs of the target A of a factorisation,
//
//	U = [√σᵢ uᵢ]_{i∈S},  V = [√σᵢ vᵢ]_{i∈S}    (symmetric: U = [√λᵢ qᵢ]_{i∈S})
//
// where S is the r largest pairs but those of Without, and columns for which
// no pair is left are 0. At such a point ∇f = 0, and where a pair k was left
// out for a smaller one the Hessian of ½‖UUᵀ − A‖² has the eigenvalue
// −2(λₖ − λᵣ₊₁), or less. These are all critical points that ½‖UVᵀ − A‖² has,
// up to the gauge; the same points are critical for completion when the target
// is diagonal, and with the regulariser Balance.
//
// A target with at most one entry other than 0 in each row and column (a
// symmetric one: a diagonal) has its pairs read off without any arithmetic but
// the square roots. When those are exact, as for 4, 9 and 2.25, then so is
// ∇f = 0. Otherwise the pairs come from a dense decomposition, and the
// gradient is 0 to rounding.
//
// It costs d1·d2 numbers, and O(d1·d2·min(d1, d2)) flops for a target that is
// not aligned with the axes.
type Saddle struct {
	// Without lists the pairs that are left out, counted from 0, the largest;
	// default {0}.
	Without []int
	// Target is A, d1×d2. Default what the problem says of itself: 𝒜*(b) of
	// its least-squares form, which is A when 𝒜 is the identity or a mask that
	// sees all of it; else −∇f(0); else its truth.
	Target mat.Matrix
}

// Point finds the start. It is an error when the problem has no target, when
// Without lists a pair that there is not, when the pairs left out are no
// larger than those kept (that is a minimum), and when the point turns out not
// to be critical, because the problem is no factorisation.
func (s Saddle) Point(p lr.Problem) (*lr.Factors, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, err
	}
	a, err := s.target(p)
	if err != nil {
		return nil, err
	}
	pairs, err := pairsOf(a, lr.SymmetricOf(p))
	if err != nil {
		return nil, err
	}
	kept, err := s.choose(p, pairs)
	if err != nil {
		return nil, err
	}
	x := lr.NewPoint(p)
	for k, pair := range kept {
		pair.put(x, k)
	}
	if err := checkCritical(p, x); err != nil {
		return nil, err
	}
	return x, nil
}

// target returns a copy of A, or of its symmetric part.
func (s Saddle) target(p lr.Problem) (*mat.Dense, error) {
	d1, d2, _ := p.Dims()
	a := mat.NewDense(d1, d2, nil)
	if s.Target != nil {
		if t1, t2 := s.Target.Dims(); t1 != d1 || t2 != d2 {
			return nil, fmt.Errorf("initial: Saddle has a %d×%d Target; the problem wants %d×%d: %w", t1, t2, d1, d2, lr.ErrShape)
		}
		a.Copy(s.Target)
	} else if l, ok := lr.LeastSquaresOf(p); ok {
		op := lr.DenseEvalOf(l.Operator)
		op.Adjoint(l.B)
		op.AdjointDense(a)
	} else if g, ok := lr.MulGradOf(p); ok {
		g.MulGrad(a, false, nil, linalg.Identity(d2))
		a.Scale(-1, a)
	} else if truth, ok := lr.TruthOf(p); ok {
		a.Copy(truth)
	} else {
		return nil, fmt.Errorf("initial: Saddle needs a Target, or a problem with %v, %v or %v: %w", lr.AbilityLeastSquares, lr.AbilityMulGrad, lr.AbilityTruth, lr.ErrAbility)
	}
	if !(&lr.Factors{U: a}).Finite() {
		return nil, fmt.Errorf("initial: the target of Saddle has NaN or infinite entries; every entry must be finite: %w", lr.ErrValue)
	}
	if lr.SymmetricOf(p) {
		linalg.Symmetrise(a)
	}
	return a, nil
}

// choose returns the pairs of S, at most r of them and all positive.
func (s Saddle) choose(p lr.Problem, pairs []pair) ([]pair, error) {
	_, _, r := p.Dims()
	without := s.Without
	if without == nil {
		without = []int{0}
	}
	least := 0.0 // the smallest pair kept, 0 when a column is left
	var kept []pair
	for i, pair := range pairs {
		if len(kept) < r && !slices.Contains(without, i) {
			kept = append(kept, pair)
			least = pair.value
		}
	}
	if len(kept) < r {
		least = 0
	}
	gap := false
	for _, i := range without {
		if i < 0 || i >= len(pairs) {
			return nil, fmt.Errorf("initial: Saddle has Without = %v; the target has %d positive pairs, counted from 0: %w", s.Without, len(pairs), lr.ErrValue)
		}
		gap = gap || pairs[i].value > least
	}
	if !gap {
		return nil, fmt.Errorf("initial: Saddle without the pairs %v is a minimum; leave out one that is larger than the %d kept: %w", without, len(kept), lr.ErrValue)
	}
	return kept, nil
}

// checkCritical returns an error unless the gradient at x is 0 to rounding,
// measured by the gradient at 2x.
func checkCritical(p lr.Problem, x *lr.Factors) error {
	eval, g := p.NewEval(), lr.NewPoint(p)
	eval.Grad(g, x)
	here := g.Norm()
	twice := x.Clone()
	twice.Scale(2)
	eval.Grad(g, twice)
	if there := g.Norm(); !(here <= 1e-9*there) {
		return fmt.Errorf("initial: the Saddle of the target has ‖∇f‖ = %.3g (‖∇f‖ = %.3g at twice the point): it is not critical for this problem, which is not a factorisation of that target; Zero is critical for every f(UVᵀ): %w", here, there, lr.ErrValue)
	}
	return nil
}
