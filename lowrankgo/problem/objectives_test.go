package problem_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// cosh is a loss that is not one of the package's.
func cosh(_ int, t float64) (value, slope, curvature float64) {
	return math.Cosh(t), math.Sinh(t), math.Cosh(t)
}

// symmetrised is ½(a + aᵀ).
func symmetrised(a *mat.Dense) *mat.Dense {
	var s mat.Dense
	s.Add(a, a.T())
	s.Scale(0.5, &s)
	return &s
}

func normal(name string, rows, cols int) *mat.Dense {
	return lr.NormalMatrix(lr.Stream(3, name), rows, cols)
}

// list gives every fourth entry of a d1×d2 matrix, from the last to the first,
// with f of it.
func list(d1, d2 int, f func(i, j int) float64) (rows, cols []int, values []float64) {
	for at := d1*d2 - 1; at >= 0; at-- {
		if i, j := at/d2, at%d2; at%4 != 1 {
			rows, cols, values = append(rows, i), append(cols, j), append(values, f(i, j))
		}
	}
	return rows, cols, values
}

func signs(i, j int) float64  { return float64(2*((i+j)%2) - 1) }
func counts(i, j int) float64 { return float64((i*j + 2*i) % 4) }

// objectives are instances of every config of this file's kinds, at sizes that
// are one block of work, many blocks, and as small as can be.
func objectives(t testing.TB) map[string]lr.Problem {
	t.Helper()
	gaussian := must(t)(problem.GaussianSensing{D1: 8, D2: 6, Rank: 2, M: 40, Seed: 2}.New()).(*problem.Quadratic)
	few := must(t)(problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 6, Seed: 5}.New()).(*problem.Quadratic)
	square := must(t)(problem.GaussianSensing{D1: 6, Rank: 2, M: 40, Seed: 2, Symmetric: true}.New()).(*problem.Quadratic)
	form := func(p operator.Perturbed) lr.Form {
		h, err := p.New()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	uneven, err := operator.DenseForm{D1: 5, D2: 5, H: symmetrised(normal("H", 25, 25))}.New()
	if err != nil {
		t.Fatal(err)
	}
	star := func(d1, d2, k int) *lr.Factors { return &lr.Factors{U: normal("U*", d1, k), V: normal("V*", d2, k)} }
	weights := mat.NewDense(7, 5, nil)
	weights.Apply(func(i, j int, _ float64) float64 { return float64((i + 2*j) % 4) }, weights)
	rows, cols, y := list(9, 7, signs)
	_, _, n := list(9, 7, counts)
	srows, scols, sy := list(6, 6, signs)
	_, _, sn := list(6, 6, counts)
	plain, even := entrywise(6, 4, 2, rising), entrywise(5, 5, 2, rising)
	return map[string]lr.Problem{
		"factorisation":              must(t)(problem.Factorisation{A: normal("A", 9, 6), Rank: 2}.New()),
		"factorisation, many blocks": must(t)(problem.Factorisation{A: normal("A", 170, 160), Rank: 3}.New()),
		"factorisation 1×1":          must(t)(problem.Factorisation{A: mat.NewDense(1, 1, []float64{-2}), Rank: 1, Symmetric: true}.New()),
		"symmetric factorisation":    must(t)(problem.Factorisation{A: symmetrised(normal("A", 7, 7)), Rank: 3, Symmetric: true}.New()),

		"weighted":           must(t)(problem.WeightedFactorisation{A: normal("A", 7, 5), Weights: weights, Rank: 2}.New()),
		"symmetric weighted": must(t)(problem.WeightedFactorisation{A: normal("A", 5, 5), Weights: weights.Slice(0, 5, 0, 5), Rank: 2, Symmetric: true}.New()),

		"one-bit":           must(t)(problem.OneBit{D1: 9, D2: 7, Rank: 2, Rows: rows, Cols: cols, Values: y}.New()),
		"symmetric one-bit": must(t)(problem.OneBit{D1: 6, Rank: 2, Rows: srows, Cols: scols, Values: sy, Symmetric: true}.New()),
		"one-bit, blocks":   must(t)(problem.RandomOneBit{D1: 130, D2: 100, Rank: 2, P: 0.8, Seed: 1}.New()),
		"poisson":           must(t)(problem.Poisson{D1: 9, D2: 7, Rank: 2, Rows: rows, Cols: cols, Values: n}.New()),
		"symmetric poisson": must(t)(problem.Poisson{D1: 6, Rank: 2, Rows: srows, Cols: scols, Values: sn, Symmetric: true}.New()),

		"huber":           must(t)(problem.Huber{Operator: gaussian.Operator(), B: gaussian.Measurements(), Rank: 3, Threshold: 5, Smooth: true, Weight: 0.3}.New()),
		"symmetric huber": must(t)(problem.Huber{Operator: square.Operator(), B: square.Measurements(), Rank: 2, Threshold: 6, Smooth: true, Symmetric: true}.New()),
		"huber, 2 pieces": must(t)(problem.Huber{Operator: few.Operator(), B: few.Measurements(), Rank: 2, Threshold: 2}.New()), // no kink near the suite's points
		"losses":          must(t)(problem.MeasurementLoss{Operator: gaussian.Operator(), Phi: cosh, Rank: 2}.New()),

		"general":           must(t)(problem.General{Form: form(operator.Perturbed{D1: 7, D2: 5, Delta: 0.3, Seed: 1}), Truth: star(7, 5, 3), Rank: 2, Weight: 4}.New()),
		"symmetric general": must(t)(problem.General{Form: uneven, Truth: star(5, 5, 2), Rank: 2, Symmetric: true}.New()),

		"function":           must(t)(plain.New()),
		"function, q alone":  must(t)(polar(plain, rising).New()),
		"symmetric function": must(t)(onSymmetric(even).New()),
		"symmetric q alone":  must(t)(polar(onSymmetric(even), rising).New()),

		"counterexample":    must(t)(problem.Counterexample{Epsilon: 0.1}.New()),
		"counterexample, 3": must(t)(problem.Counterexample{Epsilon: -0.2, D: 3, Rotate: true, Seed: 1}.New()),

		"noisy":       must(t)(problem.GaussianSensing{D1: 8, D2: 6, Rank: 3, TruthRank: 2, M: 50, Seed: 1, Kappa: 5, Sigma: 3, Noise: 0.1, Outliers: 0.1}.New()),
		"fixed count": must(t)(problem.RandomCompletion{D1: 12, D2: 9, Rank: 2, TruthRank: 3, Entries: 50, Seed: 1, Kappa: 10, Spacing: problem.SpacingGeometric, Support: 5}.New()),
	}
}

