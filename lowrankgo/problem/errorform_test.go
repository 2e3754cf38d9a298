package problem_test

import (
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// formed are problems that are quadratic forms around their truth, and whether
// something is left beside the form.
func formed(t *testing.T) map[string]struct {
	p    lr.Problem
	rest bool
} {
	t.Helper()
	ok := must(t)
	asym := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 30, Seed: 1, Scale: problem.ScaleMean})
	over := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 3, TruthRank: 1, M: 12, Seed: 2})
	noisy := made(t, problem.GaussianSensing{D1: 5, Rank: 2, M: 20, Seed: 3, Symmetric: true, Scale: problem.ScaleMean, Noise: 0.3})
	h, err := operator.Perturbed{D1: 4, D2: 3, Delta: 0.2, Seed: 4}.New()
	if err != nil {
		t.Fatal(err)
	}
	general := ok(problem.General{Form: h, Truth: random(5, 4, 3, 2), Rank: 2, Weight: 4}.New())
	a := lr.NormalMatrix(lr.Stream(6, "A"), 6, 5)
	fact := made(t, problem.Factorisation{A: a, Rank: 2, Truth: random(7, 6, 5, 2)})
	complete := made(t, problem.RandomCompletion{D1: 6, D2: 5, Rank: 2, P: 0.6, Seed: 8, Noise: 0.1})
	counter, err := problem.Counterexample{Epsilon: 0.1}.New()
	if err != nil {
		t.Fatal(err)
	}
	rows := ok(problem.RowNorm{Of: complete, Alpha: 0.5, Lambda: 2, AlphaV: 0.4, LambdaV: 3}.New())
	n := lr.NormalMatrix(lr.Stream(9, "N"), 5, 4)
	noise := make([]float64, 30)
	for i := range noise {
		noise[i] = math.Sin(float64(i))
	}
	return map[string]struct {
		p    lr.Problem
		rest bool
	}{
		"sensing":               {asym, false},
		"over-parameterised":    {over, false},
		"noisy sensing":         {noisy, true},
		"general":               {general, false},
		"factorisation":         {fact, true},
		"completion with noise": {complete, true},
		"counterexample":        {counter, false},
		"balanced":              {balanced(t, asym, 0.5), true},
		"balanced general":      {balanced(t, general, 2), true},
		"rows and balance":      {balanced(t, rows, 0.5), true},
		"ridge":                 {ok(problem.Ridge{Of: noisy, Lambda: 0.3}.New()), true},
		"linear":                {ok(problem.Linear{Of: asym, N: n, Constant: 3}.New()), true},
		"noise added":           {ok(problem.LinearNoise{Of: asym, Noise: noise}.New()), true},
	}
}

func random(seed uint64, d1, d2, r int) *lr.Factors {
	rng := lr.Stream(seed, "factors")
	return &lr.Factors{U: lr.NormalMatrix(rng, d1, r), V: lr.NormalMatrix(rng, d2, r)}
}

// TestErrorForm puts form and rest together again, with the dense E and the
// form applied to E·Iᵀ, and compares value, gradient and Hessian product.
func TestErrorForm(t *testing.T) {
	for name, c := range formed(t) {
		t.Run(name, func(t *testing.T) {
			f, ok := lr.ErrorFormOf(c.p)
			if !ok {
				t.Fatal("it has no ErrorForm")
			}
			if (f.Q != nil) != c.rest {
				t.Fatalf("Q is %v; is something left beside the form: %t", f.Q, c.rest)
			}
			truth, _ := lr.TruthOf(c.p)
			for k := range uint64(3) {
				x, d := pointOf(c.p, 10+k), pointOf(c.p, 20+k)
				compareForm(t, c.p, f, truth, x, d)
			}
			compareForm(t, c.p, f, truth, lr.NewPoint(c.p), pointOf(c.p, 30))
		})
	}
}

