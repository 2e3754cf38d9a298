package lowrankgo_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"gonum.org/v1/gonum/mat"
)

// symmetricBowl is ½‖U‖², with second derivatives.
func symmetricBowl() lr.Funcs {
	return lr.Funcs{
		D1: 3, Rank: 2, Sym: true,
		GradFunc: func(dst, x *lr.Factors) float64 {
			if dst != nil {
				dst.CopyFrom(x)
			}
			return x.Dot(x) / 2
		},
		HessFunc:   func(dst, _, d *lr.Factors) { dst.CopyFrom(d) },
		TruthValue: lr.NewSymmetric(3, 1),
	}
}

func TestFuncs(t *testing.T) {
	t.Run("asymmetric", func(t *testing.T) { lowranktest.TestProblem(t, bowl()) })
	t.Run("symmetric", func(t *testing.T) { lowranktest.TestProblem(t, symmetricBowl()) })
}

// Fields left nil are abilities that are not claimed.
func TestFuncsAbilities(t *testing.T) {
	for name, c := range map[string]struct {
		p                lr.Funcs
		hess, truth, sym bool
	}{
		"bowl": {bowl(), false, false, false}, "symmetric bowl": {symmetricBowl(), true, true, true},
	} {
		_, hess := lr.HessVecOf(c.p)
		_, mul := lr.MulGradOf(c.p)
		x, truth := lr.TruthOf(c.p)
		if hess != c.hess || mul || truth != c.truth || (x != nil) != truth || lr.SymmetricOf(c.p) != c.sym {
			t.Errorf("%s: HessVec %t, MulGrad %t, truth %t, symmetric %t", name, hess, mul, truth, lr.SymmetricOf(c.p))
		}
		if lr.NewPoint(c.p).Symmetric() != c.sym {
			t.Errorf("%s: NewPoint gives another kind of factors", name)
		}
	}
	if got := symmetricBowl().String(); got != "Funcs" {
		t.Errorf("a problem without a name prints as %q", got)
	}
	if got := bowl().String(); got != "bowl" {
		t.Errorf("a problem with a name prints as %q", got)
	}
}

// partial has all methods and says which may be called.
type partial struct {
	lr.Funcs
	may map[lr.Ability]bool
}

type partialEval struct {
	lr.Evaluator
	p partial
}

func (p partial) Has(a lr.Ability) bool                                         { return p.may[a] }
func (p partial) NewEval() lr.Evaluator                                         { return partialEval{p.Funcs.NewEval(), p} }
func (e partialEval) Has(a lr.Ability) bool                                     { return e.p.may[a] }
func (e partialEval) HessVec(_, _, _ *lr.Factors)                               {}
func (e partialEval) MulGrad(_ *mat.Dense, _ bool, _ *lr.Factors, _ *mat.Dense) {}

func TestPartial(t *testing.T) {
	for _, a := range []lr.Ability{lr.AbilityHessVec, lr.AbilityMulGrad, lr.AbilityTruth} {
		p := partial{symmetricBowl(), map[lr.Ability]bool{a: true}}
		_, hess := lr.HessVecOf(p)
		_, mul := lr.MulGradOf(p)
		_, truth := lr.TruthOf(p)
		if hess != (a == lr.AbilityHessVec) || mul != (a == lr.AbilityMulGrad) || truth != (a == lr.AbilityTruth) {
			t.Errorf("with %v alone: HessVec %t, MulGrad %t, truth %t", a, hess, mul, truth)
		}
	}
	if lr.Ability(99).String() != "unknown ability" {
		t.Errorf("ability 99 prints as %q", lr.Ability(99))
	}
}

func TestFuncsCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*lr.Funcs)
		kind   error
		says   string
	}{
		{"good", func(*lr.Funcs) {}, nil, ""},
		{"rank above the sizes", func(f *lr.Funcs) { f.Rank = 3 }, lr.ErrRank, "Rank = 3"},
		{"no rank", func(f *lr.Funcs) { f.Rank = 0 }, lr.ErrRank, "Rank = 0"},
		{"negative size", func(f *lr.Funcs) { f.D2 = -1 }, lr.ErrRank, "D2 = -1"},
		{"no GradFunc", func(f *lr.Funcs) { f.GradFunc = nil }, lr.ErrEmpty, "GradFunc"},
		{"truth of another shape", func(f *lr.Funcs) { f.TruthValue = lr.NewFactors(3, 2, 1) }, lr.ErrShape, "3×2"},
		{"truth without U", func(f *lr.Funcs) { f.TruthValue = &lr.Factors{} }, lr.ErrShape, "no U"},
		{"truth of another rank", func(f *lr.Funcs) { f.TruthValue = lr.NewFactors(2, 2, 2) }, nil, ""},
	} {
		f := bowl()
		c.change(&f)
		err := f.Check()
		if !errors.Is(err, c.kind) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v; want one that wraps %v and says %q", c.name, err, c.kind, c.says)
		}
		if same := lr.CheckProblem(f); (same == nil) != (err == nil) {
			t.Errorf("%s: CheckProblem says %v", c.name, same)
		}
	}
}

// rectangle claims to be symmetric.
type rectangle struct{ oddProblem }

func (rectangle) Symmetric() bool { return true }

func TestCheckProblem(t *testing.T) {
	if err := lr.CheckProblem(rectangle{oddProblem{3, 2, 1}}); !errors.Is(err, lr.ErrShape) || !strings.Contains(err.Error(), "3×2") {
		t.Errorf("a symmetric 3×2 problem gives %v", err)
	}
	if err := lr.CheckProblem(oddProblem{3, 2, 1}); err != nil {
		t.Errorf("a good problem without further abilities gives %v", err)
	}
	var missing *oddPointer // what an ignored error leaves
	for _, p := range []lr.Problem{nil, missing} {
		if err := lr.CheckProblem(p); !errors.Is(err, lr.ErrEmpty) {
			t.Errorf("no problem (%T) gives %v", p, err)
		}
	}
}

type oddPointer struct{ oddProblem }

// TestStream: a stream depends on its seed, name and index, and on nothing
// else; the numbers themselves are part of the promise.
func TestStream(t *testing.T) {
	first := map[float64]string{}
	for name, v := range map[string]float64{
		"seed 1 a":     lr.Stream(1, "a").NormFloat64(),
		"seed 2 a":     lr.Stream(2, "a").NormFloat64(),
		"seed 1 b":     lr.Stream(1, "b").NormFloat64(),
		"seed 1 a 0":   lr.Stream(1, "a", 0).NormFloat64(),
		"seed 1 a 1":   lr.Stream(1, "a", 1).NormFloat64(),
		"seed 1 a 0 0": lr.Stream(1, "a", 0, 0).NormFloat64(),
	} {
		if other, seen := first[v]; seen {
			t.Errorf("%s and %s begin with the same number", name, other)
		}
		first[v] = name
	}
	m := lr.NormalMatrix(lr.Stream(1, "a"), 2, 3)
	rng := lr.Stream(1, "a")
	for i := range 2 {
		for j := range 3 {
			if v := rng.NormFloat64(); math.Float64bits(m.At(i, j)) != math.Float64bits(v) {
				t.Errorf("entry (%d, %d) is %g, want the stream's %g, row by row", i, j, m.At(i, j), v)
			}
		}
	}
	if got := lr.Stream(1, "golden").Uint64(); got != 7289859989468142954 {
		t.Errorf("the first number of a stream is %d", got)
	}
}
