package lowrankgo_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// robustMethod is a method for robust PCA and where it starts.
type robustMethod struct {
	m         lr.Method
	splits    bool // it splits data itself and starts at zero
	estimates bool // its residual is that of some rows and columns
	balances  bool // it is given the problem with the paper's regulariser
}

func robustMethods() []robustMethod {
	return []robustMethod{
		{m: solver.AltProj{}, splits: true},
		{m: solver.AccAltProj{}, splits: true},
		{m: solver.IRCUR{Samples: 6}, splits: true, estimates: true},
		{m: solver.IRCUR{Fixed: true}, splits: true, estimates: true},
		{m: solver.PCP{}, splits: true},
		{m: solver.RobustGD{}},
		{m: solver.ScaledGD{Step: 0.5}},
		{m: solver.ScaledGD{}},
		{m: solver.GD{}, balances: true},
		{m: solver.LBFGS{}, balances: true},
		{m: solver.ConjugateGradient{}, balances: true},
		{m: solver.Accelerated{}, balances: true},
	}
}

// run splits p, which may not take a minute.
func (r robustMethod) run(p *problem.Split, o *lr.Options) (*lr.Result, error) {
	var of lr.Problem = p
	if r.balances && !p.Symmetric() {
		balanced, err := problem.Balance{Of: p, Mu: 0.5}.New()
		if err != nil {
			return nil, err
		}
		of = balanced
	}
	x0 := lr.NewPoint(of)
	if !r.splits {
		var err error
		if x0, err = (initial.Spectral{}).Point(p); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return lr.Solve(ctx, of, r.m, x0, o)
}

// found compares what a method found with the truth: the low-rank part, and the
// sparse one in its support and its values.
func found(p *problem.Split, res *lr.Result) (relErr float64, err error) {
	relErr = lr.RelErr(res.X, p.Truth())
	s, err := res.Sparse()
	if err != nil {
		return relErr, err
	}
	want := p.Split().Truth
	size := p.Truth().Norm() * p.Truth().Norm() // above ‖M*‖F
	for i := range want.D1 {
		for j := range want.D2 {
			got, want := s.At(i, j), want.At(i, j)
			if math.Abs(got-want) > 1e-4*size {
				return relErr, fmt.Errorf("S is %g in row %d, column %d, want %g", got, i, j, want)
			}
			if want != 0 && got == 0 {
				return relErr, fmt.Errorf("row %d, column %d is not in the support of S, want %g", i, j, want)
			}
		}
	}
	return relErr, nil
}

// On the model of the papers every method finds both parts.
func TestRobustPCARecovers(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"a twentieth of each line": {D1: 100, D2: 90, Rank: 2, Alpha: 0.05, Gamma: 2, Seed: 1},
		"a tenth, anywhere":        {D1: 120, D2: 120, Rank: 2, Alpha: 0.1, Gamma: 2, OutlierRange: 1, Uniform: true, Seed: 2},
		"wide":                     {D1: 60, D2: 200, Rank: 1, Alpha: 0.1, Gamma: 1.5, Seed: 3},
		"with gaps":                {D1: 120, D2: 100, Rank: 2, Alpha: 0.05, Gamma: 2, Observed: 0.8, Seed: 4},
	} {
		for _, m := range robustMethods() {
			t.Run(name+"/"+m.m.Name(), func(t *testing.T) {
				p := must(c.New())
				o := &lr.Options{MaxIter: 3000, Stop: lr.Any(lr.GradReduced(1e-8), lr.ResidualBelow(1e-7))}
				res, err := m.run(p, o)
				if err != nil {
					t.Fatal(err)
				}
				e, err := found(p, res)
				if !res.Status.Converged() || !(e < 1e-5) || err != nil {
					t.Errorf("%v after %d steps, relative error %g, %v", res.Status, res.Iter, e, err)
				}
			})
		}
	}
}

