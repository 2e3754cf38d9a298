package lowrankgo_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
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

// everyAbility is ½‖UVᵀ − A‖² for a 4×5 matrix of rank 2, written as a notebook
// cell would: functions for every ability, in plain loops.
func everyAbility() lr.Funcs {
	truth := &lr.Factors{U: normal("ability U", 4, 2), V: normal("ability V", 5, 2)}
	a := truth.Dense()
	residual := func(x *lr.Factors, i, j int) float64 {
		if x == nil {
			return -a.At(i, j)
		}
		return x.At(i, j) - a.At(i, j)
	}
	// term adds c times the gradient of ½(⟨uᵢ, vⱼ⟩ − aᵢⱼ)², and returns it.
	term := func(dst, x *lr.Factors, i, j int, c float64) float64 {
		e := residual(x, i, j)
		if dst != nil {
			u, v, du, dv := x.U.RawRowView(i), x.V.RawRowView(j), dst.U.RawRowView(i), dst.V.RawRowView(j)
			for k := range u {
				du[k] += c * e * v[k]
				dv[k] += c * e * u[k]
			}
		}
		return e * e / 2
	}
	clear := func(x *lr.Factors) {
		if x != nil {
			x.U.Zero()
			x.V.Zero()
		}
	}
	return lr.Funcs{
		Name: "every ability", D1: 4, D2: 5, Rank: 2, Terms: 20, TruthValue: truth,
		GradFunc: func(dst, x *lr.Factors) (sum float64) {
			clear(dst)
			for i := range 4 {
				for j := range 5 {
					sum += term(dst, x, i, j, 1)
				}
			}
			return sum
		},
		HessFunc: func(dst, x, d *lr.Factors) {
			clear(dst)
			for i := range 4 {
				for j := range 5 {
					e, de := residual(x, i, j), 0.0
					u, v, du, dv := x.U.RawRowView(i), x.V.RawRowView(j), d.U.RawRowView(i), d.V.RawRowView(j)
					for k := range u {
						de += du[k]*v[k] + u[k]*dv[k]
					}
					for k := range u {
						dst.U.RawRowView(i)[k] += de*v[k] + e*dv[k]
						dst.V.RawRowView(j)[k] += de*u[k] + e*du[k]
					}
				}
			}
		},
		MulGradFunc: func(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
			dst.Zero()
			for i := range 4 {
				for j := range 5 {
					to, from := dst.RawRowView, z.RawRowView
					row, col := i, j
					if trans {
						row, col = j, i
					}
					for k, v := range from(col) {
						to(row)[k] += residual(x, i, j) * v
					}
				}
			}
		},
		BatchFunc: func(dst, x *lr.Factors, terms []int) {
			clear(dst)
			for _, t := range terms {
				term(dst, x, t/5, t%5, 20/float64(len(terms)))
			}
		},
		LeastSquaresValue: &lr.LeastSquares{Operator: must(operator.NewIdentity(4, 5)), B: a.RawMatrix().Data, Weight: 1},
		PartsValue:        []lr.Problem{columnsOf(a, 0, 2), columnsOf(a, 2, 5)},
		SplitValue:        &lr.Split{Data: a, Set: lr.SparseSet{Alpha: 0.25}, Weight: 1},
		SparsePartFunc:    func(*lr.Factors) *lr.Sparse { return must(lr.NewSparse(4, 5, nil, nil, nil)) },
	}
}

// columnsOf is ½‖UVᵀ − A‖² for some columns of A.
func columnsOf(a *mat.Dense, from, to int) lr.Problem {
	return must(problem.Factorisation{A: a.Slice(0, 4, from, to), Rank: 2}.New())
}

func TestFuncs(t *testing.T) {
	t.Run("asymmetric", func(t *testing.T) { lowranktest.TestProblem(t, bowl()) })
	t.Run("symmetric", func(t *testing.T) { lowranktest.TestProblem(t, symmetricBowl()) })
	t.Run("every ability", func(t *testing.T) { lowranktest.TestProblem(t, everyAbility()) })
}

