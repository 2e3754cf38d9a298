package problem_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// TestBadInput holds every constructor to errors that name what was given and
// what is accepted, and wrap a sentinel.
func TestBadInput(t *testing.T) {
	op, err := operator.NewGaussian(3, 4, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]float64, 5)
	good := made(t, problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 4})
	symmetric := made(t, problem.GaussianSensing{D1: 3, Rank: 1, M: 4, Symmetric: true})
	entries := problem.Completion{D1: 2, D2: 3, Rank: 1, Rows: []int{0, 1}, Cols: []int{2, 0}, Values: []float64{1, 2}}
	with := func(change func(*problem.Completion)) error {
		c := entries
		change(&c)
		_, err := c.New()
		return err
	}
	newErr := func(m maker) error { _, err := m.New(); return err }
	mask, _, err := operator.NewMask(2, 3, []int{0, 1}, []int{0, 2})
	if err != nil {
		t.Fatal(err)
	}
	random := func(change func(*problem.RandomCompletion)) error {
		c := problem.RandomCompletion{D1: 6, D2: 8, Rank: 2, P: 0.5}
		change(&c)
		return newErr(c)
	}
	balance := func(p lr.Problem, mu float64) error {
		_, err := problem.Balance{Of: p, Mu: mu}.New()
		return err
	}
	uneven := &lr.Factors{U: mat.NewDense(3, 2, nil), V: mat.NewDense(4, 1, nil)}
	for _, c := range []refusal{
		{"no operator", newErr(problem.Sensing{B: b, Rank: 1}), lr.ErrEmpty, []string{"there is no operator"}},
		{"short b", newErr(problem.Sensing{Operator: op, B: b[:4], Rank: 1}), lr.ErrShape, []string{"4 values", "5 measurements"}},
		{"rank too large", newErr(problem.Sensing{Operator: op, B: b, Rank: 4}), lr.ErrRank, []string{"rank 4", "min(3, 4) = 3"}},
		{"rank 0", newErr(problem.Sensing{Operator: op, B: b}), lr.ErrRank, []string{"rank 0", "1 ≤ rank"}},
		{"NaN in b", newErr(problem.Sensing{Operator: op, B: []float64{0, 0, math.NaN(), 0, 0}, Rank: 1}), lr.ErrValue, []string{"value 2", "NaN"}},
		{"unknown scale", newErr(problem.Sensing{Operator: op, B: b, Rank: 1, Scale: 7}), lr.ErrValue, []string{"Scale 7", "ScaleMean"}},
		{"symmetric of 3×4", newErr(problem.Sensing{Operator: op, B: b, Rank: 1, Symmetric: true}), lr.ErrShape, []string{"3×4", "square"}},
		{"truth of another shape", newErr(problem.Sensing{Operator: op, B: b, Rank: 1, Truth: lr.NewFactors(4, 3, 1)}), lr.ErrShape, []string{"4×3", "3×4"}},
		{"truth without U", newErr(problem.Sensing{Operator: op, B: b, Rank: 1, Truth: &lr.Factors{}}), lr.ErrShape, []string{"truth", "no U"}},
		{"truth of uneven ranks", newErr(problem.Sensing{Operator: op, B: b, Rank: 1, Truth: uneven}), lr.ErrShape, []string{"U 3×2, V 4×1", "same number of columns"}},
		{"truth with NaN", newErr(problem.Sensing{Operator: op, B: b, Rank: 1, Truth: &lr.Factors{U: nanDense(3, 1), V: nanDense(4, 1)}}), lr.ErrValue, []string{"truth", "NaN"}},

		{"no measurements", newErr(problem.GaussianSensing{D1: 3, D2: 3, Rank: 1}), lr.ErrEmpty, []string{"m = 0", "at least 1"}},
		{"no rows", newErr(problem.GaussianSensing{D2: 3, Rank: 1, M: 4}), lr.ErrShape, []string{"0×3", "at least 1"}},
		{"Gaussian rank", newErr(problem.GaussianSensing{D1: 3, D2: 2, Rank: 3, M: 4}), lr.ErrRank, []string{"rank 3", "= 2"}},
		{"Gaussian symmetric", newErr(problem.GaussianSensing{D1: 3, D2: 2, Rank: 1, M: 4, Symmetric: true}), lr.ErrShape, []string{"3×2"}},
		{"Gaussian too large", newErr(problem.GaussianSensing{D1: 1 << 20, D2: 1 << 20, Rank: 1, M: 1 << 20}), lr.ErrValue, []string{"1048576", "accepted"}},
		{"Gaussian scale", newErr(problem.GaussianSensing{D1: 3, D2: 2, Rank: 1, M: 4, Scale: -1}), lr.ErrValue, []string{"Scale -1"}},

		{"too few values", with(func(c *problem.Completion) { c.Values = c.Values[:1] }), lr.ErrShape, []string{"1 values", "2 places"}},
		{"too few columns", with(func(c *problem.Completion) { c.Cols = c.Cols[:1] }), lr.ErrShape, []string{"2 row", "1 column"}},
		{"no entries", with(func(c *problem.Completion) { c.Rows, c.Cols, c.Values = nil, nil, nil }), lr.ErrEmpty, []string{"empty", "at least one"}},
		{"row out of range", with(func(c *problem.Completion) { c.Rows = []int{0, 2} }), lr.ErrShape, []string{"entry 1", "(2, 0)", "2×3"}},
		{"negative column", with(func(c *problem.Completion) { c.Cols = []int{-1, 0} }), lr.ErrShape, []string{"entry 0", "(0, -1)"}},
		{"an entry twice", with(func(c *problem.Completion) { c.Rows, c.Cols = []int{1, 1}, []int{2, 2} }), lr.ErrValue, []string{"(1, 2)", "twice"}},
		{"Inf among values", with(func(c *problem.Completion) {
			c.Rows, c.Cols, c.Values = []int{1, 0}, []int{0, 0}, []float64{1, math.Inf(1)}
		}), lr.ErrValue, []string{"value 1", "+Inf"}},
		{"P above 1", with(func(c *problem.Completion) { c.P = 1.5 }), lr.ErrValue, []string{"P = 1.5", "0 < P ≤ 1"}},
		{"P is NaN", with(func(c *problem.Completion) { c.P = math.NaN() }), lr.ErrValue, []string{"P = NaN"}},
		{"Completion rank", with(func(c *problem.Completion) { c.Rank = 3 }), lr.ErrRank, []string{"rank 3", "= 2"}},
		{"Completion symmetric", with(func(c *problem.Completion) { c.Symmetric = true }), lr.ErrShape, []string{"2×3", "square"}},

		{"probability 0", newErr(problem.RandomCompletion{D1: 3, D2: 3, Rank: 1}), lr.ErrValue, []string{"is 0", "0 < p ≤ 1"}},
		{"no entry drawn", newErr(problem.RandomCompletion{D1: 3, D2: 3, Rank: 1, P: 1e-12}), lr.ErrEmpty, []string{"empty"}},
		{"RandomCompletion rank", newErr(problem.RandomCompletion{D1: 3, D2: 3, Rank: 4, P: 1}), lr.ErrRank, []string{"rank 4"}},
		{"RandomCompletion symmetric", newErr(problem.RandomCompletion{D1: 3, D2: 2, Rank: 1, P: 1, Symmetric: true}), lr.ErrShape, []string{"3×2"}},

		{"mask and places", with(func(c *problem.Completion) { c.Mask = mask }), lr.ErrValue, []string{"Mask", "Rows and Cols", "only one"}},
		{"mask of another shape", newErr(problem.Completion{D1: 3, Mask: mask, Values: []float64{1, 2}, Rank: 1}), lr.ErrShape, []string{"3×0", "2×3"}},
		{"mask with too few values", newErr(problem.Completion{Mask: mask, Values: []float64{1}, Rank: 1}), lr.ErrShape, []string{"1 values", "2 measurements"}},
		{"mask with NaN", newErr(problem.Completion{Mask: mask, Values: []float64{1, math.NaN()}, Rank: 1}), lr.ErrValue, []string{"value 1", "NaN"}},

		{"P and Entries", random(func(c *problem.RandomCompletion) { c.Entries = 20 }), lr.ErrValue, []string{"P = 0.5", "Entries = 20", "one of the two"}},
		{"AtLeast without Entries", random(func(c *problem.RandomCompletion) { c.AtLeast = 2 }), lr.ErrValue, []string{"AtLeast = 2", "without Entries"}},
		{"too few Entries", random(func(c *problem.RandomCompletion) { c.P, c.Entries = 0, 3 }), lr.ErrValue, []string{"Count = 3"}},
		{"TruthRank too large", random(func(c *problem.RandomCompletion) { c.TruthRank = 9 }), lr.ErrRank, []string{"TruthRank 9", "= 6"}},
		{"TruthRank below 0", random(func(c *problem.RandomCompletion) { c.TruthRank = -1 }), lr.ErrRank, []string{"TruthRank -1"}},
		{"Kappa below 1", random(func(c *problem.RandomCompletion) { c.Kappa = 0.5 }), lr.ErrValue, []string{"Kappa = 0.5", "at least 1"}},
		{"Kappa of rank 1", random(func(c *problem.RandomCompletion) { c.Rank, c.Kappa = 1, 10 }), lr.ErrValue, []string{"Kappa = 10", "rank 1"}},
		{"Kappa is NaN", random(func(c *problem.RandomCompletion) { c.Kappa = math.NaN() }), lr.ErrValue, []string{"Kappa = NaN"}},
		{"Sigma without Kappa", random(func(c *problem.RandomCompletion) { c.Sigma = 2 }), lr.ErrValue, []string{"Sigma = 2", "without Kappa"}},
		{"Spacing without Kappa", random(func(c *problem.RandomCompletion) { c.Spacing = problem.SpacingGeometric }), lr.ErrValue, []string{"Spacing 1", "without Kappa"}},
		{"negative Sigma", random(func(c *problem.RandomCompletion) { c.Kappa, c.Sigma = 2, -1 }), lr.ErrValue, []string{"Sigma = -1"}},
		{"unknown Spacing", random(func(c *problem.RandomCompletion) { c.Kappa, c.Spacing = 2, 5 }), lr.ErrValue, []string{"Spacing 5", "SpacingGeometric"}},
		{"Support below the rank", random(func(c *problem.RandomCompletion) { c.Support = 1 }), lr.ErrValue, []string{"Support 1", "rank of the truth, 2"}},
		{"Support too large", random(func(c *problem.RandomCompletion) { c.Support = 7 }), lr.ErrValue, []string{"Support 7", "= 6"}},
		{"negative Noise", random(func(c *problem.RandomCompletion) { c.Noise = -1 }), lr.ErrValue, []string{"Noise = -1", "standard deviation"}},
		{"Noise is infinite", random(func(c *problem.RandomCompletion) { c.Noise = math.Inf(1) }), lr.ErrValue, []string{"Noise = +Inf"}},
		{"all Outliers", random(func(c *problem.RandomCompletion) { c.Outliers = 1 }), lr.ErrValue, []string{"Outliers = 1", "< 1"}},
		{"OutlierSize alone", random(func(c *problem.RandomCompletion) { c.OutlierSize = 3 }), lr.ErrValue, []string{"OutlierSize = 3", "share"}},
		{"negative OutlierSize", random(func(c *problem.RandomCompletion) { c.Outliers, c.OutlierSize = 0.1, -3 }), lr.ErrValue, []string{"OutlierSize = -3"}},
		{"GaussianSensing Kappa", newErr(problem.GaussianSensing{D1: 3, D2: 3, Rank: 2, M: 4, Kappa: 0.1}), lr.ErrValue, []string{"GaussianSensing", "Kappa = 0.1"}},
		{"RandomSensing of nothing", newErr(problem.RandomSensing{Rank: 1}), lr.ErrEmpty, []string{"RandomSensing", "there is no operator"}},
		{"RandomSensing rank", newErr(problem.RandomSensing{Operator: op, Rank: 9}), lr.ErrRank, []string{"RandomSensing", "rank 9"}},

		{"balance of nothing", balance(nil, 1), lr.ErrEmpty, []string{"there is no problem"}},
		{"balance of symmetric", balance(symmetric, 1), lr.ErrShape, []string{"symmetric", "nothing to balance"}},
		{"balance of μ = 0", balance(good, 0), lr.ErrValue, []string{"Mu = 0", "the problem itself"}},
		{"balance of μ < 0", balance(good, -1), lr.ErrValue, []string{"Mu = -1", "positive"}},
		{"balance of μ = ∞", balance(good, math.Inf(1)), lr.ErrValue, []string{"Mu = +Inf"}},
		{"balance of μ = NaN", balance(good, math.NaN()), lr.ErrValue, []string{"Mu = NaN"}},
		{"balance of a problem without sizes", balance(lr.Funcs{}, 1), lr.ErrRank, []string{"D1 = 0"}},
	} {
		c.check(t)
	}
}

