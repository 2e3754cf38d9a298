package problem_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// ok is the problem of a constructor that must not fail.
func ok[P any](t fataler, p P, err error) P {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

// wrappers are all regularisers around p, one at a time and in layers.
func wrappers(t fataler, p lr.Problem) map[string]lr.Problem {
	d1, d2, _ := p.Dims()
	n := lr.NormalMatrix(lr.Stream(3, "N"), d1, d2)
	row := func(of lr.Problem) lr.Problem {
		q, err := problem.RowNorm{Of: of, Lambda: 0.7, Alpha: 0.9}.New()
		return ok(t, q, err)
	}
	ridge := func(of lr.Problem) lr.Problem {
		q, err := problem.Ridge{Of: of, Lambda: 0.4}.New()
		return ok(t, q, err)
	}
	linear := func(of lr.Problem) lr.Problem {
		q, err := problem.Linear{Of: of, N: n, Constant: 2}.New()
		return ok(t, q, err)
	}
	byMap := func(of lr.Problem) lr.Problem {
		a, err := operator.NewGaussian(d1, d2, 6, 9)
		q, err := problem.Linear{Of: of, Operator: ok(t, a, err), W: []float64{1, -2, 0.5, 0, 3, 1}}.New()
		return ok(t, q, err)
	}
	all := map[string]lr.Problem{
		"row norm": row(p), "ridge": ridge(p), "linear": linear(p), "linear by a map": byMap(p),
		"linear over row norm over ridge": linear(row(ridge(p))),
		"ridge over linear over linear":   ridge(linear(byMap(p))),
	}
	if !lr.SymmetricOf(p) {
		both, err := problem.RowNorm{Of: p, Lambda: 0.3, Alpha: 1.1, LambdaV: 2, AlphaV: 0.2}.New()
		all["row norm, two sides"] = ok(t, both, err)
		bal, err := problem.Balance{Of: row(p), Mu: 0.5}.New()
		all["balance over row norm"] = ok(t, bal, err)
	}
	return all
}

// conforms runs the suite with points of twice the size: the steps of its
// Taylor expansions are then short beside the point, so that a term of fourth
// order does not hide one of third.
func conforms(t *testing.T, p lr.Problem) {
	t.Helper()
	lowranktest.TestProblem(t, p, lowranktest.ProblemOptions{Scale: 2})
}

// TestRegularisedSuite runs the conformance suite over every regulariser, over
// regularisers over regularisers, and over problems that are regularised.
func TestRegularisedSuite(t *testing.T) {
	for name, p := range map[string]lr.Problem{
		"sensing":              made(t, problem.GaussianSensing{D1: 7, D2: 5, Rank: 2, M: 40, Seed: 1}),
		"symmetric sensing":    made(t, problem.GaussianSensing{D1: 6, Rank: 2, M: 30, Seed: 2, Symmetric: true}),
		"completion":           made(t, problem.RandomCompletion{D1: 90, D2: 70, Rank: 3, P: 0.4, Seed: 3}),
		"symmetric completion": made(t, problem.RandomCompletion{D1: 9, Rank: 2, P: 0.6, Seed: 4, Symmetric: true}),
		"1×1":                  made(t, problem.RandomCompletion{D1: 1, D2: 1, Rank: 1, P: 1, Seed: 5}),
	} {
		for kind, q := range wrappers(t, p) {
			t.Run(name+"/"+kind, func(t *testing.T) { conforms(t, q) })
		}
	}
}

// twin gives value, gradient and Hessian product by the definition.
type twin func(x, d *lr.Factors) (value float64, grad, hess *lr.Factors)

// plus adds twins.
func plus(all ...twin) twin {
	return func(x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
		value, grad, hess = all[0](x, d)
		for _, f := range all[1:] {
			v, g, h := f(x, d)
			value += v
			grad.AddScaled(1, g)
			hess.AddScaled(1, h)
		}
		return value, grad, hess
	}
}

// randomPoint is a point of p's shape from a stream of its own.
func randomPoint(p lr.Problem, seed uint64, name string) *lr.Factors {
	x := lr.NewPoint(p)
	x.U.Copy(lr.NormalMatrix(lr.Stream(seed, name+" U"), x.U.RawMatrix().Rows, x.Rank()))
	if x.V != nil {
		x.V.Copy(lr.NormalMatrix(lr.Stream(seed, name+" V"), x.V.RawMatrix().Rows, x.Rank()))
	}
	return x
}

// derivatives are what an evaluator gives at x along d.
func derivatives(t fataler, p lr.Problem, x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	t.Helper()
	h, has := lr.HessVecOf(p)
	if !has {
		t.Fatalf("%v has no Hessian products", p)
	}
	grad, hess = lr.NewPoint(p), lr.NewPoint(p)
	value = h.Grad(grad, x)
	h.HessVec(hess, x, d)
	return value, grad, hess
}

// agree compares p with its twin at x along d.
func agree(t fataler, p lr.Problem, want twin, x, d *lr.Factors) {
	t.Helper()
	value, grad, hess := derivatives(t, p, x, d)
	v, g, h := want(x, d)
	near(t, "value", 1e-11, scalar(value), scalar(v))
	nearFactors(t, "gradient", 1e-11, grad, g)
	nearFactors(t, "Hessian product", 1e-11, hess, h)
}

// of is the twin of a problem that is tested elsewhere.
func of(t fataler, p lr.Problem) twin {
	return func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) { return derivatives(t, p, x, d) }
}