func pointOf(p lr.Problem, seed uint64) *lr.Factors {
	x := lr.NewPoint(p)
	d1, d2 := x.Dims()
	r := random(seed, d1, d2, x.Rank())
	x.U.Copy(r.U)
	if x.V != nil {
		x.V.Copy(r.V)
	}
	return x
}

func compareForm(t *testing.T, p lr.Problem, f *lr.ErrorForm, truth, x, d *lr.Factors) {
	t.Helper()
	var e, dir mat.Dense
	e.Sub(x.Dense(), truth.Dense())
	dir.Mul(d.U, x.Right().T())
	var other mat.Dense
	other.Mul(x.U, d.Right().T())
	dir.Add(&dir, &other)

	h := f.Form.NewEval()
	value := f.Weight / 2 * h.Apply(&e, eye(&e))
	grad, hess := x.Clone(), x.Clone()
	grad.Scale(0)
	hess.Scale(0)
	addForm(grad, h, f.Weight, x)
	addForm(hess, h, f.Weight, d)
	h.Apply(&dir, eye(&dir))
	addForm(hess, h, f.Weight, x)
	if f.Q != nil {
		q, ok := lr.HessVecOf(f.Q)
		if !ok {
			t.Fatal("Q has no Hessian products")
		}
		qg, qh := x.Clone(), x.Clone()
		value += q.Grad(qg, x)
		q.HessVec(qh, x, d)
		grad.AddScaled(1, qg)
		hess.AddScaled(1, qh)
	}

	all, _ := lr.HessVecOf(p)
	wantGrad, wantHess := x.Clone(), x.Clone()
	want := all.Grad(wantGrad, x)
	all.HessVec(wantHess, x, d)
	if math.Abs(value-want) > 1e-11*(1+math.Abs(want)) {
		t.Errorf("value %v of form and Q, %v of the problem", value, want)
	}
	apart(t, "gradient", grad, wantGrad)
	apart(t, "Hessian product", hess, wantHess)
}

// addForm adds (w·G·V, w·Gᵀ·U), or w(G + Gᵀ)U, to dst for the G of h.
func addForm(dst *lr.Factors, h lr.FormEval, w float64, x *lr.Factors) {
	t := x.Clone()
	h.Mul(t.U, 0, false, x.Right())
	if x.V != nil {
		h.Mul(t.V, 0, true, x.U)
	} else {
		h.Mul(t.U, 1, true, x.U)
	}
	dst.AddScaled(w, t)
}

func eye(like *mat.Dense) *mat.Dense {
	_, d := like.Dims()
	m := mat.NewDense(d, d, nil)
	for i := range d {
		m.Set(i, i, 1)
	}
	return m
}

func apart(t *testing.T, what string, got, want *lr.Factors) {
	t.Helper()
	diff := got.Clone()
	diff.AddScaled(-1, want)
	if diff.Norm() > 1e-11*(1+want.Norm()) {
		t.Errorf("%s of form and Q is off by %v of %v", what, diff.Norm(), want.Norm())
	}
}

// TestErrorFormRest holds each Q to what a problem promises.
func TestErrorFormRest(t *testing.T) {
	for name, c := range formed(t) {
		if !c.rest {
			continue
		}
		f, _ := lr.ErrorFormOf(c.p)
		t.Run(name, func(t *testing.T) { lowranktest.TestProblem(t, f.Q) })
		if _, ok := lr.TruthOf(f.Q); ok {
			t.Errorf("%s: Q claims a truth", name)
		}
		if s := fmt.Sprint(f.Q); s == "" || s[0] == '&' {
			t.Errorf("%s: Q is printed as %q", name, s)
		}
	}
}

