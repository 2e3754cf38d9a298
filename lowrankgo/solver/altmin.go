package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
)

// Inner says how [AltMin] solves its least-squares problems.
type Inner int

const (
	// InnerDefault is InnerCholesky for a mask and up to 128 columns, InnerCG
	// for a mask and more columns, and InnerLSQR for any other operator.
	InnerDefault Inner = iota
	// InnerCholesky forms the normal equations of each row, n·r² + r³/3 flops
	// for a row with n entries. A row whose Cholesky factor has pivots of ratio
	// below 1e-8, such as one with fewer than r entries, is done by InnerQR.
	InnerCholesky
	// InnerQR turns the entries of each row into a triangle by Givens rotations,
	// 3n·r² flops, and solves with the singular values of that.
	InnerQR
	// InnerCG solves the normal equations of each row by conjugate gradients,
	// 4n·r flops an iteration, and never forms them.
	InnerCG
	// InnerLSQR solves for the whole factor at once by LSQR (Paige, Saunders
	// 1982): two passes over the operator an iteration, on an orthonormal basis
	// of the other factor's columns, so that the number of iterations does not
	// depend on its condition number.
	InnerLSQR
)

func (i Inner) String() string {
	if i < InnerDefault || i > InnerLSQR {
		return fmt.Sprintf("unknown solver %d", int(i))
	}
	return [...]string{"default", "Cholesky", "QR", "CG", "LSQR"}[i]
}

// manyColumns is the rank above which InnerDefault leaves Cholesky.
const manyColumns = 128

// AltMin is alternating minimisation: one Step is
//
//	U⁺ = argmin_U (w/2)‖𝒜(UVᵀ) − b‖² + (ρ/2)‖U‖²
//	V⁺ = argmin_V (w/2)‖𝒜(U⁺Vᵀ) − b‖² + (ρ/2)‖V‖²
//
// both halves, each to working precision. It has no step to choose, and each
// half lowers the objective. For sensing with RIP and for completion of an
// incoherent matrix the error falls by a constant factor each step from a
// spectral start (Jain, Netrapalli, Sanghavi 2013, arXiv:1212.0467; Hardt 2014,
// arXiv:1312.0925); from any start it converges to critical points in practice.
//
// It needs the least-squares form (lowrankgo.LeastSquaresOf) of an asymmetric
// problem; UUᵀ has no half that is least squares. When the operator is a mask
// (lowrankgo.PatternOf) each row of U, then each row of V, is a small problem
// of its own, and rows are shared out over threads.
//
// Where a half has more than one solution, as in a row with fewer entries than
// columns and no ridge, the one nearest to the present factor is taken; a row
// without entries stays as it is. InnerLSQR takes the one whose product UVᵀ
// changes least.
//
// A step costs the two halves and one value with gradient, polls its context
// in each row or iteration, and allocates nothing.
type AltMin struct {
	Inner    Inner   // default InnerDefault
	Tol      float64 // of InnerCG and InnerLSQR, relative to the residual; default 1e-12
	MaxInner int     // most iterations of InnerCG and InnerLSQR in a half; default 4 for each unknown
}

// Name prints what is not the default.
func (a AltMin) Name() string {
	s := "AltMin"
	if a.Inner != InnerDefault {
		s += fmt.Sprintf("(%v)", a.Inner)
	}
	if a.Tol != 0 {
		s += fmt.Sprintf(", inner tolerance %g", a.Tol)
	}
	if a.MaxInner != 0 {
		s += fmt.Sprintf(", at most %d inner iterations", a.MaxInner)
	}
	return s
}

func (a AltMin) check() error {
	if a.Inner < InnerDefault || a.Inner > InnerLSQR {
		return fmt.Errorf("solver: AltMin has Inner %d; InnerCholesky, InnerQR, InnerCG and InnerLSQR are known: %w", int(a.Inner), lr.ErrValue)
	}
	if a.MaxInner < 0 {
		return fmt.Errorf("solver: AltMin has MaxInner = %d; at least 1 is wanted, or 0 for the default: %w", a.MaxInner, lr.ErrValue)
	}
	return checkNumber("AltMin", "Tol", a.Tol, 1)
}