// scaled is c times a twin.
func scaled(c float64, f twin) twin {
	return func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) {
		v, g, h := f(x, d)
		g.Scale(c)
		h.Scale(c)
		return c * v, g, h
	}
}

// drawProblem is a random small problem, symmetric or not.
func drawProblem(t *rapid.T, symmetric bool) (p *problem.Quadratic, seed uint64) {
	d1 := rapid.IntRange(1, 7).Draw(t, "d1")
	d2 := d1
	if !symmetric {
		d2 = rapid.IntRange(1, 7).Draw(t, "d2")
	}
	r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
	seed = rapid.Uint64().Draw(t, "seed")
	q, err := problem.GaussianSensing{D1: d1, D2: d2, Rank: r, M: 5, Seed: seed, Symmetric: symmetric}.New()
	return ok(t, q, err), seed
}

// Terms add up, in any order of the wrappers.
func TestTermsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, seed := drawProblem(t, rapid.Bool().Draw(t, "symmetric"))
		order := rapid.Permutation([]string{"row norm", "ridge", "linear"}).Draw(t, "order")
		var layers lr.Problem = p
		sum := of(t, p)
		for _, name := range order {
			layers = wrappers(t, layers)[name]
			sum = plus(sum, of(t, wrappers(t, p)[name]), scaled(-1, of(t, p)))
		}
		agree(t, layers, sum, randomPoint(p, seed, "x"), randomPoint(p, seed, "d"))
	})
}

// A wrapper claims an ability only when the problem inside has it.
func TestRegularisedAbilities(t *testing.T) {
	plain := lr.Funcs{D1: 3, D2: 3, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	full := made(t, problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 9})
	for _, of := range []lr.Problem{plain, full} {
		_, least := lr.LeastSquaresOf(of)
		for name, p := range wrappers(t, of) {
			_, h0 := lr.HessVecOf(of)
			_, h := lr.HessVecOf(p)
			_, m0 := lr.MulGradOf(of)
			_, m := lr.MulGradOf(p)
			_, b0 := lr.BatchesOf(of)
			_, b := lr.BatchesOf(p)
			_, t0 := lr.TruthOf(of)
			_, t1 := lr.TruthOf(p)
			if h != h0 || m != m0 || b != b0 || t1 != t0 {
				t.Errorf("%s over %v: HessVec %t, MulGrad %t, Batches %t, truth %t; want %t, %t, %t, %t", name, of, h, m, b, t1, h0, m0, b0, t0)
			}
			if _, has := lr.LeastSquaresOf(p); has != (least && name == "ridge") {
				t.Errorf("%s over %v has a least-squares form: %t", name, of, has)
			}
			if _, has := lr.PartsOf(p); has {
				t.Errorf("%s over %v has parts", name, of)
			}
			for a, has := range map[lr.Ability]bool{lr.AbilityTruth: t0, lr.AbilityLeastSquares: least && name == "ridge", lr.AbilityParts: false} {
				if lr.Has(p, a) != has {
					t.Errorf("%s over %v: Has(%v) is %t", name, of, a, !has)
				}
			}
		}
	}
}

// A problem that uses nothing but Grad, with a wrong shape, panics before the
// function inside sees it.
func TestRegularisedShapes(t *testing.T) {
	calls := 0
	inside := lr.Funcs{D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { calls++; return 0 }}
	p, err := problem.Ridge{Of: inside, Lambda: 1}.New()
	e := ok(t, p, err).NewEval()
	defer func() {
		if recover() == nil || calls != 0 {
			t.Errorf("no panic, or one after %d calls", calls)
		}
	}()
	e.Grad(nil, lr.NewFactors(2, 3, 1))
}