// refusal is an error of a constructor: which sentinel it wraps and what it
// says.
type refusal struct {
	name string
	err  error
	kind error
	says []string
}

func (c refusal) check(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		if !errors.Is(c.err, c.kind) {
			t.Fatalf("the error is %v; want one that wraps %q", c.err, c.kind)
		}
		for _, s := range c.says {
			if !strings.Contains(c.err.Error(), s) {
				t.Errorf("%q does not say %q", c.err, s)
			}
		}
	})
}

func nanDense(r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	m.Set(0, 0, math.NaN())
	return m
}

// TestBadObjectives is TestBadInput for what makes an Objective, and for
// matrices that are factorised.
func TestBadObjectives(t *testing.T) {
	op, err := operator.NewGaussian(3, 4, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	form, err := operator.Perturbed{D1: 3, D2: 4, Delta: 0.1}.New()
	if err != nil {
		t.Fatal(err)
	}
	truth := lr.NewFactors(3, 4, 1)
	b := make([]float64, 5)
	for _, c := range []refusal{
		{"loss without operator", errOf(problem.MeasurementLoss{Phi: cosh, Rank: 1}.New()), lr.ErrEmpty, []string{"there is no operator"}},
		{"loss without Phi", errOf(problem.MeasurementLoss{Name: "mine", Operator: op, Rank: 1}.New()), lr.ErrEmpty, []string{"mine", "Phi", "value, slope and curvature"}},
		{"loss of rank 4", errOf(problem.MeasurementLoss{Operator: op, Phi: cosh, Rank: 4}.New()), lr.ErrRank, []string{"rank 4", "= 3"}},
		{"loss, symmetric 3×4", errOf(problem.MeasurementLoss{Operator: op, Phi: cosh, Rank: 1, Symmetric: true}.New()), lr.ErrShape, []string{"3×4", "square"}},
		{"loss, truth of another shape", errOf(problem.MeasurementLoss{Operator: op, Phi: cosh, Rank: 1, Truth: lr.NewFactors(4, 3, 1)}.New()), lr.ErrShape, []string{"4×3", "3×4"}},

		{"Huber without operator", errOf(problem.Huber{B: b, Rank: 1, Threshold: 1}.New()), lr.ErrEmpty, []string{"Huber", "there is no operator"}},
		{"Huber without threshold", errOf(problem.Huber{Operator: op, B: b, Rank: 1}.New()), lr.ErrValue, []string{"Threshold = 0", "1.345", "units of B"}},
		{"Huber, negative weight", errOf(problem.Huber{Operator: op, B: b, Rank: 1, Threshold: 1, Weight: -2}.New()), lr.ErrValue, []string{"weight -2"}},
		{"Huber, short b", errOf(problem.Huber{Operator: op, B: b[:2], Rank: 1, Threshold: 1}.New()), lr.ErrShape, []string{"2 values", "5 measurements"}},
		{"Huber, NaN in b", errOf(problem.Huber{Operator: op, B: []float64{0, math.NaN(), 0, 0, 0}, Rank: 1, Threshold: 1}.New()), lr.ErrValue, []string{"value 1", "NaN"}},

		{"sign 0", errOf(problem.OneBit{D1: 2, D2: 2, Rank: 1, Rows: []int{0, 1}, Cols: []int{0, 1}, Values: []float64{1, 0}}.New()), lr.ErrValue, []string{"value 1", "is 0", "1 or -1"}},
		{"too few signs", errOf(problem.OneBit{D1: 2, D2: 2, Rank: 1, Rows: []int{0, 1}, Cols: []int{0, 1}, Values: []float64{1}}.New()), lr.ErrShape, []string{"1 values", "2 places"}},
		{"no signs", errOf(problem.OneBit{D1: 2, D2: 2, Rank: 1}.New()), lr.ErrEmpty, []string{"empty"}},
		{"negative signal", errOf(problem.RandomOneBit{D1: 2, D2: 2, Rank: 1, P: 1, Signal: -1}.New()), lr.ErrValue, []string{"Signal = -1"}},
		{"no probability", errOf(problem.RandomOneBit{D1: 2, D2: 2, Rank: 1}.New()), lr.ErrValue, []string{"0 < p ≤ 1"}},
		{"one-bit rank", errOf(problem.RandomOneBit{D1: 2, D2: 2, Rank: 3, P: 1}.New()), lr.ErrRank, []string{"RandomOneBit", "rank 3"}},
		{"negative count", errOf(problem.Poisson{D1: 2, D2: 2, Rank: 1, Rows: []int{0}, Cols: []int{1}, Values: []float64{-3}}.New()), lr.ErrValue, []string{"value 0", "is -3", "count"}},
		{"infinite count", errOf(problem.Poisson{D1: 2, D2: 2, Rank: 1, Rows: []int{0}, Cols: []int{1}, Values: []float64{math.Inf(1)}}.New()), lr.ErrValue, []string{"value 0", "+Inf"}},

		{"no form", errOf(problem.General{Truth: truth, Rank: 1}.New()), lr.ErrEmpty, []string{"there is no form"}},
		{"no M*", errOf(problem.General{Form: form, Rank: 1}.New()), lr.ErrEmpty, []string{"no Truth", "M*"}},
		{"M* of another shape", errOf(problem.General{Form: form, Truth: lr.NewFactors(4, 3, 1), Rank: 1}.New()), lr.ErrShape, []string{"4×3", "3×4"}},
		{"general rank", errOf(problem.General{Form: form, Truth: truth, Rank: 4}.New()), lr.ErrRank, []string{"rank 4"}},
		{"general weight", errOf(problem.General{Form: form, Truth: truth, Rank: 1, Weight: math.NaN()}.New()), lr.ErrValue, []string{"weight NaN"}},

		{"no Grad", errOf(problem.Function{D1: 2, D2: 2, Rank: 1, F: func(*mat.Dense) float64 { return 0 }}.New()), lr.ErrEmpty, []string{"F given: true", "Grad given: false"}},
		{"function without sizes", errOf(entrywise(0, 3, 1, rising).New()), lr.ErrShape, []string{"0×3"}},
		{"function rank", errOf(entrywise(2, 3, 3, rising).New()), lr.ErrRank, []string{"rank 3"}},

		{"no A", errOf(problem.Factorisation{Rank: 1}.New()), lr.ErrEmpty, []string{"no A"}},
		{"nil A", errOf(problem.Factorisation{A: (*mat.Dense)(nil), Rank: 1}.New()), lr.ErrEmpty, []string{"no A"}},
		{"A without entries", errOf(problem.Factorisation{A: &mat.Dense{}, Rank: 1}.New()), lr.ErrEmpty, []string{"no A"}},
		{"NaN in A", errOf(problem.Factorisation{A: nanDense(2, 2), Rank: 1}.New()), lr.ErrValue, []string{"entry (0, 0)", "NaN", "Completion"}},
		{"A not symmetric", errOf(problem.Factorisation{A: mat.NewDense(2, 2, []float64{1, 2, 3, 4}), Rank: 1, Symmetric: true}.New()), lr.ErrValue, []string{"A(1, 0) = 3", "A(0, 1) = 2", "½(A + Aᵀ)"}},
		{"A not square", errOf(problem.Factorisation{A: mat.NewDense(1, 2, nil), Rank: 1, Symmetric: true}.New()), lr.ErrShape, []string{"1×2", "square"}},
		{"factorisation rank", errOf(problem.Factorisation{A: mat.NewDense(1, 2, nil), Rank: 2}.New()), lr.ErrRank, []string{"rank 2"}},

		{"no weights", errOf(problem.WeightedFactorisation{A: mat.NewDense(1, 2, nil), Rank: 1}.New()), lr.ErrEmpty, []string{"no Weights"}},
		{"weights of another shape", errOf(problem.WeightedFactorisation{A: mat.NewDense(1, 2, nil), Weights: mat.NewDense(2, 1, nil), Rank: 1}.New()), lr.ErrShape, []string{"1×2 A", "2×1 Weights"}},
		{"negative weight", errOf(problem.WeightedFactorisation{A: mat.NewDense(1, 2, nil), Weights: mat.NewDense(1, 2, []float64{1, -1}), Rank: 1}.New()), lr.ErrValue, []string{"weight (0, 1)", "-1"}},
		{"NaN with a weight", errOf(problem.WeightedFactorisation{A: nanDense(1, 2), Weights: mat.NewDense(1, 2, []float64{1, 1}), Rank: 1}.New()), lr.ErrValue, []string{"entry (0, 0)", "NaN", "weight 0"}},
		{"no positive weight", errOf(problem.WeightedFactorisation{A: mat.NewDense(1, 2, nil), Weights: mat.NewDense(1, 2, nil), Rank: 1}.New()), lr.ErrEmpty, []string{"no positive weight"}},
		{"weighted rank", errOf(problem.WeightedFactorisation{A: mat.NewDense(1, 2, nil), Weights: mat.NewDense(1, 2, []float64{1, 1}), Rank: 2}.New()), lr.ErrRank, []string{"rank 2"}},

		{"ε too small", errOf(problem.Counterexample{Epsilon: -4}.New()), lr.ErrValue, []string{"Epsilon = -4", "above −3"}},
		{"dimension 1", errOf(problem.Counterexample{D: 1}.New()), lr.ErrShape, []string{"D = 1"}},
	} {
		c.check(t)
	}
}

func errOf(_ lr.Problem, err error) error { return err }

// Hot calls panic on what only a programmer can do wrong.
func TestBadBatches(t *testing.T) {
	for _, p := range []lr.Problem{
		made(t, problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 4}),
		must(t)(problem.RandomOneBit{D1: 2, D2: 2, Rank: 1, P: 1}.New()),
	} {
		b, ok := lr.BatchesOf(p)
		if !ok {
			t.Fatalf("%v has no batches", p)
		}
		for _, terms := range [][]int{nil, {4}, {-1}, {0, 7}} {
			func() {
				defer func() {
					if r := recover(); r == nil || !strings.HasPrefix(r.(string), "problem: GradBatch") {
						t.Errorf("terms %v: the panic is %v", terms, r)
					}
				}()
				b.GradBatch(lr.NewPoint(p), lr.NewPoint(p), terms)
			}()
		}
	}
}
