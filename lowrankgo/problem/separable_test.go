package problem_test

import (
	"errors"
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// sensings are parts with rows d1, columns m, and rank r, with a truth each.
func sensings(t fataler, seed uint64, d1, r int, m ...int) []lr.Problem {
	t.Helper()
	var parts []lr.Problem
	for j, mj := range m {
		p, err := problem.GaussianSensing{D1: d1, D2: mj, Rank: r, M: 6 + j, Seed: seed + uint64(j)}.New()
		parts = append(parts, ok(t, p, err))
	}
	return parts
}

// stacked is a sum over blocks of m columns, of rank 2.
func stacked(t fataler, d1 int, m ...int) *problem.Stacked {
	t.Helper()
	s, err := problem.Separable{Parts: sensings(t, 1, d1, 2, m...)}.New()
	return ok(t, s, err)
}

func TestSeparableSuite(t *testing.T) {
	one := stacked(t, 6, 4)
	three := stacked(t, 6, 4, 2, 3)
	nested, err := problem.Separable{Parts: []lr.Problem{three, three}}.New()
	completions, err2 := problem.Separable{Parts: []lr.Problem{
		made(t, problem.RandomCompletion{D1: 80, D2: 60, Rank: 2, P: 0.3, Seed: 1}),
		made(t, problem.RandomCompletion{D1: 80, D2: 20, Rank: 2, P: 0.3, Seed: 2}),
	}}.New()
	mixed, err3 := problem.Separable{Parts: []lr.Problem{one, wrappers(t, one)["ridge"], wrappers(t, one)["linear"]}}.New()
	for name, p := range map[string]lr.Problem{
		"one part": one, "three parts": three, "sums of sums": ok(t, nested, err),
		"completions": ok(t, completions, err2), "parts with regularisers": ok(t, mixed, err3),
		"balanced": balanced(t, three, 0.5), "linear": wrappers(t, three)["linear"],
	} {
		t.Run(name, func(t *testing.T) { conforms(t, p) })
	}
}

// rowsOf are copies of the rows [from, to).
func rowsOf(a *mat.Dense, from, to int) *mat.Dense {
	_, r := a.Dims()
	return mat.DenseCopyOf(a.Slice(from, to, 0, r))
}

// separableTwin is the definition: the parts one by one at copies of their
// factors.
func separableTwin(t fataler, parts []lr.Problem) twin {
	return func(x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
		grad, hess = x.Clone(), x.Clone()
		grad.Scale(0)
		hess.Scale(0)
		from := 0
		for _, p := range parts {
			_, m, _ := p.Dims()
			v, g, h := derivatives(t, p,
				&lr.Factors{U: x.U, V: rowsOf(x.V, from, from+m)},
				&lr.Factors{U: d.U, V: rowsOf(d.V, from, from+m)})
			value += v
			grad.U.Add(grad.U, g.U)
			hess.U.Add(hess.U, h.U)
			for i := range m {
				grad.V.SetRow(from+i, g.V.RawRowView(i))
				hess.V.SetRow(from+i, h.V.RawRowView(i))
			}
			from += m
		}
		return value, grad, hess
	}
}

func TestSeparableTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1 := rapid.IntRange(1, 5).Draw(t, "d1")
		r := rapid.IntRange(1, d1).Draw(t, "r")
		m := rapid.SliceOfN(rapid.IntRange(r, 6), 1, 4).Draw(t, "m")
		seed := rapid.Uint64().Draw(t, "seed")
		parts := sensings(t, seed, d1, r, m...)
		s, err := problem.Separable{Parts: parts}.New()
		agree(t, ok(t, s, err), separableTwin(t, parts), randomPoint(s, seed, "x"), randomPoint(s, seed, "d"))
	})
}

// One problem cut into its columns is the whole again: completion, whose
// entries fall into blocks.
func TestSeparableIsTheWhole(t *testing.T) {
	whole := problem.Completion{D1: 5, D2: 6, Rank: 2, P: 0.5}
	cut := []problem.Completion{{D1: 5, D2: 2, Rank: 2, P: 0.5}, {D1: 5, D2: 4, Rank: 2, P: 0.5}}
	rng := lr.Stream(1, "values")
	for i := range 5 {
		for j := range 6 {
			if rng.Float64() < 0.4 {
				continue
			}
			v := rng.NormFloat64()
			whole.Rows, whole.Cols, whole.Values = append(whole.Rows, i), append(whole.Cols, j), append(whole.Values, v)
			c, col := &cut[0], j
			if j >= 2 {
				c, col = &cut[1], j-2
			}
			c.Rows, c.Cols, c.Values = append(c.Rows, i), append(c.Cols, col), append(c.Values, v)
		}
	}
	s, err := problem.Separable{Parts: []lr.Problem{made(t, cut[0]), made(t, cut[1])}}.New()
	p := made(t, whole)
	x := randomPoint(p, 1, "x")
	agree(t, ok(t, s, err), of(t, p), x, randomPoint(p, 1, "d"))
	sameMulGrad(t, s, p, x)
}

