package initial_test

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

type maker interface {
	New() (*problem.Quadratic, error)
}

func made(t testing.TB, m maker) *problem.Quadratic {
	t.Helper()
	p, err := m.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type starter interface {
	Point(p lr.Problem) (*lr.Factors, error)
}

func start(t testing.TB, s starter, p lr.Problem) *lr.Factors {
	t.Helper()
	x, err := s.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		t.Fatal(err)
	}
	return x
}

var problems = map[string]maker{
	"sensing":              problem.GaussianSensing{D1: 20, D2: 15, Rank: 2, M: 300, Seed: 1},
	"sensing, mean":        problem.GaussianSensing{D1: 20, D2: 15, Rank: 2, M: 300, Seed: 1, Scale: problem.ScaleMean},
	"symmetric sensing":    problem.GaussianSensing{D1: 16, Rank: 2, M: 250, Seed: 1, Symmetric: true},
	"completion":           problem.RandomCompletion{D1: 40, D2: 30, Rank: 2, P: 0.5, Seed: 1},
	"symmetric completion": problem.RandomCompletion{D1: 40, Rank: 2, P: 0.5, Seed: 1, Symmetric: true},
	"1×1":                  problem.RandomCompletion{D1: 1, D2: 1, Rank: 1, P: 1, Seed: 1},
}

func TestRandomMoments(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 300, D2: 200, Rank: 20, P: 0.01, Seed: 1})
	for _, scale := range []float64{0, 0.01, 3} {
		x := start(t, initial.Random{Scale: scale, Seed: 1}, p)
		want := scale
		if scale == 0 {
			want = 1 // the default
		}
		n := float64(500 * 20)
		if sd := x.Norm() / math.Sqrt(n); math.Abs(sd-want) > 5*want/math.Sqrt(2*n) {
			t.Errorf("Scale %g: entries have standard deviation %g", scale, sd)
		}
		if mean := (mat.Sum(x.U) + mat.Sum(x.V)) / n; math.Abs(mean) > 5*want/math.Sqrt(n) {
			t.Errorf("Scale %g: entries have mean %g", scale, mean)
		}
	}
}

func TestRandomStreams(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 5, D2: 5, Rank: 2, P: 1, Seed: 1})
	x := start(t, initial.Random{Seed: 1}, p)
	if !x.Equal(start(t, initial.Random{Seed: 1}, p)) {
		t.Error("one seed gives two starts")
	}
	if x.Equal(start(t, initial.Random{Seed: 2}, p)) {
		t.Error("two seeds give one start")
	}
	if mat.Equal(x.U, x.V) {
		t.Error("U and V share a stream")
	}
	truth, _ := lr.TruthOf(p)
	if mat.Equal(x.U, truth.U) {
		t.Error("the start and the truth share a stream")
	}
	wide := made(t, problem.RandomCompletion{D1: 5, D2: 9, Rank: 2, P: 1, Seed: 1})
	if !mat.Equal(x.U, start(t, initial.Random{Seed: 1}, wide).U) {
		t.Error("U depends on d2")
	}
}

// TestSpectralBeatsRandom holds the first loss against the best of ten random
// starts of three scales.
func TestSpectralBeatsRandom(t *testing.T) {
	for name, m := range problems {
		t.Run(name, func(t *testing.T) {
			p := made(t, m)
			value := func(x *lr.Factors) float64 { return p.NewEval().Grad(nil, x) }
			spectral := value(start(t, initial.Spectral{}, p))
			for seed := range uint64(10) {
				for _, scale := range []float64{0.01, 0.1, 1} {
					if v := value(start(t, initial.Random{Scale: scale, Seed: seed}, p)); v <= spectral {
						t.Errorf("Random{%g, seed %d} begins at %g, Spectral at %g", scale, seed, v, spectral)
					}
				}
			}
		})
	}
}

// TestSpectralScale checks that no other multiple of the start is better, that
// its factors are balanced, and that a full mask gives M* at once.
func TestSpectralScale(t *testing.T) {
	for name, m := range problems {
		t.Run(name, func(t *testing.T) {
			p := made(t, m)
			x := start(t, initial.Spectral{}, p)
			best := p.NewEval().Grad(nil, x)
			for _, c := range []float64{0.9, 0.99, 1.01, 1.1} {
				y := x.Clone()
				y.Scale(c)
				if v := p.NewEval().Grad(nil, y); v < best*(1-1e-9)-1e-20 {
					t.Errorf("%g times the start has value %g, the start %g", c, v, best)
				}
			}
			if x.V == nil {
				return
			}
			var gap, vv mat.Dense
			gap.Mul(x.U.T(), x.U)
			vv.Mul(x.V.T(), x.V)
			gap.Sub(&gap, &vv)
			if e := mat.Norm(&gap, 2); e > 1e-10*mat.Norm(&vv, 2) {
				t.Errorf("‖UᵀU − VᵀV‖ = %g", e)
			}
		})
	}
	for _, sym := range []bool{false, true} {
		p := made(t, problem.RandomCompletion{D1: 25, D2: 25, Rank: 3, P: 1, Seed: 2, Symmetric: sym})
		truth, _ := lr.TruthOf(p)
		if e := lr.RelErr(start(t, initial.Spectral{Power: 12}, p), truth); e > 1e-8 {
			t.Errorf("all entries seen, symmetric %t: relative error %g", sym, e)
		}
	}
}

