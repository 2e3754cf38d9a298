package problem_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
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

// must is the problem of a constructor that does not fail.
func must(t testing.TB) func(p lr.Problem, err error) lr.Problem {
	return func(p lr.Problem, err error) lr.Problem {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func balanced(t testing.TB, p lr.Problem, mu float64) *problem.Regularised {
	t.Helper()
	b, err := problem.Balance{Of: p, Mu: mu}.New()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSuite runs the conformance suite over every kind of problem, at sizes
// that are one block of work, many blocks, and as small as can be.
func TestSuite(t *testing.T) {
	for name, m := range map[string]maker{
		"sensing":                problem.GaussianSensing{D1: 9, D2: 6, Rank: 3, M: 50, Seed: 1},
		"sensing, mean":          problem.GaussianSensing{D1: 9, D2: 6, Rank: 3, M: 50, Seed: 1, Scale: problem.ScaleMean},
		"sensing, many blocks":   problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 203, Seed: 1},
		"sensing, full rank":     problem.GaussianSensing{D1: 4, D2: 7, Rank: 4, M: 31, Seed: 2},
		"sensing 1×1":            problem.GaussianSensing{D1: 1, D2: 1, Rank: 1, M: 1, Seed: 3},
		"symmetric sensing":      problem.GaussianSensing{D1: 7, Rank: 2, M: 40, Seed: 4, Symmetric: true},
		"completion":             problem.RandomCompletion{D1: 12, D2: 9, Rank: 2, P: 0.5, Seed: 5},
		"completion, blocks":     problem.RandomCompletion{D1: 150, D2: 170, Rank: 4, P: 0.9, Seed: 5},
		"completion, empty rows": problem.RandomCompletion{D1: 30, D2: 20, Rank: 2, P: 0.03, Seed: 6},
		"completion 1×1":         problem.RandomCompletion{D1: 1, D2: 1, Rank: 1, P: 1, Seed: 7},
		"symmetric completion":   problem.RandomCompletion{D1: 11, Rank: 2, P: 0.6, Seed: 8, Symmetric: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := made(t, m)
			lowranktest.TestProblem(t, p)
			if !p.Symmetric() {
				t.Run("balanced", func(t *testing.T) { lowranktest.TestProblem(t, balanced(t, p, 0.3)) })
			}
		})
	}
}

// A wrapper claims an ability only when the problem inside has it.
func TestBalancedAbilities(t *testing.T) {
	plain := lr.Funcs{D1: 2, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	b := balanced(t, plain, 1)
	if _, ok := lr.HessVecOf(b); ok {
		t.Error("HessVec is claimed over a problem without it")
	}
	if _, ok := lr.MulGradOf(b); ok {
		t.Error("MulGrad is claimed over a problem without it")
	}
	if _, ok := lr.TruthOf(b); ok {
		t.Error("a truth is claimed over a problem without it")
	}
	b = balanced(t, made(t, problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 9}), 1)
	_, h := lr.HessVecOf(b)
	_, m := lr.MulGradOf(b)
	_, x := lr.TruthOf(b)
	if !h || !m || !x {
		t.Errorf("HessVec %t, MulGrad %t, truth %t; want all", h, m, x)
	}
}

// The regulariser alone breaks the invariance under G ∈ GL(r) that UVᵀ has.
func TestGauge(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 20, Seed: 1})
	x, _ := lr.TruthOf(p)
	y := x.Clone()
	g := mat.NewDense(2, 2, []float64{2, 1, 0, 0.5})
	var inverse mat.Dense
	if err := inverse.Inverse(g); err != nil {
		t.Fatal(err)
	}
	y.U.Mul(x.U, g)
	y.V.Mul(x.V, inverse.T())
	if v := p.NewEval().Grad(nil, y); v > 1e-20 {
		t.Errorf("(UG, VG⁻ᵀ) of the truth has value %g, want 0", v)
	}
	if v := balanced(t, p, 1).NewEval().Grad(nil, y); v < 1e-3 {
		t.Errorf("the balanced value is %g there, want well above 0", v)
	}
}

// What is passed in is copied: a caller may go on changing it.
func TestInputsAreCopied(t *testing.T) {
	truth := &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 2}), V: mat.NewDense(2, 1, []float64{3, 4})}
	c := problem.Completion{
		D1: 2, D2: 2, Rank: 1, Rows: []int{1, 0}, Cols: []int{0, 1}, Values: []float64{6, 4}, Truth: truth,
	}
	p := made(t, c)
	c.Values[0], c.Rows[0] = 100, 0
	p.Measurements()[0] = 100
	if v := p.NewEval().Grad(nil, truth); v != 0 {
		t.Errorf("value at the truth is %v, want 0", v)
	}
	x := truth.Clone()
	truth.U.Set(0, 0, 50)
	if known, _ := lr.TruthOf(p); !known.Equal(x) {
		t.Error("the truth followed the caller's matrix")
	}
}

// Streams have names: another number of measurements leaves the first matrices
// and the truth as they were.
func TestStreamsDoNotShift(t *testing.T) {
	few := made(t, problem.GaussianSensing{D1: 3, D2: 4, Rank: 2, M: 5, Seed: 9})
	many := made(t, problem.GaussianSensing{D1: 3, D2: 4, Rank: 2, M: 50, Seed: 9})
	if !few.Truth().Equal(many.Truth()) {
		t.Error("the truth depends on M")
	}
	for i := range 5 {
		if !mat.Equal(few.Operator().(*operator.Gaussian).Matrix(i), many.Operator().(*operator.Gaussian).Matrix(i)) {
			t.Fatalf("sensing matrix %d depends on M", i)
		}
	}
	other := made(t, problem.GaussianSensing{D1: 3, D2: 4, Rank: 2, M: 5, Seed: 10})
	if few.Truth().Equal(other.Truth()) {
		t.Error("two seeds give one truth")
	}
}

// The weight is what multiplies ½‖𝒜(M) − b‖².
func TestWeight(t *testing.T) {
	for want, m := range map[float64]maker{
		1:     problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 8},
		0.125: problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 8, Scale: problem.ScaleMean},
		4:     problem.Completion{D1: 2, D2: 2, Rank: 1, Rows: []int{1}, Cols: []int{0}, Values: []float64{1}},
		2:     problem.Completion{D1: 2, D2: 2, Rank: 1, Rows: []int{1}, Cols: []int{0}, Values: []float64{1}, P: 0.5},
	} {
		p := made(t, m)
		var sq float64
		for _, b := range p.Measurements() {
			sq += b * b
		}
		if v := p.NewEval().Grad(nil, lr.NewPoint(p)); p.Weight() != want || v != want/2*sq {
			t.Errorf("%v: weight %g, value at 0 %g; want %g and %g", p, p.Weight(), v, want, want/2*sq)
		}
	}
}

func TestString(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 3, D2: 4, Rank: 2, M: 5})
	if got, want := balanced(t, p, 0.01).String(), "Sensing(Gaussian(5 measurements of 3×4), rank 2, M = UVᵀ, weight 1) + balance(μ = 0.01)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s := made(t, problem.RandomCompletion{D1: 2, Rank: 1, P: 1, Symmetric: true})
	if got, want := s.String(), "Completion(Mask(4 of 2×2 entries), rank 1, M = UUᵀ, weight 1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
