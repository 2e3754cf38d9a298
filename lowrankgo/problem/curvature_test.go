package problem_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// curved lists problems of 6×4 matrices with second derivatives, each of full
// rank, so that f can be looked at anywhere.
func curved(t *testing.T) map[string]lr.Problem {
	t.Helper()
	must := must(t)
	sensing := made(t, problem.GaussianSensing{D1: 6, D2: 4, Rank: 4, M: 20, Seed: 1, Scale: problem.ScaleMean})
	form, err := operator.Perturbed{D1: 6, D2: 4, Delta: 0.3, Seed: 2}.New()
	gaussian, err2 := operator.NewGaussian(6, 4, 15, 4)
	narrow := problem.GaussianSensing{D1: 6, D2: 2, Rank: 2, M: 9, Seed: 5}
	cosh := problem.Function{
		D1: 6, D2: 4, Rank: 4,
		F: func(x *mat.Dense) float64 {
			var s float64
			for _, v := range x.RawMatrix().Data {
				s += math.Cosh(v / 2)
			}
			return s
		},
		Grad: func(dst, x *mat.Dense) {
			dst.Apply(func(_, _ int, v float64) float64 { return math.Sinh(v/2) / 2 }, x)
		},
		Hess: func(dst, x, d *mat.Dense) {
			dst.Apply(func(i, j int, v float64) float64 { return math.Cosh(v/2) / 4 * d.At(i, j) }, x)
		},
	}
	return map[string]lr.Problem{
		"sensing":     sensing,
		"regularised": balanced(t, sensing, 0.7),
		"form": must(problem.General{
			Form: ok(t, form, err), Rank: 4, Weight: 3,
			Truth: &lr.Factors{U: gaussians("tu", 6, 2), V: gaussians("tv", 4, 2)},
		}.New()),
		"losses": must(problem.MeasurementLoss{
			Operator: ok(t, gaussian, err2), Rank: 4,
			Phi: func(_ int, s float64) (value, slope, curvature float64) {
				return math.Cosh(s / 4), math.Sinh(s/4) / 4, math.Cosh(s/4) / 16
			},
		}.New()),
		"function": must(cosh.New()),
		"columns":  must(problem.Separable{Parts: []lr.Problem{made(t, narrow), must(problem.Balance{Of: made(t, narrow), Mu: 1}.New())}}.New()),
	}
}

func gaussians(name string, rows, cols int) *mat.Dense {
	return lr.NormalMatrix(lr.Stream(9, name), rows, cols)
}

// TestCurvature holds D:∇²f(X):D against second differences of f along D, for X
// and D of rank 1 … min(d1, d2), and each form against the suite of forms.
func TestCurvature(t *testing.T) {
	for name, p := range curved(t) {
		t.Run(name, func(t *testing.T) {
			for k := 1; k <= 4; k++ {
				x := &lr.Factors{U: gaussians(fmt.Sprint("xu", k), 6, k), V: gaussians(fmt.Sprint("xv", k), 4, k)}
				d := &lr.Factors{U: gaussians(fmt.Sprint("du", k), 6, 5-k), V: gaussians(fmt.Sprint("dv", k), 4, 5-k)}
				h, err := lr.CurvatureOf(p, x)
				got := ok(t, h, err).NewEval().Apply(d.U, d.V)
				if want := secondDifference(p, x.Dense(), d.Dense()); !(math.Abs(got-want) <= 1e-5*(1+math.Abs(want))) {
					t.Errorf("X of rank %d, D of rank %d: %g, by differences %g", k, 5-k, got, want)
				}
				lowranktest.TestForm(t, h, nil)
			}
		})
	}
}

// secondDifference is (f(X + tD) − 2f(X) + f(X − tD))/t², of fourth order.
func secondDifference(p lr.Problem, x, d *mat.Dense) float64 {
	if parts, ok := lr.PartsOf(p); ok { // of which each is of full rank
		var sum float64
		at := 0
		for _, part := range parts {
			d1, d2, _ := part.Dims()
			columns := func(m *mat.Dense) *mat.Dense { return mat.DenseCopyOf(m.Slice(0, d1, at, at+d2)) }
			sum += secondDifference(part, columns(x), columns(d))
			at += d2
		}
		return sum
	}
	_, d2, r := p.Dims()
	eye := mat.NewDense(d2, r, nil)
	for j := range d2 {
		eye.Set(j, j, 1)
	}
	e := lr.UnregularisedOf(p).NewEval()
	at := func(t float64) float64 {
		var u mat.Dense
		u.Scale(t, d)
		u.Add(&u, x)
		return e.Grad(nil, &lr.Factors{U: &u, V: eye})
	}
	const t = 0.01
	return (16*(at(t)+at(-t)) - at(2*t) - at(-2*t) - 30*at(0)) / (12 * t * t)
}