// Outside the model a method may fail, but it says so. What it calls converged
// is right; or it is an answer to what was asked, M of the rank and S in its set
// that add up to the data, of which there is then more than one; or, for methods
// that go by the gradient, it is a minimum that leaves a part of the data.
func TestRobustPCAFailsHonestly(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"twice as many errors as allowed": {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Outliers: 0.2, Seed: 1},
		"half of all entries wrong":       {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Outliers: 0.5, Seed: 2},
		"nearly all entries wrong":        {D1: 60, D2: 50, Rank: 2, Alpha: 0.2, Outliers: 0.8, Seed: 3},
		"a rank that is too small":        {D1: 60, D2: 50, Rank: 1, TruthRank: 4, Alpha: 0.1, Gamma: 2, Seed: 4},
		"a rank that is too large":        {D1: 60, D2: 50, Rank: 6, TruthRank: 2, Alpha: 0.1, Gamma: 2, Seed: 5},
		"half the rank of all":            {D1: 30, D2: 24, Rank: 12, Alpha: 0.3, Seed: 6},
		"not low rank at all":             {D1: 40, D2: 40, Rank: 1, TruthRank: 40, Alpha: 0.2, Seed: 7},
		"noise":                           {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Gamma: 2, Noise: 0.3, Seed: 8},
		"few entries":                     {D1: 60, D2: 50, Rank: 3, Alpha: 0.1, Gamma: 2, Observed: 0.15, Seed: 9},
		"one entry in the low-rank part":  {D1: 60, D2: 50, Rank: 1, Support: 1, Alpha: 0.1, Seed: 10},
	} {
		for _, m := range robustMethods() {
			t.Run(name+"/"+m.m.Name(), func(t *testing.T) {
				p := must(c.New())
				res, err := m.run(p, &lr.Options{MaxIter: 600, Stop: lr.Any(lr.GradReduced(1e-8), lr.ResidualBelow(1e-7))})
				if err != nil && !errors.Is(err, lr.ErrDiverged) {
					t.Fatal(err)
				}
				e := lr.RelErr(res.X, p.Truth())
				s, err := res.Sparse()
				if err != nil {
					t.Fatal(err)
				}
				over, left := outside(p, s), remains(p, res.X, s)
				t.Logf("%v after %d steps: relative error %.2g, %.2g of the data left, S leaves its set in %.2g of the lines", res.Status, res.Iter, e, left, over)
				if res.Status.Converged() && !(e < 1e-3) && over > 0.05 && left < 1e-3 {
					t.Errorf("%v after %d steps with the relative error %g, and S leaves its set in a share %g of rows and columns", res.Status, res.Iter, e, over)
				}
			})
		}
	}
}

// outside is the share of rows and columns in which S has more entries than its
// set has, not counting those that are as small as the tolerance.
func outside(p *problem.Split, s *lr.Sparse) float64 {
	split := p.Split()
	var over int
	line := func(n int, at func(k int) (data, value float64)) {
		seen, big := 0, 0
		for k := range n {
			data, v := at(k)
			if !math.IsNaN(data) {
				seen++
			}
			if math.Abs(v) > 1e-3*p.Truth().Norm()*p.Truth().Norm()/math.Sqrt(float64(s.D1*s.D2)) {
				big++
			}
		}
		if big > split.Set.Most(seen) {
			over++
		}
	}
	for i := range s.D1 {
		line(s.D2, func(j int) (float64, float64) { return split.Data.At(i, j), s.At(i, j) })
	}
	for j := range s.D2 {
		line(s.D1, func(i int) (float64, float64) { return split.Data.At(i, j), s.At(i, j) })
	}
	return float64(over) / float64(s.D1+s.D2)
}

// remains is ‖M + S − Data‖/‖Data‖ over what is observed.
func remains(p *problem.Split, x *lr.Factors, s *lr.Sparse) float64 {
	var left, all float64
	data := p.Split().Data
	for i := range s.D1 {
		for j := range s.D2 {
			if v := data.At(i, j); !math.IsNaN(v) {
				left, all = math.Hypot(left, x.At(i, j)+s.At(i, j)-v), math.Hypot(all, v)
			}
		}
	}
	return left / all
}

