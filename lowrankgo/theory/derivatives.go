package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// stencil is the difference of four values that is exact, but for rounding, for
// polynomials of degree 4, which most of the objectives are along any line:
//
//	h·φ'(0) ≈ Σ wₖ φ(tₖh),  t = −2, −1, 1, 2,  w = 1/12, −2/3, 2/3, −1/12
var stencil = [4]struct{ t, w float64 }{{-2, 1.0 / 12}, {-1, -2.0 / 3}, {1, 2.0 / 3}, {2, -1.0 / 12}}

// derivatives compares a problem's gradient with differences of its value, and
// its Hessian products with differences of its gradient, at x along d. Both are
// relative to the sizes of what is compared.
func derivatives(p lr.Problem, x, d *lr.Factors) (gradient, hessian float64, err error) {
	e, ok := lr.HessVecOf(p)
	if !ok {
		return 0, 0, fmt.Errorf("%v has no %v: %w", p, lr.AbilityHessVec, lr.ErrAbility)
	}
	h := 1e-4 * x.Norm() / d.Norm()
	g, hv, sum, at := lr.NewPoint(p), lr.NewPoint(p), lr.NewPoint(p), lr.NewPoint(p)
	value := e.Grad(g, x)
	e.HessVec(hv, x, d)
	along, difference := g.Dot(d), 0.0
	for _, s := range stencil {
		at.CopyFrom(x)
		at.AddScaled(s.t*h, d)
		next := lr.NewPoint(p)
		difference += s.w * (e.Grad(next, at) - value) / h
		sum.AddScaled(s.w/h, next)
	}
	sum.AddScaled(-1, hv)
	return math.Abs(difference-along) / (g.Norm() * d.Norm()), sum.Norm() / hv.Norm(), nil
}

// normalPoint draws a point of p's shape with entries N(0, size²).
func normalPoint(rng *rand.Rand, p lr.Problem, size float64) *lr.Factors {
	x := lr.NewPoint(p)
	x.U = lr.NormalMatrix(rng, x.U.RawMatrix().Rows, x.Rank())
	if x.V != nil {
		x.V = lr.NormalMatrix(rng, x.V.RawMatrix().Rows, x.Rank())
	}
	x.Scale(size)
	return x
}

// checkDerivatives measures an objective: of a problem for each instance, at a
// random point along a random direction, the larger of the residuals of gradient
// and Hessian product. An objective with a majoriser is twice differentiable
// almost everywhere only, and its own second derivative is not the one that the
// theory uses: its majoriser at the point is looked at (Def 5).
func checkDerivatives(make func(seed uint64) (lr.Problem, error)) func(context.Context, Effort) (Measurement, error) {
	return func(ctx context.Context, e Effort) (Measurement, error) {
		n := e.instances(20)
		m := NewMeasurement(n)
		var gradient, hessian float64
		for i := range n {
			if err := ctx.Err(); err != nil {
				return m, err
			}
			p, err := make(e.Seed + uint64(i))
			if err != nil {
				return m, err
			}
			rng := lr.Stream(e.Seed, "derivatives", uint64(i))
			x, d := normalPoint(rng, p, 1), normalPoint(rng, p, 1)
			if lr.MajorisedOf(p) {
				if p, err = lr.MajoriserOf(p, x); err != nil {
					return m, err
				}
			}
			g, h, err := derivatives(p, x, d)
			if err != nil {
				return m, err
			}
			gradient, hessian = math.Max(gradient, g), math.Max(hessian, h)
		}
		m.Residual = math.Max(gradient, hessian)
		m.Note = fmt.Sprintf("gradient %.0e, Hessian product %.0e", gradient, hessian)
		return m, nil
	}
}

// instances is full, or a tenth of it and at least one when quick.
func (e Effort) instances(full int) int {
	if e.Quick {
		return max(1, full/10)
	}
	return full
}
