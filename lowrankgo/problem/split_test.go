package problem_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func madeSplit(t testing.TB, c problem.RobustPCA) *problem.Split {
	t.Helper()
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// splitAgrees holds a problem with the threshold rule against the definition at
// some points, each of them twice and in turns, so that what an evaluator
// remembers is at work too.
func splitAgrees(t fataler, p *problem.Split, n *naiveSplit, points []*lr.Factors) {
	t.Helper()
	e := p.NewEval().(interface {
		lr.HessVec
		lr.MulGrad
		lr.SparsePart
	})
	for round := range 2 * len(points) {
		x := points[round%len(points)]
		at := fmt.Sprintf(" at point %d", round%len(points))
		want := n.at(x)
		if round == 1 {
			near(t, "value alone"+at, 1e-12, scalar(e.Grad(nil, x)), scalar(want))
		}
		got, grad := x.Clone(), x.Clone()
		near(t, "value"+at, 1e-12, scalar(e.Grad(got, x)), scalar(want))
		n.grad(grad, x)
		nearFactors(t, "gradient"+at, 1e-11, got, grad)
		near(t, "S"+at, 1e-12, e.SparsePart(x).Dense(), n.s)
		d := points[(round+1)%len(points)]
		hess := x.Clone()
		e.HessVec(got, x, d)
		n.hess(hess, x, d, false)
		nearFactors(t, "Hessian product"+at, 1e-11, got, hess)
		mulGradAgrees(t, e, n, x, at)
	}
}

func mulGradAgrees(t fataler, e lr.MulGrad, n *naiveSplit, x *lr.Factors, at string) {
	t.Helper()
	d1, d2 := n.g.Dims()
	rng := rand.New(rand.NewPCG(1, 2))
	z, w := lr.NormalMatrix(rng, d2, 3), lr.NormalMatrix(rng, d1, 2)
	got, want := mat.NewDense(d1, 3, nil), mat.NewDense(d1, 3, nil)
	e.MulGrad(got, false, x, z)
	want.Mul(n.g, z)
	near(t, "∇f·Z"+at, 1e-11, got, want)
	got, want = mat.NewDense(d2, 2, nil), mat.NewDense(d2, 2, nil)
	e.MulGrad(got, true, x, w)
	want.Mul(n.g.T(), w)
	near(t, "∇fᵀ·W"+at, 1e-11, got, want)
}

// holey is a matrix of normal numbers with gaps.
func holey(rng *rand.Rand, d1, d2 int, seen float64) *mat.Dense {
	m := lr.NormalMatrix(rng, d1, d2)
	m.Apply(func(_, _ int, v float64) float64 {
		switch {
		case rng.Float64() >= seen:
			return math.NaN()
		case rng.Float64() < 0.1:
			return 10 * v
		}
		return v
	}, m)
	return m
}

func randomPoints(rng *rand.Rand, d1, d2, r int, symmetric bool, count int) []*lr.Factors {
	all := make([]*lr.Factors, count)
	for k := range all {
		all[k] = &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
		if !symmetric {
			all[k].V = lr.NormalMatrix(rng, d2, r)
		}
		all[k].Scale(0.5)
	}
	return all
}

// The passes over tiles agree with the definition: at shapes of one block and of
// many, with rows that fill no tile, gaps, a cap, ranks up to and above the four
// that a loop takes at a time, and as lists.
func TestSplitAgreesWithTheDefinition(t *testing.T) {
	for name, c := range map[string]struct {
		d1, d2, r  int
		seen       float64
		alpha, cap float64
		symmetric  bool
	}{
		"small":          {7, 5, 2, 1, 0.3, 0, false},
		"capped":         {9, 6, 1, 1, 0.3, 1.5, false},
		"gaps":           {11, 8, 3, 0.7, 0.4, 0, false},
		"gaps, capped":   {11, 8, 5, 0.7, 0.4, 2, false},
		"symmetric":      {9, 9, 2, 1, 0.3, 0, true},
		"symmetric gaps": {9, 9, 4, 0.6, 0.3, 1, true},
		"one row":        {1, 12, 1, 1, 1, 1, false},
		"one column":     {13, 1, 1, 1, 1, 0.5, false},
		"blocks":         {210, 160, 6, 1, 0.1, 0, false},
		"blocks, gaps":   {150, 230, 3, 0.5, 0.2, 3, false},
		"long rows":      {40, 2100, 2, 1, 0.05, 0, false},
		"long columns":   {2100, 35, 2, 0.9, 0.05, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			rng := lr.Stream(7, name)
			data := holey(rng, c.d1, c.d2, c.seen)
			n := &naiveSplit{data: data, set: lr.SparseSet{Alpha: c.alpha, Cap: c.cap}}
			points := randomPoints(rng, c.d1, c.d2, c.r, c.symmetric, 3)
			of := problem.RobustPCA{Data: data, Rank: c.r, Alpha: c.alpha, Cap: c.cap, Symmetric: c.symmetric}
			t.Run("dense", func(t *testing.T) { splitAgrees(t, madeSplit(t, of), n, points) })
			t.Run("computed", func(t *testing.T) {
				of := of
				of.Data = computed{data}
				splitAgrees(t, madeSplit(t, of), n, points)
			})
			t.Run("listed", func(t *testing.T) {
				of := of
				seen, err := operator.NewObserved(data)
				if err != nil {
					t.Fatal(err)
				}
				of.Data, of.Mask, of.Values = nil, seen.Mask, seen.Values
				splitAgrees(t, madeSplit(t, of), n, points)
			})
		})
	}
}