// odd are inputs at the edge of what makes sense.
func odd() map[string]problem.RobustPCA {
	constant := func(d1, d2 int, v float64) *mat.Dense {
		m := mat.NewDense(d1, d2, nil)
		m.Apply(func(int, int, float64) float64 { return v }, m)
		return m
	}
	gaps := normal("odd", 12, 9)
	for j := range 9 {
		gaps.Set(3, j, nan)
		gaps.Set(7, j, nan)
	}
	for i := range 12 {
		gaps.Set(i, 4, nan)
	}
	lonely := constant(6, 6, nan)
	lonely.Set(2, 3, 1)
	scaled := func(v float64) *mat.Dense {
		m := normal("odd", 10, 8)
		m.Scale(v, m)
		return m
	}
	spike := mat.NewDense(8, 8, nil)
	spike.Set(3, 3, 1e6)
	steep := normal("odd", 10, 8)
	steep.Set(0, 0, 1e300)
	return map[string]problem.RobustPCA{
		"constant":           {Data: constant(10, 8, 3), Rank: 2, Alpha: 0.2},
		"all zeros":          {Data: constant(10, 8, 0), Rank: 2, Alpha: 0.2},
		"zeros but for one":  {Data: spike, Rank: 1, Alpha: 0.2},
		"one row":            {Data: normal("odd", 1, 9), Rank: 1, Alpha: 0.5},
		"one row, capped":    {Data: normal("odd", 1, 9), Rank: 1, Alpha: 1, Cap: 0.1},
		"one column":         {Data: normal("odd", 9, 1), Rank: 1, Alpha: 0.5},
		"one entry":          {Data: normal("odd", 1, 1), Rank: 1, Alpha: 1, Cap: 0.5},
		"NaN everywhere":     {Data: constant(10, 8, nan), Rank: 1, Alpha: 0.2},
		"NaN rows":           {Data: gaps, Rank: 2, Alpha: 0.2},
		"one entry observed": {Data: lonely, Rank: 1, Alpha: 0.5},
		"an infinite entry":  {Data: constant(10, 8, math.Inf(1)), Rank: 1, Alpha: 0.2},
		"α of 0":             {Data: normal("odd", 10, 8), Rank: 1},
		"α of 1":             {Data: normal("odd", 10, 8), Rank: 1, Alpha: 1},
		"α of 1, capped":     {Data: normal("odd", 10, 8), Rank: 1, Alpha: 1, Cap: 0.1},
		"α·d below 1":        {Data: normal("odd", 10, 8), Rank: 1, Alpha: 0.05},
		"huge":               {Data: scaled(1e300), Rank: 1, Alpha: 0.2},
		"large":              {Data: scaled(1e100), Rank: 1, Alpha: 0.2},
		"small":              {Data: scaled(1e-100), Rank: 1, Alpha: 0.2},
		"tiny":               {Data: scaled(1e-300), Rank: 1, Alpha: 0.2},
		"one huge entry":     {Data: steep, Rank: 1, Alpha: 0.2},
		"2×2":                {Data: normal("odd", 2, 2), Rank: 1, Alpha: 0.5},
		"2×2 of full rank":   {Data: normal("odd", 2, 2), Rank: 2, Alpha: 0.5},
		"full rank":          {Data: normal("odd", 7, 7), Rank: 7, Alpha: 0.2},
		"3×200":              {Data: normal("odd", 3, 200), Rank: 2, Alpha: 0.4},
		"200×3":              {Data: normal("odd", 200, 3), Rank: 2, Alpha: 0.4},
		"a rank too large":   {Data: normal("odd", 3, 200), Rank: 4, Alpha: 0.4},
		"no data":            {Rank: 1, Alpha: 0.2},
		"symmetric":          {Data: constant(8, 8, 2), Rank: 1, Alpha: 0.2, Symmetric: true},
		"negative":           {Data: constant(8, 8, -2), Rank: 1, Alpha: 0.2, Symmetric: true},
	}
}

// refused are the odd inputs that no problem can be made of.
var refused = map[string]error{
	"NaN everywhere":    lr.ErrEmpty,
	"an infinite entry": lr.ErrValue,
	"α of 0":            lr.ErrValue,
	"α of 1":            lr.ErrValue,
	"α·d below 1":       lr.ErrValue,
	"one row":           lr.ErrValue,
	"one column":        lr.ErrValue,
	"a rank too large":  lr.ErrRank,
	"no data":           lr.ErrEmpty,
}

// Odd inputs give an error or a result that is finite, ends in time, and splits
// the data as well as its status says: never a panic.
func TestRobustPCAOfOddInputs(t *testing.T) {
	for name, c := range odd() {
		p, err := c.New()
		if want, bad := refused[name]; bad || err != nil {
			if !bad || !errors.Is(err, want) {
				t.Errorf("%s: the problem gives the error %v, want one that wraps %v", name, err, want)
			}
			continue
		}
		for _, m := range robustMethods() {
			t.Run(name+"/"+m.m.Name(), func(t *testing.T) { splitsOdd(t, p, m, name) })
		}
	}
}

