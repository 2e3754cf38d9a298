package theory

import (
	"context"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// threeHalves is ½(M−M*):(I + K/5):(M−M*) with M* of rank r, the largest β/α for
// which [L] Thm III.1 speaks.
func threeHalves(rng *rand.Rand) (lr.Problem, error) {
	d1, d2 := 3+rng.IntN(4), 3+rng.IntN(4)
	h, err := operator.Perturbed{D1: d1, D2: d2, Delta: 0.2, Seed: rng.Uint64()}.New()
	if err != nil {
		return nil, err
	}
	truth := &lr.Factors{U: lr.NormalMatrix(rng, d1, 2), V: lr.NormalMatrix(rng, d2, 2)}
	return problem.General{Form: h, Rank: 2, Truth: truth}.New()
}

// criticalPoint solves ∇g = 0 from x by damped least-squares steps
// (H² + c)⁻¹H∇g with the Hessian H, which end at critical points of every kind. It
// returns false where they do not end.
func criticalPoint(ctx context.Context, p lr.Problem, x *lr.Factors) (*lr.Factors, bool, error) {
	hess, _ := lr.HessVecOf(p)
	x, g := x.Clone(), lr.NewPoint(p)
	for range 200 {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		hess.Grad(g, x)
		if g.Norm() < 1e-12*(1+x.Norm()) {
			return x, true, nil
		}
		h := denseHessian(hess, x)
		n, _ := h.Dims()
		var hh, hg, step mat.Dense
		hh.Mul(h, h)
		for i := range n {
			hh.Set(i, i, hh.At(i, i)+1e-3*g.Norm()+1e-13)
		}
		hg.Mul(h, vector(g))
		if err := step.Solve(&hh, &hg); err != nil && !(mat.Norm(&step, 2) < 1e6) || math.IsNaN(mat.Norm(&step, 2)) {
			return nil, false, nil
		}
		for k, at := range numbers(x) {
			*at -= step.At(k, 0)
		}
	}
	return nil, false, nil
}

// numbers lists the entries of both factors.
func numbers(x *lr.Factors) []*float64 {
	var out []*float64
	for _, m := range []*mat.Dense{x.U, x.V} {
		for i := range m.RawMatrix().Rows {
			row := m.RawRowView(i)
			for k := range row {
				out = append(out, &row[k])
			}
		}
	}
	return out
}

func vector(x *lr.Factors) *mat.VecDense {
	all := numbers(x)
	v := mat.NewVecDense(len(all), nil)
	for k, at := range all {
		v.SetVec(k, *at)
	}
	return v
}

// denseHessian is the Hessian at x, column by column.
func denseHessian(hess lr.HessVec, x *lr.Factors) *mat.Dense {
	e, column := x.Clone(), x.Clone()
	e.Scale(0)
	all := numbers(e)
	h := mat.NewDense(len(all), len(all), nil)
	for k, at := range all {
		*at = 1
		hess.HessVec(column, x, e)
		*at = 0
		h.SetCol(k, vector(column).RawVector().Data)
	}
	return h
}
