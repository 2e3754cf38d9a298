package problem_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// From random starts the paper's own objective, with its regulariser, gives
// back both parts.
func TestRandomRobustPCAIsRecovered(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"plain":     {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Seed: 1},
		"symmetric": {D1: 60, Rank: 2, Alpha: 0.1, Seed: 2, Symmetric: true},
		"missing":   {D1: 80, D2: 70, Rank: 2, Alpha: 0.1, Gamma: 1.5, Observed: 0.7, Seed: 3},
		"uniform":   {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Gamma: 3, Uniform: true, OutlierRange: 1, Seed: 4},
	} {
		t.Run(name, func(t *testing.T) {
			split := drawn(t, c)
			var p lr.Problem = split
			if !c.Symmetric {
				p = balanced(t, p, 0.5)
			}
			x0, err := initial.Random{Seed: 7}.Point(p)
			if err != nil {
				t.Fatal(err)
			}
			res, err := lr.Solve(context.Background(), p, solver.LBFGS{}, x0, &lr.Options{MaxIter: 2000})
			if err != nil {
				t.Fatal(err)
			}
			if e := lr.RelErr(res.X, split.Truth()); e > 1e-8 || !res.Status.Converged() {
				t.Errorf("relative error %g after %d steps, status %v", e, res.Iter, res.Status)
			}
			s, err := res.Sparse()
			if err != nil {
				t.Fatal(err)
			}
			near(t, "S", 1e-6, s.Dense(), split.Split().Truth.Dense())
		})
	}
}

// checkData holds the data to their parts: M* + S* where they are observed, NaN
// elsewhere.
func checkData(t *testing.T, p *problem.Split) {
	t.Helper()
	s := p.Split()
	d1, d2 := s.Data.Dims()
	for i := range d1 {
		for j := range d2 {
			v := s.Data.At(i, j)
			switch {
			case math.IsNaN(v) && s.Truth.At(i, j) != 0:
				t.Fatalf("S* is %g at (%d, %d), which is not observed", s.Truth.At(i, j), i, j)
			case !math.IsNaN(v) && math.Abs(v-p.Truth().At(i, j)-s.Truth.At(i, j)) > 1e-11:
				t.Fatalf("entry (%d, %d) is %g, want %g + %g", i, j, v, p.Truth().At(i, j), s.Truth.At(i, j))
			}
		}
	}
}

// By default S* is in the set with the true share, and nearly fills its rows; so
// it is where entries are missing, where shapes are far from square, and when
// symmetric.
func TestRandomRobustPCAIsRegular(t *testing.T) {
	for name, c := range map[string]struct {
		of     problem.RandomRobustPCA
		filled float64 // least share of what rows have room for
	}{
		"square":      {problem.RandomRobustPCA{D1: 50, D2: 50, Alpha: 0.1}, 1},
		"guard":       {problem.RandomRobustPCA{D1: 100, D2: 100, Alpha: 0.29}, 1},
		"wide":        {problem.RandomRobustPCA{D1: 30, D2: 200, Alpha: 0.15}, 0.8},
		"tall":        {problem.RandomRobustPCA{D1: 130, D2: 47, Alpha: 0.2}, 0.8},
		"gaps":        {problem.RandomRobustPCA{D1: 70, D2: 60, Alpha: 0.2, Observed: 0.5}, 0.5},
		"true share":  {problem.RandomRobustPCA{D1: 50, D2: 40, Alpha: 0.4, Outliers: 0.1}, 0.9},
		"symmetric":   {problem.RandomRobustPCA{D1: 41, Alpha: 0.15, Symmetric: true}, 0.9},
		"sym, gaps":   {problem.RandomRobustPCA{D1: 40, Alpha: 0.2, Symmetric: true, Observed: 0.7}, 0.5},
		"dense share": {problem.RandomRobustPCA{D1: 20, D2: 20, Alpha: 0.9}, 1},
		"none fits":   {problem.RandomRobustPCA{D1: 20, D2: 20, Alpha: 0.1, Outliers: 0.01}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c.of.Rank, c.of.Seed = 2, 5
			p := drawn(t, c.of)
			checkData(t, p)
			s := p.Split().Truth
			share := c.of.Outliers
			if share == 0 {
				share = c.of.Alpha
			}
			held, room := inSet(t, s, p.Split().Data, lr.SparseSet{Alpha: share})
			if float64(held) < c.filled*float64(room) {
				t.Errorf("S* has %d entries; rows have room for %d", held, room)
			}
			if c.of.Symmetric && !mat.Equal(s.Dense(), s.Dense().T()) {
				t.Error("S* is not symmetric")
			}
		})
	}
}