// abilities lists what a problem is found to have.
func abilities(p lr.Problem) map[lr.Ability]bool {
	found := map[lr.Ability]bool{}
	_, found[lr.AbilityHessVec] = lr.HessVecOf(p)
	_, found[lr.AbilityMulGrad] = lr.MulGradOf(p)
	_, found[lr.AbilityTruth] = lr.TruthOf(p)
	_, found[lr.AbilityLeastSquares] = lr.LeastSquaresOf(p)
	_, found[lr.AbilityBatches] = lr.BatchesOf(p)
	_, found[lr.AbilityParts] = lr.PartsOf(p)
	_, found[lr.AbilitySplit] = lr.SplitOf(p)
	_, found[lr.AbilitySparsePart] = lr.SparsePartOf(p)
	return found
}

// Fields left nil are abilities that are not claimed: each is claimed by its
// own field, and by no other.
func TestFuncsAbilities(t *testing.T) {
	none, all := lr.Funcs{D1: 4, D2: 5, Rank: 2, GradFunc: everyAbility().GradFunc}, everyAbility()
	for a, set := range map[lr.Ability]func(f *lr.Funcs){
		lr.AbilityHessVec:      func(f *lr.Funcs) { f.HessFunc = all.HessFunc },
		lr.AbilityMulGrad:      func(f *lr.Funcs) { f.MulGradFunc = all.MulGradFunc },
		lr.AbilityTruth:        func(f *lr.Funcs) { f.TruthValue = all.TruthValue },
		lr.AbilityLeastSquares: func(f *lr.Funcs) { f.LeastSquaresValue = all.LeastSquaresValue },
		lr.AbilityBatches:      func(f *lr.Funcs) { f.BatchFunc, f.Terms = all.BatchFunc, all.Terms },
		lr.AbilityParts:        func(f *lr.Funcs) { f.PartsValue = all.PartsValue },
		lr.AbilitySplit:        func(f *lr.Funcs) { f.SplitValue = all.SplitValue },
		lr.AbilitySparsePart:   func(f *lr.Funcs) { f.SparsePartFunc = all.SparsePartFunc },
	} {
		f := none
		set(&f)
		if err := f.Check(); err != nil {
			t.Errorf("%v alone: %v", a, err)
		}
		for b, has := range abilities(f) {
			if has != (a == b) {
				t.Errorf("with %v alone: %v is %t", a, b, has)
			}
		}
		if !abilities(all)[a] || abilities(none)[a] {
			t.Errorf("%v: %t with all fields, %t with none", a, abilities(all)[a], abilities(none)[a])
		}
	}
	if lr.Has(all.NewEval(), lr.Ability(99)) {
		t.Error("an unknown ability is claimed")
	}
	for _, p := range []lr.Funcs{bowl(), symmetricBowl()} {
		if lr.NewPoint(p).Symmetric() != p.Sym || lr.SymmetricOf(p) != p.Sym {
			t.Errorf("%v: symmetric is not %t", p, p.Sym)
		}
	}
	if got := symmetricBowl().String(); got != "Funcs" {
		t.Errorf("a problem without a name prints as %q", got)
	}
	if got := bowl().String(); got != "bowl" {
		t.Errorf("a problem with a name prints as %q", got)
	}
}