// polar leaves of an entrywise function's second derivatives the quadratic
// form ∇²f(X)[D, D] = Σ curvature·d_ij².
func polar(f problem.Function, loss entryLoss) problem.Function {
	f.Hess, f.HessForm = nil, func(x, d *mat.Dense) (sum float64) {
		r, c := d.Dims()
		for i := range r {
			for j := range c {
				_, _, curvature := loss(i, j, x.At(i, j))
				sum += curvature * d.At(i, j) * d.At(i, j)
			}
		}
		return sum
	}
	return f
}

// rising is a convex loss that differs from entry to entry, and between an
// entry and its mirror image.
func rising(i, j int, x float64) (value, slope, curvature float64) {
	c := 1 + float64(i+3*j)/5
	return c * math.Cosh(x-c), c * math.Sinh(x-c), c * math.Cosh(x-c)
}

// onSymmetric is f over UUᵀ.
func onSymmetric(f problem.Function) problem.Function {
	f.Symmetric, f.D2 = true, 0
	return f
}

// TestObjectives runs the conformance suite over every objective.
func TestObjectives(t *testing.T) {
	for name, p := range objectives(t) {
		t.Run(name, func(t *testing.T) { lowranktest.TestProblem(t, p) })
	}
}

// whole is an operator that cannot take single measurements, nor say which
// entries it observes.
type whole struct{ lr.Operator }

func (w whole) NewEval() lr.OperatorEval { return struct{ lr.OperatorEval }{w.Operator.NewEval()} }

// Batches are claimed only where the operator can take single measurements;
// all else is there without.
func TestWithoutTerms(t *testing.T) {
	q := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 30, Seed: 1})
	op := whole{q.Operator()}
	for name, p := range map[string]lr.Problem{
		"sensing": must(t)(problem.Sensing{Operator: op, B: q.Measurements(), Rank: 2, Truth: q.Truth()}.New()),
		"losses":  must(t)(problem.MeasurementLoss{Operator: op, Phi: cosh, Rank: 2}.New()),
	} {
		if _, ok := lr.BatchesOf(p); ok {
			t.Errorf("%s claims batches", name)
		}
		t.Run(name, func(t *testing.T) { lowranktest.TestProblem(t, p) })
	}
	if _, ok := lr.BatchesOf(q); !ok {
		t.Error("no batches over an operator that can")
	}
}

func TestObjectiveString(t *testing.T) {
	p := must(t)(problem.WeightedFactorisation{A: mat.NewDense(2, 1, []float64{1, 2}), Weights: mat.NewDense(2, 1, []float64{3, 0}), Rank: 1}.New())
	if got, want := p.(*problem.Quadratic).String(), "WeightedFactorisation(weighted Mask(1 of 2×1 entries), rank 1, M = UVᵀ, weight 1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
