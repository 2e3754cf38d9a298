package landscape

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"gonum.org/v1/gonum/mat"
)

// count compares the number of measurements with that of the entries of one
// factor of D, and makes a D with 𝒜(D) = 0 when there are fewer.
func (s *restrictedSearch) count(ctx context.Context) error {
	l, ok := lr.LeastSquaresOf(s.f)
	if !ok {
		return nil
	}
	d1, d2, m := l.Operator.Dims()
	s.b.Equations, s.b.Unknowns = m, max(d1, d2)*s.o.RankD
	if s.b.Counted = m < s.b.Unknowns; !s.b.Counted {
		return nil
	}
	d, err := NullMatrix(ctx, l.Operator, s.o.RankD, s.o.Seed)
	if err != nil {
		return err
	}
	res := make([]float64, m)
	l.Operator.NewEval().Apply(res, d.U, d.V, nil)
	s.b.low(l.Weight*loops.Dot(res, res), lr.NewFactors(d1, d2, 1), d)
	return nil
}

// NullMatrix returns a matrix D of rank at most k, ‖D‖F = 1, with 𝒜(D) = 0 up to
// rounding, for an operator of fewer than max(d1, d2)·k measurements. So no
// restricted isometry holds at rank k, and for sensing with 𝒜, α = 0 in [L] Def
// III.1 (arXiv:2003.10981): with the shorter factor held, 𝒜(UVᵀ) = 0 is m linear
// equations in max(d1, d2)·k unknowns, which has a solution.
//
// The held factor is a random orthonormal one, and D the projection of a random
// matrix to the null space, by LSQR: as many pairs of an application and its
// adjoint as that takes, at most 4 for each measurement. Errors: no operator
// (lowrankgo.ErrEmpty), a rank outside 1 … min(d1, d2) (lowrankgo.ErrRank),
// as many measurements or more (lowrankgo.ErrValue), no convergence
// (lowrankgo.ErrFailed), and ctx's error.
func NullMatrix(ctx context.Context, op lr.Operator, k int, seed uint64) (*lr.Factors, error) {
	if err := lr.CheckOperator(op); err != nil {
		return nil, fmt.Errorf("landscape: NullMatrix: %w", err)
	}
	d1, d2, m := op.Dims()
	if k < 1 || k > min(d1, d2) {
		return nil, fmt.Errorf("landscape: NullMatrix is asked for rank %d of %d×%d matrices; 1 ≤ rank ≤ %d is wanted: %w", k, d1, d2, min(d1, d2), lr.ErrRank)
	}
	if n := max(d1, d2) * k; m >= n {
		return nil, fmt.Errorf("landscape: NullMatrix: the operator has %d measurements for %d unknowns; fewer measurements are wanted: %w", m, n, lr.ErrValue)
	}
	rng := lr.Stream(seed, "null matrix")
	n := &nullSpace{eval: op.NewEval(), long: lr.NormalMatrix(rng, max(d1, d2), k), held: lr.NormalMatrix(rng, min(d1, d2), k), wide: d1 < d2}
	linalg.Orthonormalise(n.held)
	x := n.long.RawMatrix().Data
	solver, b, off := krylov.NewLSQR(m, len(x)), make([]float64, m), make([]float64, len(x))
	for range 3 { // each leaves less of the rounding of the one before
		n.apply(b, x)
		rep, err := solver.Solve(ctx, krylov.Map{Mul: n.apply, MulT: n.adjoint}, off, b, krylov.Limits{Tol: 1e-14, Max: 4 * m})
		if err != nil {
			return nil, err
		}
		if !finite(rep.Residual) {
			return nil, fmt.Errorf("landscape: NullMatrix: the operator's products are not finite: %w", lr.ErrFailed)
		}
		for i, v := range off {
			x[i] -= v
		}
	}
	d := n.factors(n.long)
	size := linalg.ProductNorm(d.U, d.V)
	if !(size > 1e-10) {
		return nil, fmt.Errorf("landscape: NullMatrix: the projection to the null space left nothing: %w", lr.ErrFailed)
	}
	n.long.Scale(1/size, n.long)
	return d, nil
}

// nullSpace is the map of the free factor to 𝒜(D).
type nullSpace struct {
	eval       lr.OperatorEval
	long, held *mat.Dense // the free factor, on the side of more rows, and the other
	wide       bool       // d1 < d2: the free factor is V
}

// factors is D for a free factor.
func (n *nullSpace) factors(free *mat.Dense) *lr.Factors {
	if n.wide {
		return &lr.Factors{U: n.held, V: free}
	}
	return &lr.Factors{U: free, V: n.held}
}

// view is a vector as a free factor.
func (n *nullSpace) view(x []float64) *mat.Dense {
	rows, k := n.long.Dims()
	return mat.NewDense(rows, k, x)
}

func (n *nullSpace) apply(dst, x []float64) {
	d := n.factors(n.view(x))
	n.eval.Apply(dst, d.U, d.V, nil)
}

func (n *nullSpace) adjoint(dst, w []float64) {
	n.eval.Adjoint(w)
	n.eval.Mul(n.view(dst), 0, n.wide, n.held)
}