// Start evaluates p at x0. A problem that is symmetric or has no least-squares
// form, a form that does not fit the problem, a solver by rows for an operator
// that is not a mask, and fields out of range are errors.
func (a AltMin) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	if lr.SymmetricOf(p) {
		return nil, fmt.Errorf("solver: AltMin needs two factors to alternate between, and the problem is symmetric, M = UUᵀ; state it with M = UVᵀ, or use GD, LBFGS or ScaledGD: %w", lr.ErrAbility)
	}
	ls, ok := lr.LeastSquaresOf(p)
	if !ok {
		return nil, fmt.Errorf("solver: AltMin needs %v: %w", lr.AbilityLeastSquares, lr.ErrAbility)
	}
	if err := checkLeastSquares(p, ls); err != nil {
		return nil, err
	}
	s := &altminState{walk: newWalk(p, x0)}
	s.best = newWatch(&s.walk)
	limits := krylov.Limits{Tol: a.Tol, Max: a.MaxInner}
	pattern, mask := lr.PatternOf(ls.Operator)
	_, _, r := p.Dims()
	inner := a.Inner
	switch {
	case inner == InnerDefault && !mask:
		inner = InnerLSQR
	case inner == InnerDefault && r > manyColumns:
		inner = InnerCG
	case inner == InnerDefault:
		inner = InnerCholesky
	}
	switch {
	case inner == InnerLSQR:
		s.left, s.right = newWholes(ls, x0, limits)
	case mask:
		s.left, s.right = newRows(ls, pattern, x0, inner, limits)
	default:
		return nil, fmt.Errorf("solver: AltMin with Inner = Inner%v works row by row, which needs an operator that observes single entries (lowrankgo.PatternOf); InnerLSQR works with any: %w", inner, lr.ErrAbility)
	}
	return s, nil
}

// checkLeastSquares returns an error unless the form fits the problem that
// offers it.
func checkLeastSquares(p lr.Problem, ls *lr.LeastSquares) error {
	if err := lr.CheckOperator(ls.Operator); err != nil {
		return fmt.Errorf("solver: AltMin: the least-squares form: %w", err)
	}
	d1, d2, _ := p.Dims()
	o1, o2, m := ls.Operator.Dims()
	if o1 != d1 || o2 != d2 || len(ls.B) != m {
		return fmt.Errorf("solver: AltMin: the least-squares form measures %d×%d matrices by %d numbers and has %d in B, for a %d×%d problem: %w", o1, o2, m, len(ls.B), d1, d2, lr.ErrShape)
	}
	if !(ls.Weight > 0 && finite(ls.Weight) && ls.Ridge >= 0 && finite(ls.Ridge)) {
		return fmt.Errorf("solver: AltMin: the least-squares form has Weight = %v and Ridge = %v; a positive and a non-negative finite number are wanted: %w", ls.Weight, ls.Ridge, lr.ErrValue)
	}
	return nil
}

// half replaces one factor of x by the minimiser for the other.
type half interface {
	solve(ctx context.Context, x *lr.Factors) error
}

type altminState struct {
	walk
	left, right half
	best        watch
}

// State lists what the next step depends on.
func (s *altminState) State() []any { return append(s.saved(), s.best.saved()...) }

// Step solves for U, then for V. It returns ErrNoProgress when the objective
// rises beyond rounding, or when neither it nor the gradient has fallen for ten
// steps.
func (s *altminState) Step(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	s.nextX.CopyFrom(s.x)
	if err := s.left.solve(ctx, s.nextX); err != nil {
		return err
	}
	if err := s.right.solve(ctx, s.nextX); err != nil {
		return err
	}
	s.evals++
	loss := s.eval.Grad(s.nextGrad, s.nextX)
	if loss > s.loss+noise*math.Abs(s.loss) || s.best.idle >= 10 {
		return lr.ErrNoProgress
	}
	s.accept(loss, 1)
	s.best.see(&s.walk)
	return nil
}
