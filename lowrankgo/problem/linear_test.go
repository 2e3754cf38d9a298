package problem_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// linearTwin is −Σ_ij N_ij M_ij + c.
func linearTwin(n *mat.Dense, c float64) twin {
	slow := naive{as: []*mat.Dense{n}, b: []float64{0}, w: 1}
	return func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) {
		_, grad, hess := slow.eval(x, d)
		grad.Scale(0)
		hess.Scale(0)
		addThin(-1, n, x.U, x.Right(), grad.U, grad.Right())
		addThin(-1, n, d.U, d.Right(), hess.U, hess.Right())
		return c - paired(n, x.U, x.Right()), grad, hess
	}
}

func TestLinearTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, seed := drawProblem(t, rapid.Bool().Draw(t, "symmetric"))
		d1, d2, _ := p.Dims()
		n := lr.NormalMatrix(lr.Stream(seed, "N"), d1, d2)
		c := rapid.Float64Range(-5, 5).Draw(t, "c")
		q, err := problem.Linear{Of: p, N: n, Constant: c}.New()
		agree(t, ok(t, q, err), plus(of(t, p), linearTwin(n, c)), randomPoint(p, seed, "x"), randomPoint(p, seed, "d"))
	})
}

// N by a map is the N that its matrices add up to.
func TestLinearByMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, seed := drawProblem(t, rapid.Bool().Draw(t, "symmetric"))
		d1, d2, _ := p.Dims()
		g, err := operator.NewGaussian(d1, d2, 3, seed)
		ok(t, g, err)
		w, n := []float64{1, -0.5, 2}, mat.NewDense(d1, d2, nil)
		for i, wi := range w {
			var a mat.Dense
			a.Scale(wi, g.Matrix(i))
			n.Add(n, &a)
		}
		q, err := problem.Linear{Of: p, Operator: g, W: w}.New()
		agree(t, ok(t, q, err), plus(of(t, p), linearTwin(n, 0)), randomPoint(p, seed, "x"), randomPoint(p, seed, "d"))
	})
}

// A matrix large enough for many blocks of rows and of columns, and one that
// is a view of a larger one.
func TestLinearBlocks(t *testing.T) {
	const d1, d2, r = 300, 410, 7
	p := made(t, problem.RandomCompletion{D1: d1, D2: d2, Rank: r, P: 0.01, Seed: 1})
	big := lr.NormalMatrix(lr.Stream(1, "N"), d1+3, d2+2)
	n := big.Slice(2, d1+2, 1, d2+1).(*mat.Dense)
	q, err := problem.Linear{Of: p, N: n}.New()
	agree(t, ok(t, q, err), plus(of(t, p), linearTwin(n, 0)), randomPoint(p, 1, "x"), randomPoint(p, 1, "d"))
}

// Noise on the measurements and noise as Q are one objective, in value,
// gradient, Hessian product and matrix gradient, for every scale and shape.
func TestNoiseAsLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symmetric := rapid.Bool().Draw(t, "symmetric")
		p, seed := drawProblem(t, symmetric)
		scale := rapid.SampledFrom([]problem.Scale{problem.ScaleSum, problem.ScaleMean}).Draw(t, "scale")
		_, _, r := p.Dims()
		b := p.Measurements()
		clean, err := problem.Sensing{Operator: p.Operator(), B: b, Rank: r, Scale: scale, Symmetric: symmetric}.New()
		ok(t, clean, err)
		noise, noisyB := make([]float64, len(b)), make([]float64, len(b))
		rng := lr.Stream(seed, "noise")
		for i := range noise {
			noise[i] = rng.NormFloat64()
			noisyB[i] = b[i] + noise[i]
		}
		noisy, err := problem.Sensing{Operator: p.Operator(), B: noisyB, Rank: r, Scale: scale, Symmetric: symmetric}.New()
		ok(t, noisy, err)
		q, err := problem.LinearNoise{Of: clean, Noise: noise}.New()
		agree(t, ok(t, q, err), of(t, noisy), randomPoint(p, seed, "x"), randomPoint(p, seed, "d"))
		sameMulGrad(t, q, noisy, randomPoint(p, seed, "x"))
	})
}

// sameMulGrad compares products with two matrix gradients.
func sameMulGrad(t fataler, p, q lr.Problem, x *lr.Factors) {
	t.Helper()
	d1, d2, _ := p.Dims()
	a, hasA := lr.MulGradOf(p)
	b, hasB := lr.MulGradOf(q)
	if !hasA || !hasB {
		t.Fatalf("MulGrad of the first %t, of the second %t; want both", hasA, hasB)
	}
	for _, trans := range []bool{false, true} {
		rows, cols := d1, d2
		if trans {
			rows, cols = d2, d1
		}
		z := lr.NormalMatrix(lr.Stream(1, "z"), cols, 3)
		for _, at := range []*lr.Factors{x, nil} {
			got, want := mat.NewDense(rows, 3, nil), mat.NewDense(rows, 3, nil)
			a.MulGrad(got, trans, at, z)
			b.MulGrad(want, trans, at, z)
			near(t, "matrix gradient", 1e-11, got, want)
		}
	}
}

// What is passed in is copied.
func TestLinearCopies(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 2, D2: 2, Rank: 1, M: 3})
	n, w := mat.NewDense(2, 2, []float64{1, 2, 3, 4}), []float64{1, 2, 3}
	a, err := problem.Linear{Of: p, N: n}.New()
	b, err2 := problem.Linear{Of: p, Operator: p.Operator(), W: w}.New()
	x := randomPoint(p, 1, "x")
	va, vb := ok(t, a, err).NewEval().Grad(nil, x), ok(t, b, err2).NewEval().Grad(nil, x)
	n.Set(0, 0, 100)
	w[1] = 100
	if a.NewEval().Grad(nil, x) != va || b.NewEval().Grad(nil, x) != vb {
		t.Error("the value follows what the caller does with N or W")
	}
}

// A dense N over a sum over blocks of columns splits with it.
func TestLinearParts(t *testing.T) {
	s := stacked(t, 5, 2, 3, 2)
	_, d2, _ := s.Dims()
	n := lr.NormalMatrix(lr.Stream(2, "N"), 5, d2)
	q, err := problem.Linear{Of: s, N: n, Constant: 3}.New()
	parts, has := lr.PartsOf(ok(t, q, err))
	if !has {
		t.Fatal("no parts")
	}
	again, err := problem.Separable{Parts: parts}.New()
	agree(t, ok(t, again, err), of(t, q), randomPoint(q, 1, "x"), randomPoint(q, 1, "d"))
}
