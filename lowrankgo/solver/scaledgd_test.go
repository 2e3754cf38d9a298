package solver_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func TestScaledGDSuite(t *testing.T) {
	mean := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1, Scale: problem.ScaleMean})
	sym := made(t, problem.RandomCompletion{D1: 30, Rank: 2, P: 0.5, Seed: 1, Symmetric: true})
	for _, m := range []solver.ScaledGD{{}, {Step: 0.25}, {ErrorDamping: 0.1}, {Damping: 1e-3}} {
		t.Run(m.Name(), func(t *testing.T) {
			o := lowranktest.MethodOptions{Monotone: m.Step == 0}
			t.Run("sensing", func(t *testing.T) { lowranktest.TestMethod(t, m, mean, start(t, starts["spectral"], mean), o) })
			m.Step /= 2 // two factors move one
			t.Run("symmetric completion", func(t *testing.T) { lowranktest.TestMethod(t, m, sym, start(t, starts["spectral"], sym), o) })
		})
	}
}

// naiveScaled is one step by the definition, with explicit inverses.
func naiveScaled(p lr.Problem, x *lr.Factors, step, lambda float64) *lr.Factors {
	g := lr.NewPoint(p)
	p.NewEval().Grad(g, x)
	move := func(u, grad, v *mat.Dense) *mat.Dense {
		var gram, inverse, dir, out mat.Dense
		gram.Mul(v.T(), v)
		for k := range gram.RawMatrix().Rows {
			gram.Set(k, k, gram.At(k, k)+lambda)
		}
		if err := inverse.Inverse(&gram); err != nil {
			panic(err)
		}
		dir.Mul(grad, &inverse)
		dir.Scale(step, &dir)
		out.Sub(u, &dir)
		return &out
	}
	out := &lr.Factors{U: move(x.U, g.U, x.Right())}
	if x.V != nil {
		out.V = move(x.V, g.V, x.U)
	}
	return out
}

func TestScaledGDIsItsDefinition(t *testing.T) {
	for name, p := range problems(t) {
		for _, damping := range []float64{0, 0.3} {
			x := start(t, starts["random"], p)
			res := solve(t, p, solver.ScaledGD{Step: 1e-3, Damping: damping}, x, &lr.Options{MaxIter: 4})
			for range 4 {
				x = naiveScaled(p, x, 1e-3, damping)
			}
			x.AddScaled(-1, res.X)
			if e := x.Norm() / res.X.Norm(); e > 1e-11 {
				t.Errorf("%s, λ = %g: four steps are %g from those of the definition", name, damping, e)
			}
		}
	}
}

// TestConditioning is the reason for the method: its steps do not depend on κ,
// those of gradient descent do. BenchmarkConditioning has the size of the paper.
func TestConditioning(t *testing.T) {
	for seed := uint64(1); seed <= 3; seed++ {
		count := func(kappa float64, m lr.Method) int {
			p := conditioned(t, 120, 3, 0.5, kappa, seed)
			return stepsTo(t, p, m, spectral(t, p, 1))
		}
		well, ill := count(1, solver.ScaledGD{Step: 0.5}), count(20, solver.ScaledGD{Step: 0.5})
		if well > 80 || ill > well+10 {
			t.Errorf("seed %d: %d steps at κ = 1, %d at κ = 20; want at most 80 and ten more", seed, well, ill)
		}
		if found := count(20, solver.ScaledGD{}); found > ill {
			t.Errorf("seed %d: %d steps with the step found, %d with that of the paper", seed, found, ill)
		}
		if gd := count(20, solver.GD{Step: 0.5}); gd < 10*ill {
			t.Errorf("seed %d: gradient descent takes %d steps at κ = 20, ScaledGD %d; want ten times as many", seed, gd, ill)
		}
	}
}

// Without damping the matrices UVᵀ do not depend on the split into factors.
func TestScaledGDInvariance(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1, Scale: problem.ScaleMean})
	x := start(t, starts["spectral"], p)
	g := mat.NewDense(2, 2, []float64{3, 1, -2, 0.5})
	var inverse mat.Dense
	if err := inverse.Inverse(g); err != nil {
		t.Fatal(err)
	}
	y := lr.NewPoint(p)
	y.U.Mul(x.U, g)
	y.V.Mul(x.V, inverse.T())
	for _, m := range []solver.ScaledGD{{Step: 0.3}, {}} {
		o := &lr.Options{MaxIter: 15}
		a, b := solve(t, p, m, x, o), solve(t, p, m, y, o)
		if e := lr.RelErr(a.X, b.X); e > 1e-9 {
			t.Errorf("%s: after 15 steps from two splits of one matrix they are %g apart", m.Name(), e)
		}
	}
}