// Calls with shapes or terms that do not fit panic before they reach the
// functions.
func TestFuncsShapes(t *testing.T) {
	p := everyAbility()
	m, _ := lr.MulGradOf(p)
	b, _ := lr.BatchesOf(p)
	x, wrong := lr.NewPoint(p), lr.NewFactors(4, 4, 2)
	for name, call := range map[string]func(){
		"MulGrad at another shape":     func() { m.MulGrad(x.U, false, wrong, x.V) },
		"MulGrad into another shape":   func() { m.MulGrad(x.V, false, x, x.V) },
		"MulGrad of another shape":     func() { m.MulGrad(x.U, false, x, x.U) },
		"MulGrad, transposed":          func() { m.MulGrad(x.U, true, x, x.V) },
		"MulGrad of other columns":     func() { m.MulGrad(x.U, false, x, mat.NewDense(5, 3, nil)) },
		"GradBatch of term 20":         func() { b.GradBatch(x, x, []int{3, 20}) },
		"GradBatch of term −1":         func() { b.GradBatch(x, x, []int{-1}) },
		"GradBatch at another shape":   func() { b.GradBatch(x, wrong, []int{0}) },
		"GradBatch into another shape": func() { b.GradBatch(wrong, x, []int{0}) },
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "lowrankgo: every ability") {
					t.Errorf("%s: the panic is %q; want one that names the problem", name, p)
				}
			}()
			call()
		}()
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
		{"batches without Terms", func(f *lr.Funcs) { f.BatchFunc = func(_, _ *lr.Factors, _ []int) {} }, lr.ErrValue, "Terms = 0"},
		{"Terms without batches", func(f *lr.Funcs) { f.Terms = 3 }, lr.ErrEmpty, "no BatchFunc"},
		{"good squares", func(f *lr.Funcs) { f.LeastSquaresValue = squares(2, 2, 4, 1, 0) }, nil, ""},
		{"squares without an operator", func(f *lr.Funcs) { f.LeastSquaresValue = &lr.LeastSquares{} }, lr.ErrEmpty, "no operator"},
		{"squares of another shape", func(f *lr.Funcs) { f.LeastSquaresValue = squares(3, 2, 6, 1, 0) }, lr.ErrShape, "measures 3×2"},
		{"squares of another length", func(f *lr.Funcs) { f.LeastSquaresValue = squares(2, 2, 5, 1, 0) }, lr.ErrShape, "5 numbers in B for 4"},
		{"squares without weight", func(f *lr.Funcs) { f.LeastSquaresValue = squares(2, 2, 4, 0, 0) }, lr.ErrValue, "Weight = 0"},
		{"squares of weight NaN", func(f *lr.Funcs) { f.LeastSquaresValue = squares(2, 2, 4, math.NaN(), 0) }, lr.ErrValue, "Weight = NaN"},
		{"squares of negative ridge", func(f *lr.Funcs) { f.LeastSquaresValue = squares(2, 2, 4, 1, -1) }, lr.ErrValue, "Ridge = -1"},
		{"good parts", func(f *lr.Funcs) { f.PartsValue = parts(2, 1, 1) }, nil, ""},
		{"parts that are too few", func(f *lr.Funcs) { f.PartsValue = parts(2, 1) }, lr.ErrShape, "1 columns together, want 2"},
		{"parts of other rows", func(f *lr.Funcs) { f.PartsValue = parts(3, 1, 1) }, lr.ErrShape, "part 0"},
		{"a part that is nil", func(f *lr.Funcs) { f.PartsValue = []lr.Problem{nil} }, lr.ErrEmpty, "part 0"},
		{"parts of a symmetric problem", func(f *lr.Funcs) { f.Sym, f.PartsValue = true, parts(2, 1, 1) }, lr.ErrShape, "symmetric"},
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

// squares is a least-squares form of n numbers by the identity.
func squares(d1, d2, n int, weight, ridge float64) *lr.LeastSquares {
	return &lr.LeastSquares{Operator: must(operator.NewIdentity(d1, d2)), B: make([]float64, n), Weight: weight, Ridge: ridge}
}

// parts are problems of rank 1 with so many columns.
func parts(d1 int, widths ...int) (out []lr.Problem) {
	for _, w := range widths {
		out = append(out, lr.Funcs{D1: d1, D2: w, Rank: 1, GradFunc: bowl().GradFunc})
	}
	return out
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