// inSet checks that s is in the set of the observed entries of data, and returns
// how many entries it has and how many its rows have room for.
func inSet(t *testing.T, s *lr.Sparse, data mat.Matrix, set lr.SparseSet) (held, room int) {
	t.Helper()
	rows, cols := s.Counts()
	seen := func(line []float64) (n int) {
		for _, v := range line {
			if !math.IsNaN(v) {
				n++
			}
		}
		return n
	}
	for i, n := range rows {
		most := set.Most(seen(mat.Row(nil, i, data)))
		if n > most {
			t.Errorf("row %d of S* has %d entries, at most %d are wanted", i, n, most)
		}
		held += n
		room += most
	}
	for j, n := range cols {
		if most := set.Most(seen(mat.Col(nil, j, data))); n > most {
			t.Errorf("column %d of S* has %d entries, at most %d are wanted", j, n, most)
		}
	}
	return held, room
}

// What is computed where it is read has the bits of what is stored, by rows, by
// columns and entry by entry.
func TestMatrixFreeIsTheSame(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"signs":     {D1: 30, D2: 23, Rank: 5, Alpha: 0.2, Seed: 1},
		"range":     {D1: 30, D2: 23, Rank: 2, Alpha: 0.2, OutlierRange: 1, Seed: 2},
		"all":       {D1: 19, D2: 23, Rank: 3, Alpha: 0.2, Noise: 0.3, Observed: 0.6, Kappa: 10, Seed: 3},
		"symmetric": {D1: 21, Rank: 4, Alpha: 0.2, Noise: 0.3, Observed: 0.6, Symmetric: true, Seed: 4},
	} {
		t.Run(name, func(t *testing.T) {
			c.Uniform = true
			stored := drawn(t, c)
			c.MatrixFree = true
			free := drawn(t, c)
			m, want := free.Split().Data.(interface {
				mat.Matrix
				ReadRow(dst []float64, i, j0 int)
				ReadCol(dst []float64, j, i0 int)
			}), stored.Split().Data
			d1, d2 := m.Dims()
			same := func(v float64, i, j int) {
				if math.Float64bits(v) != math.Float64bits(want.At(i, j)) {
					t.Fatalf("entry (%d, %d) is %v, stored %v", i, j, v, want.At(i, j))
				}
			}
			row, col := make([]float64, d2-3), make([]float64, d1-2)
			for i := range d1 {
				m.ReadRow(row, i, 3)
				for j, v := range row {
					same(v, i, 3+j)
					same(m.At(i, j), i, j)
				}
			}
			for j := range d2 {
				m.ReadCol(col, j, 2)
				for i, v := range col {
					same(v, 2+i, j)
				}
			}
			x := randomPoint(stored, 1, "point")
			g, h := x.Clone(), x.Clone()
			if v, w := free.NewEval().Grad(g, x), stored.NewEval().Grad(h, x); v != w || !g.Equal(h) {
				t.Errorf("values %v and %v, or gradients, differ", v, w)
			}
			if free.Split().Truth != nil {
				t.Error("S* is stored")
			}
			for i := range d1 {
				for j := range i {
					if c.Symmetric {
						same(want.At(j, i), i, j)
					}
				}
			}
		})
	}
}