// TestCurvatureOf holds what is refused, and that x is copied.
func TestCurvatureOf(t *testing.T) {
	p := curved(t)["function"]
	x := &lr.Factors{U: gaussians("u", 6, 5), V: gaussians("v", 4, 5)}
	h, err := lr.CurvatureOf(p, x)
	before := ok(t, h, err).NewEval().Apply(x.U, x.V)
	u := mat.DenseCopyOf(x.U)
	x.U.Zero()
	if after := h.NewEval().Apply(u, x.V); after != before {
		t.Errorf("the form changed with the caller's x: %g, %g", before, after)
	}
	flat, err := problem.Function{D1: 6, D2: 4, Rank: 1, F: func(*mat.Dense) float64 { return 0 }, Grad: func(dst, _ *mat.Dense) { dst.Zero() }}.New()
	ok(t, flat, err)
	robust, err := problem.RandomRobustPCA{D1: 6, D2: 4, Rank: 1, Alpha: 0.3, Seed: 1}.New()
	ok(t, robust, err)
	nan := &lr.Factors{U: gaussians("u", 6, 1), V: mat.NewDense(4, 1, []float64{0, math.NaN(), 0, 0})}
	for name, c := range map[string]struct {
		p    lr.Problem
		x    *lr.Factors
		want error
	}{
		"shape":                 {p, lr.NewFactors(4, 6, 1), lr.ErrShape},
		"not finite":            {p, nan, lr.ErrValue},
		"nothing":               {p, nil, lr.ErrShape},
		"no second derivatives": {flat, lr.NewFactors(6, 4, 1), lr.ErrAbility},
		"robust PCA":            {robust, lr.NewFactors(6, 4, 1), lr.ErrAbility},
		"bare functions":        {nothing(6, 4, 1), lr.NewFactors(6, 4, 1), lr.ErrAbility},
	} {
		if h, err := lr.CurvatureOf(c.p, c.x); !errors.Is(err, c.want) || h != nil {
			t.Errorf("%s: form %v, error %v; want one that wraps %v", name, h, err, c.want)
		}
	}
}

// A problem of functions gives its curvature as a form, which may itself be one of
// functions.
func TestCurvatureOfFuncs(t *testing.T) {
	bare := lr.Funcs{D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	bare.CurvatureFunc = func(x *lr.Factors) (lr.Form, error) {
		return operator.FuncForm{D1: 3, D2: 2, Apply: func(dst, m *mat.Dense) { dst.Scale(x.At(0, 0), m) }}.New()
	}
	x := &lr.Factors{U: mat.NewDense(3, 1, []float64{2, 0, 0}), V: mat.NewDense(2, 1, []float64{5, 0})}
	d := &lr.Factors{U: mat.NewDense(3, 1, []float64{0, 3, 0}), V: mat.NewDense(2, 1, []float64{0, 1})}
	h, err := lr.CurvatureOf(balanced(t, bare, 1), x)
	if got := ok(t, h, err).NewEval().Apply(d.U, d.V); got != 90 {
		t.Errorf("D:10·I:D is %g for ‖D‖² = 9", got)
	}
}

// The curvature of sensing is that of its quadratic form, at every X.
func ExampleObjective_Curvature() {
	p, err := problem.GaussianSensing{D1: 5, D2: 4, Rank: 1, M: 60, Scale: problem.ScaleMean, Seed: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	d := &lr.Factors{U: gaussians("d", 5, 3), V: gaussians("e", 4, 3)} // of rank 3, above that of the factors
	h, err := p.Curvature(lr.NewFactors(5, 4, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("D:∇²f:D/‖D‖² is near 1: %.2f\n", h.NewEval().Apply(d.U, d.V)/mat.Dot(vec(d), vec(d)))
	// Output:
	// D:∇²f:D/‖D‖² is near 1: 0.95
}

func vec(d *lr.Factors) *mat.VecDense {
	data := d.Dense().RawMatrix().Data
	return mat.NewVecDense(len(data), data)
}