// Unregularised finds f(UVᵀ) through all layers: regularisers go, linear terms
// stay.
func TestUnregularised(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 20, Seed: 1})
	x := randomPoint(p, 1, "x")
	zero := p.NewEval().Grad(nil, x)
	n := mat.NewDense(4, 3, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	lin, err := problem.Linear{Of: p, N: n}.New()
	withN := ok(t, lin, err).NewEval().Grad(nil, x)
	for name, q := range wrappers(t, p) {
		u, has := q.(interface{ Unregularised() lr.Problem })
		if !has {
			t.Fatalf("%s has no method Unregularised", name)
		}
		f := u.Unregularised()
		if _, again := f.(interface{ Unregularised() lr.Problem }); again {
			t.Errorf("%s: what Unregularised returns says that it has a regulariser", name)
		}
		if v := f.NewEval().Grad(nil, x); !strings.Contains(name, "linear") && v != zero {
			t.Errorf("%s: f is %v, want %v", name, v, zero)
		}
	}
	rn, err := problem.RowNorm{Of: lin, Lambda: 1, Alpha: 1}.New()
	bal, err2 := problem.Balance{Of: ok(t, rn, err), Mu: 1}.New()
	if v := ok(t, bal, err2).Unregularised().NewEval().Grad(nil, x); math.Abs(v-withN) > 1e-12*math.Abs(withN) {
		t.Errorf("f under two regularisers is %v, want %v with its linear term", v, withN)
	}
}

// The gradients of batches of one term average to the gradient, regulariser
// and all.
func TestRegularisedBatches(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 12, Seed: 6})
	for name, q := range wrappers(t, p) {
		b, has := lr.BatchesOf(q)
		if !has {
			t.Fatalf("%s has no batches", name)
		}
		averages(t, name, q, b)
	}
}

// averages compares the mean over all batches of one term, and one batch of
// all, with the gradient.
func averages(t *testing.T, name string, p lr.Problem, b lr.Batches) {
	t.Helper()
	x := randomPoint(p, 8, "x")
	want, one, mean := lr.NewPoint(p), lr.NewPoint(p), lr.NewPoint(p)
	p.NewEval().Grad(want, x)
	all := make([]int, b.Terms())
	for i := range all {
		all[i] = i
		b.GradBatch(one, x, []int{i})
		mean.AddScaled(1/float64(len(all)), one)
	}
	nearFactors(t, name+": mean of one-term batches", 1e-11, mean, want)
	b.GradBatch(one, x, all)
	nearFactors(t, name+": batch of all terms", 1e-11, one, want)
	if n := testing.AllocsPerRun(10, func() { b.GradBatch(one, x, all) }); n > 0 {
		t.Errorf("%s: %v allocations in GradBatch", name, n)
	}
}

func TestRegularisedString(t *testing.T) {
	p := lr.Funcs{Name: "p", D1: 3, D2: 3, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	for name, want := range map[string]string{
		"row norm":                        "p + row norm(λ = 0.7, α = 0.9)",
		"row norm, two sides":             "p + row norm(λ = 0.3, 2, α = 1.1, 0.2)",
		"ridge":                           "p + ridge(λ = 0.4)",
		"linear":                          "p + linear(−⟨N, M⟩ + 2)",
		"linear by a map":                 "p + linear(−⟨Gaussian(6 measurements of 3×3)*(w), M⟩)",
		"balance over row norm":           "p + row norm(λ = 0.7, α = 0.9) + balance(μ = 0.5)",
		"linear over row norm over ridge": "p + ridge(λ = 0.4) + row norm(λ = 0.7, α = 0.9) + linear(−⟨N, M⟩ + 2)",
	} {
		if got := fmt.Sprint(wrappers(t, p)[name]); got != want {
			t.Errorf("%s prints %q, want %q", name, got, want)
		}
	}
}

// Products with the matrix gradient of wrong shapes are the programmer's error
// and panic, naming the package, before anything is written.
func TestMulGradShapes(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 5, D2: 4, Rank: 2, P: 0.9, Seed: 1})
	for name, q := range map[string]lr.Problem{
		"linear": wrappers(t, p)["linear"], "lift": lifted(t, p), "separable": stacked(t, 5, 3, 2),
	} {
		d1, d2, _ := q.Dims()
		m, _ := lr.MulGradOf(q)
		for what, s := range map[string][4]int{
			"z too long": {d1, 2, d2 + 1, 2}, "dst too long": {d1 + 1, 2, d2, 2}, "columns differ": {d1, 2, d2, 3},
		} {
			func() {
				defer func() {
					if p := fmt.Sprint(recover()); !strings.Contains(p, ": ") || !strings.Contains(p, "want") {
						t.Errorf("%s, %s: the panic is %q", name, what, p)
					}
				}()
				m.MulGrad(mat.NewDense(s[0], s[1], nil), false, nil, mat.NewDense(s[2], s[3], nil))
			}()
		}
	}
}