// Parts may have fewer columns than the rank: the rows of V are still their
// own, and the whole has enough.
func TestSeparableNarrowParts(t *testing.T) {
	one := func(seed uint64) lr.Problem {
		n := lr.NormalMatrix(lr.Stream(seed, "A"), 3, 1)
		return slowPart([][][]float64{{{n.At(0, 0)}, {n.At(1, 0)}, {n.At(2, 0)}}}, []float64{1}, 2)
	}
	parts := []lr.Problem{one(1), one(2), one(3)}
	s, err := problem.Separable{Parts: parts}.New()
	agree(t, ok(t, s, err), separableTwin(t, parts), randomPoint(s, 1, "x"), randomPoint(s, 1, "d"))
	if _, err := (problem.Separable{Parts: []lr.Problem{one(1)}}).New(); !errors.Is(err, lr.ErrRank) {
		t.Errorf("one column and rank 2: %v", err)
	}
}

func TestSeparableBatches(t *testing.T) {
	s := stacked(t, 5, 3, 2, 4)
	b := batchesOf(t, s)
	if b.Terms() != 6+7+8 {
		t.Errorf("%d terms, want 21", b.Terms())
	}
	averages(t, "separable", s, b)
	w := wrappers(t, stacked(t, 5, 3))["ridge"]
	mixed, err := problem.Separable{Parts: []lr.Problem{s, w}}.New()
	if _, has := lr.BatchesOf(ok(t, mixed, err)); has {
		t.Error("batches are claimed though a part has a regulariser")
	}
	whole := wrappers(t, s)["ridge"]
	averages(t, "ridge over separable", whole, batchesOf(t, whole))
}

// The truth is the matrix whose blocks are the truths of the parts, at the rank
// that it has.
func TestSeparableTruth(t *testing.T) {
	s := stacked(t, 7, 3, 2)
	x, has := lr.TruthOf(s)
	if !has || x.Rank() != 4 {
		t.Fatalf("truth %t of rank %d; want rank 2 + 2", has, x.Rank())
	}
	from := 0
	for _, p := range s.Parts() {
		_, m, _ := p.Dims()
		want, _ := lr.TruthOf(p)
		near(t, "a block", 1e-12, mat.DenseCopyOf(x.Dense().Slice(0, 7, from, from+m)), want.Dense())
		from += m
	}

	// Parts with one U*: its rank, and exactly its factors.
	u := lr.NormalMatrix(lr.Stream(1, "U"), 4, 2)
	part := func(m int, u *mat.Dense) lr.Problem {
		return lr.Funcs{
			D1: 4, D2: m, Rank: 2, GradFunc: func(_, _ *lr.Factors) float64 { return 0 },
			TruthValue: &lr.Factors{U: u, V: lr.NormalMatrix(lr.Stream(uint64(m), "V"), m, 2)},
		}
	}
	common, err := problem.Separable{Parts: []lr.Problem{part(3, u), part(2, u)}}.New()
	x, _ = lr.TruthOf(ok(t, common, err))
	if !mat.Equal(x.U, u) || x.Rank() != 2 {
		t.Error("with a common U* the truth does not have it")
	}

	// Parts with U* and U*G: the rank shows that the column space is common.
	turned := product(u, mat.NewDense(2, 2, []float64{1, 2, 0, 1}))
	gauge, err := problem.Separable{Parts: []lr.Problem{part(3, u), part(2, turned)}}.New()
	if x, _ = lr.TruthOf(ok(t, gauge, err)); x.Rank() != 2 {
		t.Errorf("with U* and U*G the truth has rank %d, want 2", x.Rank())
	}

	unknown, err := problem.Separable{Parts: []lr.Problem{part(3, u), nothing(4, 2, 2)}}.New()
	if _, has := lr.TruthOf(ok(t, unknown, err)); has {
		t.Error("a truth is claimed though one part has none")
	}
	given := lr.NewFactors(4, 5, 1)
	told, err := problem.Separable{Parts: []lr.Problem{part(3, u), nothing(4, 2, 2)}, Truth: given}.New()
	x, _ = lr.TruthOf(ok(t, told, err))
	given.U.Set(0, 0, 7)
	if x == nil || x.U.At(0, 0) != 0 {
		t.Error("the truth given is not there, or follows the caller's matrix")
	}
}

func TestSeparableParts(t *testing.T) {
	s := stacked(t, 5, 3, 2)
	parts, has := lr.PartsOf(s)
	if !has || len(parts) != 2 {
		t.Fatalf("%d parts, %t", len(parts), has)
	}
	parts[0] = nil
	if again, _ := lr.PartsOf(s); again[0] == nil {
		t.Error("the parts follow what the caller does with the list")
	}
	if got, want := fmt.Sprint(s), "Separable(2 parts, 5×5, rank 2; part 0: Sensing(Gaussian(6 measurements of 5×3), rank 2, M = UVᵀ, weight 1))"; got != want {
		t.Errorf("prints %q, want %q", got, want)
	}
	bare := lr.Funcs{D1: 5, D2: 2, Rank: 2, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	mixed, err := problem.Separable{Parts: []lr.Problem{parts[1], bare}}.New()
	_, h := lr.HessVecOf(ok(t, mixed, err))
	_, m := lr.MulGradOf(mixed)
	_, b := lr.BatchesOf(mixed)
	if h || m || b {
		t.Errorf("with a bare part: HessVec %t, MulGrad %t, Batches %t; want none", h, m, b)
	}
}