// splitsOdd lets m split p in at most 200 steps.
func splitsOdd(t *testing.T, p *problem.Split, m robustMethod, name string) {
	begin := time.Now()
	res, err := m.run(p, &lr.Options{MaxIter: 200})
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	if res == nil {
		if !errors.Is(err, lr.ErrValue) && !errors.Is(err, lr.ErrAbility) {
			t.Errorf("no result, and the error %v, which wraps neither ErrValue nor ErrAbility", err)
		}
		return
	}
	if errors.Is(err, lr.ErrFailed) {
		t.Errorf("the run failed: %v", err)
	}
	if !res.X.Finite() {
		t.Error("the point is not finite")
	}
	s, err := res.Sparse()
	if err != nil {
		t.Fatal(err)
	}
	for e, v := range s.Value {
		if v-v != 0 || v == 0 {
			t.Fatalf("entry %d of S is %g", e, v)
		}
	}
	if res.Status == lr.ResidualConverged && !m.estimates {
		addsUp(t, p.Split().Data, res.X, s, 1e-5)
	}
	if name == "all zeros" && (m.splits && res.X.Norm() != 0 || s.NNZ() > 0) {
		t.Errorf("zeros are split into a point of norm %g and %v", res.X.Norm(), s)
	}
}

// addsUp fails unless M + S is the data up to tol of their largest entry.
func addsUp(t *testing.T, data mat.Matrix, x *lr.Factors, s *lr.Sparse, tol float64) {
	t.Helper()
	var off, size float64
	for i := range s.D1 {
		for j := range s.D2 {
			if v := data.At(i, j); !math.IsNaN(v) {
				off, size = math.Max(off, math.Abs(x.At(i, j)+s.At(i, j)-v)), math.Max(size, math.Abs(v))
			}
		}
	}
	if off > tol*size {
		t.Errorf("converged by the residual, but M + S is off by %g where the largest entry is %g", off, size)
	}
}

// FuzzRobustPCA splits small random matrices with outliers, gaps and wild
// scales by a method of each kind.
func FuzzRobustPCA(f *testing.F) {
	f.Add(uint64(1), uint8(6), uint8(5), uint8(1), 0.3, 1.0, 1.0, uint8(0))
	f.Add(uint64(2), uint8(1), uint8(9), uint8(1), 0.5, 1e-200, 0.5, uint8(1))
	f.Add(uint64(3), uint8(9), uint8(2), uint8(2), 0.5, 1e200, 1.0, uint8(2))
	f.Add(uint64(4), uint8(8), uint8(8), uint8(8), 0.9, 1e9, 0.1, uint8(4))
	f.Add(uint64(1), uint8(13), uint8(2), uint8(2), 0.5, 1e-200, 0.5, uint8(5))
	f.Add(uint64(5), uint8(3), uint8(12), uint8(2), 1.0, 0.0, 0.9, uint8(5))
	f.Fuzz(func(t *testing.T, seed uint64, d1, d2, rank uint8, alpha, scale, observed float64, method uint8) {
		rows, cols, r := int(d1%14), int(d2%14), int(rank%15)
		if rows*cols == 0 {
			return
		}
		data := lr.NormalMatrix(lr.Stream(seed, "fuzz"), rows, cols)
		rng := lr.Stream(seed, "fuzz gaps")
		data.Apply(func(_, _ int, v float64) float64 {
			switch u := rng.Float64(); {
			case u >= observed:
				return math.NaN()
			case u < observed/10:
				return 100 * v * scale
			}
			return v * scale
		}, data)
		p, err := problem.RobustPCA{Data: data, Rank: r, Alpha: alpha}.New()
		if err != nil {
			for _, kind := range []error{lr.ErrValue, lr.ErrRank, lr.ErrEmpty, lr.ErrShape} {
				if errors.Is(err, kind) {
					return
				}
			}
			t.Fatalf("the error %v wraps none of those that were expected", err)
		}
		all := robustMethods()
		m := all[int(method)%len(all)]
		splitsOdd(t, p, m, "fuzz")
	})
}