// The numbers are those that the fields ask for.
func TestRandomRobustPCANumbers(t *testing.T) {
	p := drawn(t, problem.RandomRobustPCA{D1: 400, D2: 300, Rank: 5, Alpha: 0.2, Uniform: true, OutlierRange: 2, Observed: 0.5, Seed: 6})
	checkData(t, p)
	var mean, largest float64
	m := p.Truth().Dense()
	for _, v := range m.RawMatrix().Data {
		mean += math.Abs(v) / 400 / 300
	}
	for _, v := range p.Split().Truth.Value {
		largest = max(largest, math.Abs(v))
	}
	if largest > 2*mean*(1+1e-12) || largest < 1.99*mean {
		t.Errorf("the largest outlier is %g; 2·%g is wanted", largest, mean)
	}
	within := func(what string, got, want, tol float64) {
		t.Helper()
		if math.Abs(got-want) > tol {
			t.Errorf("%s is %g, want %g", what, got, want)
		}
	}
	within("the share of outliers", float64(p.Split().Truth.NNZ())/float64(p.Observed()), 0.2, 0.01)
	within("the share that is observed", float64(p.Observed())/400/300, 0.5, 0.01)

	p = drawn(t, problem.RandomRobustPCA{D1: 400, D2: 300, Rank: 5, Alpha: 0.2, Outliers: -1, Noise: 0.7, Seed: 6})
	var noise mat.Dense
	noise.Sub(p.Split().Data, p.Truth().Dense())
	within("the noise", mat.Norm(&noise, 2)/math.Sqrt(400*300), 0.7, 0.01)
	if p.Split().Truth.NNZ() != 0 {
		t.Errorf("there are %d outliers", p.Split().Truth.NNZ())
	}

	p = drawn(t, problem.RandomRobustPCA{D1: 40, D2: 30, Rank: 2, Alpha: 0.2, Seed: 6})
	size := 10 * mat.Norm(p.Truth().Dense(), 2) / math.Sqrt(40*30)
	for _, v := range p.Split().Truth.Value {
		within("an outlier", math.Abs(v), size, 1e-9*size)
	}
}

// One field leaves what the others draw as it was, and threads do too.
func TestRandomRobustPCAStreams(t *testing.T) {
	base := problem.RandomRobustPCA{D1: 40, D2: 30, Rank: 2, Alpha: 0.2, OutlierSize: 3, Seed: 8}
	plain := drawn(t, base)
	noisy := base
	noisy.Noise = 0.1
	if q := drawn(t, noisy); !q.Truth().Equal(plain.Truth()) || !mat.Equal(q.Split().Truth, plain.Split().Truth) {
		t.Error("noise changes M* or S*")
	}
	larger := base
	larger.OutlierSize = 6
	var twice mat.Dense
	twice.Scale(2, plain.Split().Truth.Dense())
	if q := drawn(t, larger); !mat.Equal(q.Split().Truth, &twice) {
		t.Error("the size of outliers changes their places or signs")
	}
	other := base
	other.Seed = 9
	if q := drawn(t, other); q.Truth().Equal(plain.Truth()) || mat.Equal(q.Split().Truth, plain.Split().Truth) {
		t.Error("two seeds give one problem")
	}
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		q := drawn(t, base)
		runtime.GOMAXPROCS(old)
		if !mat.Equal(q.Split().Data, plain.Split().Data) || !mat.Equal(q.Split().Truth, plain.Split().Truth) {
			t.Errorf("GOMAXPROCS %d gives other data", procs)
		}
	}
}

func TestRandomRobustPCAInput(t *testing.T) {
	for want, c := range map[string]problem.RandomRobustPCA{
		"rank 0":            {D1: 9, D2: 9, Alpha: 0.2},
		"rank 1":            {Rank: 1, Alpha: 0.2},
		"Alpha = 0":         {D1: 9, D2: 9, Rank: 1},
		"≥ 0.111":           {D1: 9, D2: 9, Rank: 1, Alpha: 0.1},
		"Outliers = -0.5":   {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, Outliers: -0.5},
		"Outliers = 1":      {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, Outliers: 1},
		"OutlierSize = -1":  {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, OutlierSize: -1},
		"OutlierRange = -1": {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, OutlierRange: -1},
		"one of the two":    {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, OutlierSize: 1, OutlierRange: 1},
		"but no Outliers":   {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, Outliers: -1, OutlierRange: 1},
		"Observed = 2":      {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, Observed: 2},
		"Noise = NaN":       {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, Noise: math.NaN()},
		"set Uniform":       {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, MatrixFree: true},
		"TruthRank 10":      {D1: 9, D2: 9, Rank: 1, Alpha: 0.2, TruthRank: 10},
		"is symmetric":      {D1: 9, D2: 8, Rank: 1, Alpha: 0.2, Symmetric: true},
		"NaN":               {D1: 3, D2: 3, Rank: 1, Alpha: 0.4, Observed: 1e-12},
	} {
		p, err := c.New()
		if err == nil {
			t.Errorf("%q: no error, but %v", want, p)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want one with %q", err, want)
		}
		if !errors.Is(err, lr.ErrShape) && !errors.Is(err, lr.ErrRank) && !errors.Is(err, lr.ErrValue) && !errors.Is(err, lr.ErrEmpty) {
			t.Errorf("%q wraps no sentinel", err)
		}
	}
}