// The first step is the ½ of the paper when f curves in M as ½‖M − M*‖² does,
// ¼ when M = UUᵀ, and is in those units for any weight.
func TestScaledGDFirstStep(t *testing.T) {
	full := problem.RandomCompletion{D1: 8, D2: 6, Rank: 2, P: 1, Seed: 1}
	sym := full
	sym.D2, sym.Symmetric = 0, true
	for _, c := range []struct {
		p    lr.Problem
		want float64
	}{{made(t, full), 0.5}, {made(t, sym), 0.25}} {
		for _, x0 := range []*lr.Factors{start(t, starts["random"], c.p), start(t, starts["spectral"], c.p)} {
			s, err := solver.ScaledGD{}.Start(c.p, x0)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
			halvings := math.Log2(c.want / s.Info().Step)
			if math.Abs(halvings-math.Round(halvings)) > 1e-9 || halvings < -1e-9 {
				t.Errorf("the first step is %g; want %g, or that halved", s.Info().Step, c.want)
			}
		}
	}
}

// The search never lets the objective rise, and by what it promises.
func TestScaledGDDecreases(t *testing.T) {
	for name, p := range problems(t) {
		res := solve(t, p, solver.ScaledGD{}, start(t, starts["random"], p), &lr.Options{MaxIter: 100})
		for k, rows := 1, res.Trace.Rows; k < len(rows); k++ {
			if !(rows[k].Loss < rows[k-1].Loss) {
				t.Errorf("%s: step %d goes from %g to %g", name, k, rows[k-1].Loss, rows[k].Loss)
				break
			}
		}
	}
}

func TestScaledGDDefaultsConverge(t *testing.T) {
	for pn, p := range problems(t) {
		for sn, s := range starts {
			if pn == "balanced sensing" && sn != "spectral" {
				continue // its regulariser does not scale: see the doc comment
			}
			res := solve(t, p, solver.ScaledGD{}, start(t, s, p), nil)
			truth, _ := lr.TruthOf(p)
			if e := lr.RelErr(res.X, truth); !res.Status.Converged() || e > 1e-8 || res.Iter > 1500 {
				t.Errorf("%s from %s: %v after %d steps with relative error %g; want convergence within 1500 steps to 1e-8", pn, sn, res.Status, res.Iter, e)
			}
		}
	}
}

// Twice as many columns as M* has rank: VᵀV becomes singular on the way. With
// damping that follows the error the steps stay few, where gradient descent
// slows down to a crawl.
func TestOverParameterised(t *testing.T) {
	truth := start(t, initial.Random{Seed: 5}, made(t, problem.RandomCompletion{D1: 20, Rank: 2, P: 1, Symmetric: true}))
	c := problem.Completion{D1: 20, Rank: 4, Symmetric: true, Truth: truth}
	for i := range 20 {
		for j := range 20 {
			c.Rows, c.Cols, c.Values = append(c.Rows, i), append(c.Cols, j), append(c.Values, truth.At(i, j))
		}
	}
	p := made(t, c)
	x0 := start(t, initial.Random{Scale: 0.1, Seed: 2}, p)
	o := &lr.Options{MaxIter: 300, Stop: lr.RelErrBelow(1e-9)}
	for _, m := range []solver.ScaledGD{{ErrorDamping: 0.1}, {ErrorDamping: 1}} {
		if res := solve(t, p, m, x0, o); res.Status != lr.ErrorConverged {
			t.Errorf("%s: %v after %d steps at relative error %g; want 1e-9 within 300", m.Name(), res.Status, res.Iter, res.Trace.Last().RelErr)
		}
	}
	tiny := start(t, initial.Random{Scale: 1e-7, Seed: 2}, p) // a fixed λ leaves the spare columns where they are
	if res := solve(t, p, solver.ScaledGD{Damping: 1}, tiny, o); res.Status != lr.ErrorConverged {
		t.Errorf("fixed damping: %v after %d steps at relative error %g; want 1e-9 within 300", res.Status, res.Iter, res.Trace.Last().RelErr)
	}
	if gd := solve(t, p, solver.GD{}, x0, o); !(gd.Trace.Last().RelErr > 1e-6) {
		t.Errorf("gradient descent is at %g after %d steps: the instance shows nothing", gd.Trace.Last().RelErr, gd.Iter)
	}
}