// TestErrorFormNoise compares Q with the definition for given noise.
func TestErrorFormNoise(t *testing.T) {
	op, err := operator.NewGaussian(4, 3, 9, 1)
	if err != nil {
		t.Fatal(err)
	}
	truth := random(2, 4, 3, 1)
	b, noise := make([]float64, 9), make([]float64, 9)
	op.NewEval().Apply(b, truth.U, truth.V, nil)
	clean := append([]float64(nil), b...)
	for i := range b {
		noise[i] = float64(i%3) - 1
		b[i] += noise[i]
	}
	p := made(t, problem.Sensing{Operator: op, B: b, Rank: 1, Scale: problem.ScaleMean, Truth: truth})
	f, ok := lr.ErrorFormOf(p)
	if !ok || f.Q == nil {
		t.Fatalf("ErrorForm %v, %t; a Q is wanted", f, ok)
	}
	x, at := random(3, 4, 3, 1), make([]float64, 9)
	op.NewEval().Apply(at, x.U, x.V, nil)
	var want float64
	for i, n := range noise {
		want += (-n*at[i] + n*clean[i] + n*n/2) / 9
	}
	if got := f.Q.NewEval().Grad(nil, x); math.Abs(got-want) > 1e-13*(1+math.Abs(want)) {
		t.Errorf("Q = %v, −w⟨n, 𝒜(M)⟩ + w⟨n, 𝒜(M*)⟩ + (w/2)‖n‖² = %v", got, want)
	}
	if f.Weight != 1.0/9 {
		t.Errorf("weight %v, want 1/9", f.Weight)
	}
	for i := range b { // what rounding leaves is no noise
		b[i] = clean[i] * (1 + 1e-15)
	}
	if f, ok := lr.ErrorFormOf(made(t, problem.Sensing{Operator: op, B: b, Rank: 1, Truth: truth})); !ok || f.Q != nil {
		t.Errorf("b = 𝒜(M*) to rounding: %v, %t; no Q is wanted", f, ok)
	}
}

// TestErrorFormAbsent lists what is no form around a truth.
func TestErrorFormAbsent(t *testing.T) {
	ok := must(t)
	op, err := operator.NewGaussian(4, 3, 9, 1)
	if err != nil {
		t.Fatal(err)
	}
	blind := made(t, problem.Sensing{Operator: op, B: make([]float64, 9), Rank: 1})
	truth := random(2, 4, 3, 1)
	known := made(t, problem.Sensing{Operator: op, B: make([]float64, 9), Rank: 1, Truth: random(2, 4, 3, 1)})
	loss := ok(problem.MeasurementLoss{Operator: op, Rank: 1, Truth: truth,
		Phi: func(_ int, t float64) (float64, float64, float64) { return t * t / 2, t, 1 }}.New())
	robust := ok(problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 1, Alpha: 0.3, Seed: 1}.New())
	for name, p := range map[string]lr.Problem{
		"no truth": blind, "its ridge": ok(problem.Ridge{Of: blind, Lambda: 1}.New()),
		"a loss": loss, "its balance": balanced(t, loss, 1), "robust PCA": robust,
	} {
		if f, ok := lr.ErrorFormOf(p); ok {
			t.Errorf("%s: an ErrorForm %v", name, f)
		}
		if lr.Has(p, lr.AbilityErrorForm) {
			t.Errorf("%s: Has says there is an ErrorForm", name)
		}
	}
	if _, ok := lr.ErrorFormOf(known); !ok {
		t.Error("sensing with a truth has no ErrorForm")
	}
}

// Noisy measurements are the form of the operator around the truth, and a rest
// that is linear in the matrix.
func ExampleQuadratic_ErrorForm() {
	op, err := operator.NewIdentity(2, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	truth := &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 2}), V: mat.NewDense(2, 1, []float64{1, 1})}
	b := []float64{1, 1, 2, 2.5} // M* and 0.5 at its last entry
	p, err := problem.Sensing{Operator: op, B: b, Rank: 1, Truth: truth}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	f := p.ErrorForm()
	fmt.Printf("weight %v; at M* the form is 0 and the rest %v, at M = 0 the rest is %v\n",
		f.Weight, f.Q.NewEval().Grad(nil, truth), f.Q.NewEval().Grad(nil, lr.NewFactors(2, 2, 1)))
	// Output:
	// weight 1; at M* the form is 0 and the rest 0.125, at M = 0 the rest is 1.125
}
