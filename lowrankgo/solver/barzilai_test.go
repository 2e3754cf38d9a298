package solver_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// naiveSecant is the length ⟨s,s⟩/⟨s,y⟩ or ⟨s,y⟩/⟨y,y⟩ from two points.
func naiveSecant(p lr.Problem, x, before *lr.Factors, second bool) float64 {
	y, g := lr.NewPoint(p), lr.NewPoint(p)
	p.NewEval().Grad(y, x)
	p.NewEval().Grad(g, before)
	y.AddScaled(-1, g)
	s := x.Clone()
	s.AddScaled(-1, before)
	if second {
		return s.Dot(y) / y.Dot(y)
	}
	return s.Dot(s) / s.Dot(y)
}

// Each length tried first is one of the two secant lengths, in turn: a step
// takes it, or that halved.
func TestBarzilaiBorweinLengths(t *testing.T) {
	for name, p := range problems(t) {
		x0 := start(t, starts["spectral"], p)
		points := pathOf(t, p, solver.GD{Rule: solver.RuleBarzilaiBorwein}, x0, 20)
		for k := 2; k < len(points); k++ {
			want := naiveSecant(p, points[k-1].x, points[k-2].x, k%2 == 1)
			if got := points[k].step; want > 0 {
				halvings := math.Log2(want / got)
				if math.Abs(halvings-math.Round(halvings)) > 1e-6 || halvings < -1e-6 {
					t.Errorf("%s: step %d has length %g; want %g, or that halved", name, k, got, want)
					break
				}
			}
		}
	}
}

type visited struct {
	x          *lr.Factors
	loss, step float64
	grad       *lr.Factors
}

// pathOf lists the start and the points of the first steps of a method.
func pathOf(t testing.TB, p lr.Problem, m lr.Method, x0 *lr.Factors, steps int) []visited {
	t.Helper()
	run, err := lr.Start(p, m, x0, &lr.Options{MaxIter: steps})
	if err != nil {
		t.Fatal(err)
	}
	var out []visited
	for run.Next(t.Context()) {
		v := visited{x: run.Point().Clone(), loss: run.Row().Loss, step: run.Row().Step, grad: lr.NewPoint(p)}
		p.NewEval().Grad(v.grad, v.x)
		out = append(out, v)
	}
	return out
}

// The objective may rise, but never above the largest of the last ten values.
func TestBarzilaiBorweinSafeguard(t *testing.T) {
	rises := 0
	for name, p := range problems(t) {
		for sn, s := range starts {
			points := pathOf(t, p, solver.GD{Rule: solver.RuleBarzilaiBorwein}, start(t, s, p), 200)
			for k := 1; k < len(points); k++ {
				top := math.Inf(-1)
				for _, v := range points[max(0, k-10):k] {
					top = math.Max(top, v.loss)
				}
				g := points[k-1].grad.Norm()
				if want := top - 1e-4*points[k].step*g*g; !(points[k].loss <= want*(1+1e-12)) {
					t.Errorf("%s, %s: step %d rises to %g; want at most %g", name, sn, k, points[k].loss, want)
				}
				if points[k].loss > points[k-1].loss {
					rises++
				}
			}
		}
	}
	if rises == 0 {
		t.Error("the objective never rises: the test does not see that the rule lets it")
	}
}

// On an ill-conditioned quadratic the secant lengths are far ahead of 1/L.
func TestBarzilaiBorweinIsFaster(t *testing.T) {
	p := bowl(1e3)
	x0 := start(t, starts["random"], p)
	count := func(m lr.Method) int {
		res := solve(t, p, m, x0, nil)
		if !res.Status.Converged() {
			t.Fatalf("%s: %v", m.Name(), res.Status)
		}
		return res.Iter
	}
	secant, plain := count(solver.GD{Rule: solver.RuleBarzilaiBorwein}), count(solver.GD{})
	if secant > 800 || plain < 5*secant {
		t.Errorf("%d steps against %d; want at most 800 and a fifth", secant, plain)
	}
}

// bowl is ½ Σ hᵢxᵢ², h spread evenly in the logarithm over [1, κ].
func bowl(kappa float64) lr.Funcs {
	const d, r = 12, 2
	weights := lr.NewFactors(d, d, r)
	for i := range 2 * d * r {
		w := math.Pow(kappa, float64(i)/(2*d*r-1))
		if i < d*r {
			weights.U.RawMatrix().Data[i] = w
		} else {
			weights.V.RawMatrix().Data[i-d*r] = w
		}
	}
	return lr.Funcs{Name: "bowl", D1: d, D2: d, Rank: r, GradFunc: func(dst, x *lr.Factors) float64 {
		if dst == nil {
			dst = lr.NewFactors(d, d, r)
		}
		dst.U.MulElem(x.U, weights.U)
		dst.V.MulElem(x.V, weights.V)
		return dst.Dot(x) / 2
	}}
}
