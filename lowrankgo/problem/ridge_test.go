package problem_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// ridgeTwin is (λ/2) Σ of the squares of all entries.
func ridgeTwin(lambda float64) twin {
	return func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) {
		value := 0.0
		each := func(a *mat.Dense) {
			if a != nil {
				var sq mat.Dense
				sq.MulElem(a, a)
				value += lambda / 2 * mat.Sum(&sq)
			}
		}
		each(x.U)
		each(x.V)
		grad, hess := x.Clone(), d.Clone()
		grad.Scale(lambda)
		hess.Scale(lambda)
		return value, grad, hess
	}
}

func TestRidgeTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, seed := drawProblem(t, rapid.Bool().Draw(t, "symmetric"))
		lambda := rapid.Float64Range(1e-3, 10).Draw(t, "λ")
		q, err := problem.Ridge{Of: p, Lambda: lambda}.New()
		agree(t, ok(t, q, err), plus(of(t, p), ridgeTwin(lambda)), randomPoint(p, seed, "x"), randomPoint(p, seed, "d"))
	})
}

// The least-squares form that a ridge leaves is the objective.
func TestRidgeLeastSquares(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 9, Seed: 2, Scale: problem.ScaleMean})
	inner, err := problem.Ridge{Of: p, Lambda: 0.25}.New()
	q, err2 := problem.Ridge{Of: ok(t, inner, err), Lambda: 0.5}.New()
	l, has := lr.LeastSquaresOf(ok(t, q, err2))
	if !has || l.Ridge != 0.75 || l.Weight != p.Weight() {
		t.Fatalf("least-squares form %+v, %t; want a ridge of 0.75 and weight %g", l, has, p.Weight())
	}
	x := randomPoint(q, 2, "x")
	_, _, m := l.Operator.Dims()
	res := make([]float64, m)
	l.Operator.NewEval().Apply(res, x.U, x.V, l.B)
	want := l.Ridge / 2 * x.Dot(x)
	for _, r := range res {
		want += l.Weight / 2 * r * r
	}
	near(t, "value", 1e-12, scalar(q.NewEval().Grad(nil, x)), scalar(want))
	if inside, _ := lr.LeastSquaresOf(p); inside.Ridge != 0 {
		t.Error("the form of the problem inside was changed")
	}
}

// With all entries observed the minimiser is the truth with its singular
// values lowered by λ, as for the nuclear norm.
func TestRidgeShrinks(t *testing.T) {
	const d, lambda = 3, 0.5
	a := mat.NewDense(d*d, d*d, nil)
	b := make([]float64, d*d)
	for i := range d * d {
		a.Set(i, i, 1)
	}
	b[0], b[4] = 3, 2 // diag(3, 2, 0)
	op, err := operator.NewDense(d, d, a)
	p := made(t, problem.Sensing{Operator: ok(t, op, err), B: b, Rank: 2})
	q, err := problem.Ridge{Of: p, Lambda: lambda}.New()
	x := descend(t, ok(t, q, err), 4000, 0.1)
	want := mat.NewDense(d, d, []float64{2.5, 0, 0, 0, 1.5, 0, 0, 0, 0})
	near(t, "minimiser", 1e-8, x.Dense(), want)
	near(t, "value", 1e-8, scalar(q.NewEval().Grad(nil, x)), scalar(lambda*lambda+lambda*4))
}

// descend takes steps of fixed length from a random point.
func descend(t *testing.T, p lr.Problem, steps int, step float64) *lr.Factors {
	t.Helper()
	x, g := randomPoint(p, 4, "x"), lr.NewPoint(p)
	e := p.NewEval()
	for range steps {
		e.Grad(g, x)
		x.AddScaled(-step, g)
	}
	if g.Norm() > 1e-9 {
		t.Fatalf("the descent ended with a gradient of %g", g.Norm())
	}
	return x
}
