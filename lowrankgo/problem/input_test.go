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
	balance := func(p lr.Problem, mu float64) error {
		_, err := problem.Balance{Of: p, Mu: mu}.New()
		return err
	}
	uneven := &lr.Factors{U: mat.NewDense(3, 2, nil), V: mat.NewDense(4, 1, nil)}
	for _, c := range []struct {
		name string
		err  error
		kind error
		says []string
	}{
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

		{"balance of nothing", balance(nil, 1), lr.ErrEmpty, []string{"there is no problem"}},
		{"balance of symmetric", balance(symmetric, 1), lr.ErrShape, []string{"symmetric", "nothing to balance"}},
		{"balance of μ = 0", balance(good, 0), lr.ErrValue, []string{"Mu = 0", "the problem itself"}},
		{"balance of μ < 0", balance(good, -1), lr.ErrValue, []string{"Mu = -1", "positive"}},
		{"balance of μ = ∞", balance(good, math.Inf(1)), lr.ErrValue, []string{"Mu = +Inf"}},
		{"balance of μ = NaN", balance(good, math.NaN()), lr.ErrValue, []string{"Mu = NaN"}},
		{"balance of a problem without sizes", balance(lr.Funcs{}, 1), lr.ErrRank, []string{"D1 = 0"}},
	} {
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
}

func nanDense(r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	m.Set(0, 0, math.NaN())
	return m
}