// Any shape, set and gaps, at points so far apart that what is remembered of one
// is of no use at the next.
func TestSplitAgreesAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 40).Draw(t, "d1"), rapid.IntRange(1, 40).Draw(t, "d2")
		r := rapid.IntRange(1, min(d1, d2, 6)).Draw(t, "r")
		least := 1 / float64(min(d1, d2))
		set := lr.SparseSet{
			Alpha: rapid.Float64Range(least, 1).Draw(t, "alpha"),
			Cap:   rapid.SampledFrom([]float64{0.1, 1, 10}).Draw(t, "cap"),
		}
		rng := lr.Stream(rapid.Uint64().Draw(t, "seed"), "anywhere")
		data := holey(rng, d1, d2, rapid.SampledFrom([]float64{1, 0.9, 0.3}).Draw(t, "seen"))
		data.Set(0, 0, 1)
		p, err := problem.RobustPCA{Data: data, Rank: r, Alpha: set.Alpha, Cap: set.Cap}.New()
		if err != nil {
			t.Fatal(err)
		}
		points := randomPoints(rng, d1, d2, r, false, 3)
		points[1].Scale(rapid.SampledFrom([]float64{1e-3, 1, 1e3}).Draw(t, "scale"))
		splitAgrees(t, p, &naiveSplit{data: data, set: set}, points)
	})
}

// computed is a matrix that is read entry by entry.
type computed struct{ of *mat.Dense }

func (c computed) Dims() (d1, d2 int)  { return c.of.Dims() }
func (c computed) At(i, j int) float64 { return c.of.At(i, j) }
func (c computed) T() mat.Matrix       { return mat.Transpose{Matrix: c} }

// Small whole numbers make ties, in S and with 0, whose order is a rule.
func TestSplitTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(2, 9).Draw(t, "d1"), rapid.IntRange(2, 9).Draw(t, "d2")
		whole := func(name string, rows, cols, most int) *mat.Dense {
			m := mat.NewDense(rows, cols, nil)
			m.Apply(func(_, _ int, _ float64) float64 { return float64(rapid.IntRange(-most, most).Draw(t, name)) }, m)
			return m
		}
		data := whole("data", d1, d2, 2)
		data.Set(0, 0, 1)
		for range rapid.IntRange(0, 4).Draw(t, "missing") {
			data.Set(rapid.IntRange(1, d1-1).Draw(t, "i"), rapid.IntRange(1, d2-1).Draw(t, "j"), math.NaN())
		}
		set := lr.SparseSet{Alpha: 0.5, Cap: rapid.SampledFrom([]float64{0, 1}).Draw(t, "cap")}
		p, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.5, Cap: set.Cap}.New()
		if err != nil {
			t.Fatal(err)
		}
		seen, err := operator.NewObserved(data)
		if err != nil {
			t.Fatal(err)
		}
		q, err := problem.RobustPCA{Mask: seen.Mask, Values: seen.Values, Rank: 1, Alpha: 0.5, Cap: set.Cap}.New()
		if err != nil {
			t.Fatal(err)
		}
		x := &lr.Factors{U: whole("u", d1, 1, 1), V: whole("v", d2, 1, 1)}
		y := &lr.Factors{U: whole("u", d1, 1, 1), V: whole("v", d2, 1, 1)}
		n := &naiveSplit{data: data, set: set}
		splitAgrees(t, p, n, []*lr.Factors{x, y})
		splitAgrees(t, q, n, []*lr.Factors{x, y})
		want, err := sparse.Project(t.Context(), n.residual(x), set, sparse.Threshold)
		if err != nil {
			t.Fatal(err)
		}
		e, _ := lr.SparsePartOf(p)
		if got := e.SparsePart(x); !mat.Equal(got, want) {
			t.Errorf("S is\n%v\nand sparse.Project's\n%v", mat.Formatted(got), mat.Formatted(want))
		}
	})
}

// By the other rules S is what package sparse makes of the residual.
func TestSplitByOtherRules(t *testing.T) {
	for _, rule := range []sparse.Rule{sparse.Greedy, sparse.Exact} {
		for name, seen := range map[string]float64{"whole": 1, "gaps": 0.7} {
			t.Run(fmt.Sprintf("%v, %s", rule, name), func(t *testing.T) {
				rng := lr.Stream(3, name)
				data := holey(rng, 12, 9, seen)
				n := &naiveSplit{data: data, set: lr.SparseSet{Alpha: 0.35, Cap: 4}}
				p := madeSplit(t, problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.35, Cap: 4, Projection: rule})
				h, _ := lr.HessVecOf(p)
				for _, x := range randomPoints(rng, 12, 9, 2, false, 3) {
					left := n.residual(x)
					s, err := sparse.Project(t.Context(), left, n.set, rule)
					if err != nil {
						t.Fatal(err)
					}
					want, grad, got := n.with(left, s.Dense()), x.Clone(), x.Clone()
					near(t, "value", 1e-12, scalar(h.Grad(got, x)), scalar(want))
					n.grad(grad, x)
					nearFactors(t, "gradient", 1e-11, got, grad)
					h.HessVec(got, x, x)
					n.hess(grad, x, x, false)
					nearFactors(t, "Hessian product", 1e-11, got, grad)
					near(t, "S", 1e-12, h.(lr.SparsePart).SparsePart(x).Dense(), s.Dense())
				}
			})
		}
	}
}