// A singular Gram matrix, at a start of lower rank or at 0, gives no NaN.
func TestScaledGDSingular(t *testing.T) {
	for name, p := range problems(t) {
		for _, m := range []solver.ScaledGD{{}, {Step: 1e-4}} {
			low := start(t, starts["random"], p)
			linalg.ScaleColumn(low.U, 1, 0)
			if low.V != nil {
				linalg.ScaleColumn(low.V, 1, 0)
			}
			res := solve(t, p, m, low, &lr.Options{MaxIter: 30})
			rows := res.Trace.Rows
			if !res.X.Finite() || !(rows[len(rows)-1].Loss < rows[0].Loss) {
				t.Errorf("%s, %s from rank 1: loss %g to %g", name, m.Name(), rows[0].Loss, rows[len(rows)-1].Loss)
			}
			res = solve(t, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 5, Stop: lr.LossBelow(0)})
			if res.X.Norm() != 0 || m.Step == 0 && res.Status != lr.Stalled {
				t.Errorf("%s, %s from 0: %v at norm %g; 0 is critical", name, m.Name(), res.Status, res.X.Norm())
			}
		}
	}
}

// With noise the minimum is not 0, and the values stop telling points apart
// when the gradient is 1e-7 of what it was. The method goes on to 1e-10.
func TestScaledGDNoise(t *testing.T) {
	for _, p := range []lr.Problem{
		made(t, problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.6, Seed: 1, Noise: 0.1}),
		made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1, Noise: 0.1}),
	} {
		if res := solve(t, p, solver.ScaledGD{}, start(t, starts["spectral"], p), nil); res.Status != lr.GradientConverged {
			t.Errorf("%v: %v with gradient norm %g of %g", p, res.Status, res.Trace.Last().GradNorm, res.Trace.Rows[0].GradNorm)
		}
		res := solve(t, p, solver.ScaledGD{}, start(t, starts["spectral"], p), &lr.Options{Stop: lr.GradBelow(0), MaxIter: 5000})
		if res.Status != lr.Stalled {
			t.Errorf("%v: %v when an impossible gradient is asked for, want stalled", p, res.Status)
		}
	}
}

func TestScaledGDDiverged(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	res, err := lr.Solve(context.Background(), p, solver.ScaledGD{Step: 1}, start(t, starts["random"], p), nil)
	if !errors.Is(err, lr.ErrDiverged) || res.Status != lr.Diverged || !res.X.Finite() {
		t.Errorf("%v, %v: want diverged at a finite point", res.Status, err)
	}
}

func TestScaledGDGradientOfNaN(t *testing.T) {
	x0 := lr.NewFactors(2, 2, 1)
	x0.U.Set(0, 0, 1)
	for m, want := range map[solver.ScaledGD]error{{}: lr.ErrFailed, {Step: 1}: lr.ErrDiverged} {
		res, err := lr.Solve(context.Background(), flawed, m, x0, nil)
		if !errors.Is(err, want) || res == nil || !res.X.Equal(x0) {
			t.Errorf("%s: error %v, want one that wraps %q and the start", m.Name(), err, want)
		}
	}
}

func TestScaledGDNames(t *testing.T) {
	for want, m := range map[string]solver.ScaledGD{
		"ScaledGD(step found)":                     {},
		"ScaledGD(step 0.5)":                       {Step: 0.5},
		"ScaledGD(step 0.5, λ = 0.1)":              {Step: 0.5, Damping: 0.1},
		"ScaledGD(step found, λ ∝ 0.2 error)":      {ErrorDamping: 0.2},
		"ScaledGD(step found, λ = 1, λ ∝ 2 error)": {Damping: 1, ErrorDamping: 2},
	} {
		if got := m.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestScaledGDBadInput(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 2, D2: 2, Rank: 1, M: 4})
	for says, m := range map[string]solver.ScaledGD{
		"Step = -1":           {Step: -1},
		"Step = NaN":          {Step: math.NaN()},
		"Step = +Inf":         {Step: math.Inf(1)},
		"Damping = -2":        {Damping: -2},
		"Damping = +Inf":      {Damping: math.Inf(1)},
		"ErrorDamping = -0.5": {ErrorDamping: -0.5},
		"ErrorDamping = NaN":  {ErrorDamping: math.NaN()},
	} {
		_, err := m.Start(p, lr.NewPoint(p))
		if !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: error %v, want one that wraps ErrValue and says %q", m, err, says)
		}
	}
}