func TestSpectralSameBits(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 70, D2: 80, Rank: 5, M: 90, Seed: 1})
	want := start(t, initial.Spectral{Seed: 3}, p)
	for _, n := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(n)
		got := start(t, initial.Spectral{Seed: 3}, p)
		runtime.GOMAXPROCS(old)
		if !got.Equal(want) {
			t.Errorf("GOMAXPROCS %d gives another start", n)
		}
	}
}

// A problem without data to point anywhere starts at 0 rather than at NaN.
func TestSpectralOfZeroData(t *testing.T) {
	op, err := operator.NewGaussian(4, 3, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := problem.Sensing{Operator: op, B: make([]float64, 10), Rank: 2}
	if x := start(t, initial.Spectral{}, made(t, s)); x.Norm() != 0 {
		t.Errorf("‖x‖ = %g, want 0", x.Norm())
	}
	// −∇f(0) = −I has no positive eigenvalue: the best UUᵀ is 0.
	c := problem.Completion{D1: 2, Rank: 1, Rows: []int{0, 1}, Cols: []int{0, 1}, Values: []float64{-1, -1}, Symmetric: true}
	if x := start(t, initial.Spectral{}, made(t, c)); x.Norm() != 0 {
		t.Errorf("negative definite data: ‖x‖ = %g, want 0", x.Norm())
	}
}

// nanGrad has a gradient that is not finite.
type nanGrad struct{ *problem.Quadratic }

type nanEval struct{ lr.Evaluator }

func (p nanGrad) NewEval() lr.Evaluator {
	return nanEval{p.Quadratic.NewEval()}
}

func (nanEval) MulGrad(dst *mat.Dense, _ bool, _ *lr.Factors, _ *mat.Dense) {
	dst.Apply(func(int, int, float64) float64 { return math.NaN() }, dst)
}

func TestBadInput(t *testing.T) {
	good := made(t, problem.GaussianSensing{D1: 3, D2: 4, Rank: 1, M: 9})
	zero := lr.Funcs{D1: 2, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	for _, c := range []struct {
		name  string
		start starter
		p     lr.Problem
		kind  error
		says  []string
	}{
		{"negative scale", initial.Random{Scale: -1}, good, lr.ErrValue, []string{"Scale = -1", "positive"}},
		{"infinite scale", initial.Random{Scale: math.Inf(1)}, good, lr.ErrValue, []string{"Scale = +Inf"}},
		{"NaN scale", initial.Random{Scale: math.NaN()}, good, lr.ErrValue, []string{"Scale = NaN"}},
		{"random without a problem", initial.Random{}, nil, lr.ErrEmpty, []string{"nil"}},
		{"random without sizes", initial.Random{}, lr.Funcs{}, lr.ErrRank, []string{"D1 = 0"}},
		{"spectral without a problem", initial.Spectral{}, nil, lr.ErrEmpty, []string{"nil"}},
		{"spectral without MulGrad", initial.Spectral{}, zero, lr.ErrAbility, []string{"MulGrad"}},
		{"negative power", initial.Spectral{Power: -2}, good, lr.ErrValue, []string{"Power = -2"}},
		{"gradient of NaN", initial.Spectral{}, nanGrad{good}, lr.ErrValue, []string{"∇f(0)", "not finite"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, err := c.start.Point(c.p)
			if !errors.Is(err, c.kind) || x != nil {
				t.Fatalf("point %v, error %v; want none and one that wraps %q", x, err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}

// Of robust PCA the start is P_r(Data − S)/p, with the S of the data
// themselves, by gonum's SVD.
func TestSpectralOfRobustPCA(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"whole": {D1: 40, D2: 30, Rank: 2, Alpha: 0.1, Seed: 1},
		"half":  {D1: 40, D2: 30, Rank: 2, Alpha: 0.1, Seed: 1, Observed: 0.5},
	} {
		p, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		e, _ := lr.SparsePartOf(p)
		s, data := e.SparsePart(lr.NewPoint(p)), mat.DenseCopyOf(p.Split().Data)
		seen := 0.0
		data.Apply(func(i, j int, v float64) float64 {
			if math.IsNaN(v) {
				return 0
			}
			seen++
			return v - s.At(i, j)
		}, data)
		var svd mat.SVD
		if !svd.Factorize(data, mat.SVDThin) {
			t.Fatal("no SVD")
		}
		var u, v mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		want := &lr.Factors{U: mat.DenseCopyOf(u.Slice(0, 40, 0, 2)), V: mat.DenseCopyOf(v.Slice(0, 30, 0, 2))}
		for k, sigma := range svd.Values(nil)[:2] {
			for i := range 40 {
				want.U.Set(i, k, want.U.At(i, k)*sigma*1200/seen)
			}
		}
		x := start(t, initial.Spectral{Power: 30}, p)
		if d := lr.RelErr(x, want); d > 1e-6 {
			t.Errorf("%s: the start is %g away", name, d)
		}
		if e := lr.RelErr(x, p.Truth()); e > 0.9 {
			t.Errorf("%s: the start's relative error is %g", name, e)
		}
	}
}
