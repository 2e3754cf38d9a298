package problem_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

func constant(d1, d2 int, v float64) *mat.Dense {
	m := mat.NewDense(d1, d2, nil)
	m.Apply(func(_, _ int, _ float64) float64 { return v }, m)
	return m
}

// What cannot be a problem is refused by an error that names it.
func TestRobustPCAInput(t *testing.T) {
	infinite := constant(5, 4, 1)
	infinite.Set(3, 2, math.Inf(-1))
	mask, _, err := operator.NewMask(5, 4, []int{0, 2}, []int{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	data := constant(5, 4, 1)
	for want, c := range map[string]problem.RobustPCA{
		"no Data":              {Rank: 1, Alpha: 0.3},
		"it is nil":            {Data: (*mat.Dense)(nil), Rank: 1, Alpha: 0.3},
		"also a Mask":          {Data: data, Mask: mask, Values: []float64{1, 2}, Rank: 1, Alpha: 0.3},
		"but no Mask":          {Data: data, Values: []float64{1}, Rank: 1, Alpha: 0.3},
		"3 values for 2":       {Mask: mask, Values: []float64{1, 2, 3}, Rank: 1, Alpha: 0.3},
		"value 1 of RobustPCA": {Mask: mask, Values: []float64{1, math.NaN()}, Rank: 1, Alpha: 0.3},
		"(3, 2)":               {Data: infinite, Rank: 1, Alpha: 0.3},
		"all entries":          {Data: constant(5, 4, math.NaN()), Rank: 1, Alpha: 0.3},
		"rank 0":               {Data: data, Alpha: 0.3},
		"rank 5":               {Data: data, Rank: 5, Alpha: 0.3},
		"Alpha = 0":            {Data: data, Rank: 1},
		"Alpha = 1.5":          {Data: data, Rank: 1, Alpha: 1.5},
		"Alpha = NaN":          {Data: data, Rank: 1, Alpha: math.NaN()},
		"no Cap":               {Data: data, Rank: 1, Alpha: 1},
		"Gamma = 0.5":          {Data: data, Rank: 1, Alpha: 0.3, Gamma: 0.5},
		"Cap = -1":             {Data: data, Rank: 1, Alpha: 0.3, Cap: -1},
		"Gamma·Alpha ≥ 0.25":   {Data: data, Rank: 1, Alpha: 0.1},
		"is symmetric":         {Data: data, Rank: 1, Alpha: 0.3, Symmetric: true},
		"Projection 7":         {Data: data, Rank: 1, Alpha: 0.3, Projection: 7},
		"listed entries":       {Mask: mask, Values: []float64{1, 2}, Rank: 1, Alpha: 0.3, Projection: sparse.Exact},
		"the truth is 4×4":     {Data: data, Rank: 1, Alpha: 0.3, Truth: lr.NewFactors(4, 4, 1)},
		"TruthSparse is 4×4":   {Data: data, Rank: 1, Alpha: 0.3, TruthSparse: &lr.Sparse{D1: 4, D2: 4, RowFrom: make([]int, 5)}},
	} {
		p, err := c.New()
		if err == nil {
			t.Errorf("%q: no error, but %v", want, p)
			continue
		}
		if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
			t.Errorf("error %q, want one with %q", err, want)
		}
		if !errors.Is(err, lr.ErrShape) && !errors.Is(err, lr.ErrRank) && !errors.Is(err, lr.ErrValue) && !errors.Is(err, lr.ErrEmpty) {
			t.Errorf("%q wraps no sentinel", err)
		}
	}
}

// Odd data are data: constant, all 0, one line, one entry, none in some lines,
// very large and very small. The value is a number ≥ 0, or infinite where squares
// are; where M is, it is not finite.
func TestRobustPCAOddData(t *testing.T) {
	holes := constant(6, 5, math.NaN())
	holes.Set(2, 3, 4)
	for name, c := range map[string]problem.RobustPCA{
		"constant":   {Data: constant(6, 5, 3)},
		"zeros":      {Data: constant(6, 5, 0)},
		"one row":    {Data: constant(1, 9, 2), Alpha: 1, Cap: 1},
		"one column": {Data: constant(9, 1, 2), Alpha: 1, Cap: 1},
		"1×1":        {Data: constant(1, 1, 2), Alpha: 1, Cap: 1},
		"one entry":  {Data: holes},
		"large":      {Data: constant(6, 5, 1e300)},
		"small":      {Data: constant(6, 5, 1e-300)},
	} {
		if c.Alpha == 0 {
			c.Alpha = 0.4
		}
		c.Rank = 1
		for _, rule := range []sparse.Rule{sparse.Threshold, sparse.Greedy, sparse.Exact} {
			c.Projection = rule
			p := madeSplit(t, c)
			x, g := lr.NewPoint(p), lr.NewPoint(p)
			e, _ := lr.SparsePartOf(p)
			for _, size := range []float64{0, 1, 1e-200, 1e200} {
				x.U.Apply(func(_, _ int, _ float64) float64 { return size }, x.U)
				x.V.Copy(constant(x.V.RawMatrix().Rows, 1, size))
				v := e.Grad(g, x)
				if size == 1e200 && finite(v) || size < 1e200 && !(v >= 0) {
					t.Errorf("%s, %v: value %g at factors of %g", name, rule, v, size)
				}
				if s := e.SparsePart(x); finite(v) && !finite(s.Norm()) && name != "large" {
					t.Errorf("%s, %v: S has norm %g at factors of %g", name, rule, s.Norm(), size)
				}
				if full := e.Overfull(x); !(full >= 0 && full <= 1) {
					t.Errorf("%s, %v: Overfull is %g at factors of %g", name, rule, full, size)
				}
			}
		}
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// An M that overflows in opposite directions is NaN, which is not taken for a
// missing entry.
func TestOverflowIsNotMissing(t *testing.T) {
	data := constant(4, 3, 1)
	data.Set(0, 0, math.NaN())
	p := madeSplit(t, problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.4})
	x := lr.NewPoint(p)
	x.U.Apply(func(_, k int, _ float64) float64 { return 1e200 * float64(1-2*k) }, x.U)
	x.V.Copy(constant(3, 2, 1e200))
	if v := p.NewEval().Grad(nil, x); finite(v) {
		t.Errorf("the value is %g at a point whose M is Inf − Inf", v)
	}
}

// A budget that is large enough is never overfull at the truth, nor is noise; one
// that is half of what is needed is, in most lines.
func TestOverfull(t *testing.T) {
	for name, c := range map[string]struct {
		of       problem.RandomRobustPCA
		from, to float64
	}{
		"enough":          {problem.RandomRobustPCA{Alpha: 0.1}, 0, 0},
		"enough, gaps":    {problem.RandomRobustPCA{Alpha: 0.1, Observed: 0.6}, 0, 0},
		"twice as much":   {problem.RandomRobustPCA{Alpha: 0.2, Outliers: 0.1}, 0, 0},
		"noise":           {problem.RandomRobustPCA{Alpha: 0.1, Noise: 0.3}, 0, 0.01},
		"noise alone":     {problem.RandomRobustPCA{Alpha: 0.1, Outliers: -1, Noise: 5}, 0, 0.01},
		"nothing at all":  {problem.RandomRobustPCA{Alpha: 0.1, Outliers: -1}, 0, 0},
		"half":            {problem.RandomRobustPCA{Alpha: 0.1, Outliers: 0.2}, 0.99, 1},
		"half, noise":     {problem.RandomRobustPCA{Alpha: 0.1, Outliers: 0.2, Noise: 0.1}, 0.99, 1},
		"half, gaps":      {problem.RandomRobustPCA{Alpha: 0.1, Outliers: 0.2, Observed: 0.6}, 0.99, 1},
		"half, a range":   {problem.RandomRobustPCA{Alpha: 0.1, Outliers: 0.2, OutlierRange: 1}, 0.99, 1},
		"uniform, tight":  {problem.RandomRobustPCA{Alpha: 0.1, Uniform: true}, 0.25, 0.75},
		"uniform, double": {problem.RandomRobustPCA{Alpha: 0.1, Gamma: 2.5, Uniform: true}, 0, 0},
	} {
		c.of.D1, c.of.D2, c.of.Rank, c.of.Seed = 200, 150, 3, 11
		p := drawn(t, c.of)
		for kind, q := range map[string]lr.Problem{"dense": p, "listed": asList(t, p), "balanced": balanced(t, p, 0.5)} {
			e, _ := lr.SparsePartOf(q)
			if got := e.Overfull(p.Truth()); got < c.from || got > c.to {
				t.Errorf("%s, %s: Overfull is %g at the truth, want %g … %g", name, kind, got, c.from, c.to)
			}
		}
	}
}

// Of large matrices some lines are looked at, which is as good: here the upper half
// of the rows has too many, and so has every column.
func TestOverfullOfLargeMatrices(t *testing.T) {
	for _, d := range []struct{ d1, d2 int }{{1700, 40}, {40, 1700}, {1100, 1000}} {
		data := mat.NewDense(d.d1, d.d2, nil)
		for i := range d.d1 / 2 {
			for j := range d.d2 {
				if (i+j)%4 == 0 {
					data.Set(i, j, 100+float64(i%7))
				}
			}
		}
		noise := lr.NormalMatrix(lr.Stream(1, "noise"), d.d1, d.d2)
		data.Add(data, noise)
		p := madeSplit(t, problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.1})
		e, _ := lr.SparsePartOf(p)
		want := (float64(d.d1)/2 + float64(d.d2)) / float64(d.d1+d.d2)
		if n1, n2 := float64(min(d.d1, 512)), float64(min(d.d2, 512)); n1 < float64(d.d1) || n2 < float64(d.d2) {
			want = (n1/2 + n2) / (n1 + n2)
		}
		if got := e.Overfull(lr.NewPoint(p)); math.Abs(got-want) > 0.02 {
			t.Errorf("%d×%d: Overfull is %g, want %g", d.d1, d.d2, got, want)
		}
	}
}

// A run that ended early is not taken for one whose budget is too small.
func TestOverfullNearTheTruth(t *testing.T) {
	p := drawn(t, problem.RandomRobustPCA{D1: 200, D2: 150, Rank: 3, Alpha: 0.1, Seed: 4})
	e, _ := lr.SparsePartOf(p)
	for _, far := range []float64{1e-10, 1e-6, 1e-3} {
		x := p.Truth().Clone()
		x.AddScaled(far, randomPoint(p, 9, "error"))
		if got := e.Overfull(x); got > 0.01 {
			t.Errorf("Overfull is %g at a distance of %g from the truth", got, far)
		}
	}
}
