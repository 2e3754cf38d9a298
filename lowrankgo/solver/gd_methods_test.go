package solver_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// firstOrder are the methods that go along directions and find their own
// lengths.
var firstOrder = []lr.Method{
	solver.GD{Rule: solver.RuleBarzilaiBorwein},
	solver.Accelerated{},
	solver.Accelerated{Restart: solver.RestartFunction},
	solver.Accelerated{Restart: solver.RestartGradient},
	solver.ConjugateGradient{},
	solver.ConjugateGradient{Curvature: 0.8},
	solver.LBFGS{},
	solver.LBFGS{Memory: 1, Curvature: 0.5},
	solver.PerturbedGD{},
	solver.PerturbedGD{Wait: 20, Seed: 4},
}

// oneBit is a logistic objective with a ridge, by its definition,
//
//	Σ log(1 + exp(−Yᵢⱼ·Mᵢⱼ)) + 0.05·(‖U‖² + ‖V‖²),  Y a matrix of signs:
//
// not a quadratic in M, and its least value is far from 0.
func oneBit(seed uint64) lr.Funcs {
	const d1, d2, r, ridge = 12, 10, 2, 0.05
	rng := lr.Stream(seed, "one bit")
	var m mat.Dense
	m.Mul(lr.NormalMatrix(rng, d1, r), lr.NormalMatrix(rng, r, d2))
	y := make([]float64, d1*d2)
	for k := range y {
		y[k] = 1
		if m.At(k/d2, k%d2)+rng.NormFloat64()/2 < 0 {
			y[k] = -1
		}
	}
	return lr.Funcs{Name: "one bit", D1: d1, D2: d2, Rank: r, GradFunc: func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.CopyFrom(x)
			dst.Scale(2 * ridge)
		}
		f := ridge * x.Dot(x)
		for k, s := range y {
			i, j := k/d2, k%d2
			e := math.Exp(-s * x.At(i, j))
			f += math.Log1p(e)
			if dst == nil {
				continue
			}
			g := -s * e / (1 + e)
			for c := range r {
				dst.U.Set(i, c, dst.U.At(i, c)+g*x.V.At(j, c))
				dst.V.Set(j, c, dst.V.At(j, c)+g*x.U.At(i, c))
			}
		}
		return f
	}}
}

// noisy is sensing whose measurements no low-rank matrix explains.
func noisy(t testing.TB) lr.Problem {
	t.Helper()
	op, err := operator.NewGaussian(8, 7, 90, 1)
	if err != nil {
		t.Fatal(err)
	}
	return made(t, problem.Sensing{Operator: op, B: lr.NormalMatrix(lr.Stream(1, "noise"), 1, 90).RawMatrix().Data, Rank: 2})
}

func TestFirstOrderSuite(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	sym := made(t, problem.RandomCompletion{D1: 30, Rank: 2, P: 0.5, Seed: 1, Symmetric: true})
	bit := oneBit(1)
	for _, m := range append(firstOrder, solver.Accelerated{Restart: solver.RestartNever}) {
		var o lowranktest.MethodOptions
		switch c := m.(type) {
		case solver.ConjugateGradient, solver.LBFGS:
			o.Monotone = true
		case solver.Accelerated:
			o.Monotone = c.Restart == solver.RestartDefault || c.Restart == solver.RestartFunction
		}
		t.Run(m.Name(), func(t *testing.T) {
			t.Run("sensing", func(t *testing.T) { lowranktest.TestMethod(t, m, p, start(t, starts["random"], p), o) })
			t.Run("completion", func(t *testing.T) { lowranktest.TestMethod(t, m, sym, start(t, starts["small random"], sym), o) })
			o.Monotone = false // but for the rounding of a value that is not near 0
			t.Run("one bit", func(t *testing.T) { lowranktest.TestMethod(t, m, bit, start(t, starts["random"], bit), o) })
		})
	}
}

// TestFirstOrderConverges is what a user who sets nothing gets: every problem,
// every start.
func TestFirstOrderConverges(t *testing.T) {
	for pn, p := range problems(t) {
		for sn, s := range starts {
			for _, m := range firstOrder {
				res := solve(t, p, m, start(t, s, p), nil)
				truth, _ := lr.TruthOf(p)
				if e := lr.RelErr(res.X, truth); !res.Status.Converged() || e > 1e-8 || res.Iter > 1500 {
					t.Errorf("%s, %s, %s: %v after %d steps with relative error %g; want convergence within 1500 steps to 1e-8", pn, sn, m.Name(), res.Status, res.Iter, e)
				}
			}
		}
	}
}

// rows lists every number of a trace but the time.
func rows(tr *lr.Trace) (out []float64) {
	for _, r := range tr.Rows {
		out = append(out, float64(r.Iter), r.Loss, r.GradNorm, r.RelErr, r.SqErr, r.Step)
	}
	return out
}

func sameNumbers(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}

// TestFirstOrderResumes saves a run after each of its first steps and compares
// what comes of it with the run that was not interrupted.
func TestFirstOrderResumes(t *testing.T) {
	ctx := context.Background()
	methods := append([]lr.Method{solver.GD{}, solver.GD{Rule: solver.RuleArmijo}, solver.GD{Step: 1e-3}, solver.PerturbedGD{Wait: 3, Decrease: 1e9, Threshold: 1e9}}, firstOrder...)
	for _, p := range []lr.Problem{problems(t)["symmetric completion"], oneBit(3)} {
		for _, m := range methods {
			x0 := start(t, starts["random"], p)
			o := &lr.Options{MaxIter: 30}
			want := solve(t, p, m, x0, o)
			for at := range 16 {
				run, err := lr.Start(p, m, x0, o)
				if err != nil {
					t.Fatal(err)
				}
				for range at + 1 {
					run.Next(ctx)
				}
				var file bytes.Buffer
				if err := run.Save(&file); err != nil {
					t.Fatal(err)
				}
				again, err := lr.Resume(p, m, &file, o)
				if err != nil {
					t.Fatal(err)
				}
				for again.Next(ctx) {
				}
				got := again.Result()
				if !sameNumbers(rows(got.Trace), rows(want.Trace)) || !got.X.Equal(want.X) || got.Evals != want.Evals {
					t.Errorf("%v, %s: resumed at step %d it goes elsewhere", p, m.Name(), at)
					break
				}
			}
		}
	}
}

// Where the least value is not 0, its rounding hides the last decreases: the
// methods go on by slopes, and end when the gradient is rounding too.
func TestFirstOrderBelowNoise(t *testing.T) {
	methods := append([]lr.Method{solver.GD{}, solver.GD{Rule: solver.RuleArmijo}}, firstOrder...)
	for _, p := range []lr.Problem{oneBit(1), oneBit(2)} {
		for _, m := range methods {
			x0 := start(t, starts["random"], p)
			if res := solve(t, p, m, x0, nil); res.Status != lr.GradientConverged {
				t.Errorf("%v, %s: %v with gradient norm %g; want converged", p, m.Name(), res.Status, res.Trace.Last().GradNorm)
			}
			res := solve(t, p, m, x0, &lr.Options{Stop: lr.GradBelow(0), MaxIter: 20000})
			if last := res.Trace.Last(); res.Status != lr.Stalled || last.GradNorm > 1e-11 {
				t.Errorf("%v, %s: %v with gradient norm %g; want stalled below 1e-11", p, m.Name(), res.Status, last.GradNorm)
			}
		}
	}
}

// Those that promise it never let the objective rise by more than rounding.
func TestFirstOrderDecreases(t *testing.T) {
	for _, m := range []lr.Method{solver.GD{}, solver.Accelerated{}, solver.Accelerated{Restart: solver.RestartFunction}, solver.ConjugateGradient{}, solver.LBFGS{}} {
		for _, p := range []lr.Problem{problems(t)["completion"], oneBit(1), noisy(t)} {
			all := solve(t, p, m, start(t, initial.Random{Scale: 10, Seed: 5}, p), &lr.Options{MaxIter: 400}).Trace.Rows
			for k := 1; k < len(all); k++ {
				if a, b := all[k-1].Loss, all[k].Loss; !(b <= a+1e-13*math.Abs(a)) {
					t.Errorf("%s on %v: step %d goes from %.17g to %.17g", m.Name(), p, k, a, b)
					break
				}
			}
		}
	}
}

// interrupted ends a context in the middle of an evaluation, once.
func interrupted(p lr.Funcs, cancel *func(), after *int) lr.Funcs {
	grad := p.GradFunc
	p.GradFunc = func(dst, x *lr.Factors) float64 {
		if *after--; *after == 0 {
			(*cancel)()
		}
		return grad(dst, x)
	}
	return p
}

// A step that is cut short leaves the point, and the next goes on from there
// to the end.
func TestFirstOrderCutShort(t *testing.T) {
	// Steps on a wall: the first lengths tried are far too long.
	wall := lr.Funcs{Name: "wall", D1: 3, D2: 2, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 {
		n := x.Dot(x) - 1
		if dst != nil {
			dst.CopyFrom(x)
			dst.Scale(1 + 200*math.Pow(n, 3))
		}
		return x.Dot(x)/2 + 25*math.Pow(n, 4)
	}}
	for _, m := range append([]lr.Method{solver.GD{}, solver.GD{Rule: solver.RuleArmijo}}, firstOrder...) {
		cut := 0
		for at := 1; at < 40; at++ {
			var cancel func()
			after := -1
			p := interrupted(wall, &cancel, &after)
			x0 := start(t, initial.Random{Scale: 2, Seed: uint64(at)}, p)
			s, err := m.Start(p, x0)
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			cancel, after = stop, at%7+1
			for range 20 {
				before, info := s.Point().Clone(), s.Info()
				err = s.Step(ctx)
				if err == nil {
					continue
				}
				if errors.Is(err, context.Canceled) {
					cut++
					if !s.Point().Equal(before) || s.Info().Loss != info.Loss || s.Info().GradNorm != info.GradNorm {
						t.Errorf("%s: a step that was cut short moved", m.Name())
					}
				}
				break
			}
			for range 2000 {
				if err = s.Step(context.Background()); err != nil || s.Info().GradNorm < 1e-9 {
					break
				}
			}
			if s.Info().GradNorm > 1e-8 && !errors.Is(err, lr.ErrNoProgress) {
				t.Errorf("%s: after the cut it ends at gradient norm %g, error %v", m.Name(), s.Info().GradNorm, err)
			}
			stop()
		}
		if cut == 0 {
			t.Errorf("%s: no step was cut short; the test sees nothing", m.Name())
		}
	}
}

// An objective without a lower bound ends as diverged, not as converged nor
// stalled, and gives the last finite point.
func TestFirstOrderUnbounded(t *testing.T) {
	hill := lr.Funcs{Name: "hill", D1: 2, D2: 2, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.CopyFrom(x)
			dst.Scale(-1)
		}
		return -x.Dot(x) / 2
	}}
	for _, m := range append([]lr.Method{solver.GD{}}, firstOrder...) {
		res, err := lr.Solve(context.Background(), hill, m, start(t, starts["random"], hill), nil)
		if !errors.Is(err, lr.ErrDiverged) || !res.X.Finite() {
			t.Errorf("%s: %v after %d steps, loss %g, error %v; want diverged, with a finite point", m.Name(), res.Status, res.Iter, res.Trace.Last().Loss, err)
		}
	}
}

// Where the gradient jumps no search along a line ends: the methods go on along
// −∇f, and when that fails too they stall, close by, after a bounded number of
// evaluations.
func TestFirstOrderKink(t *testing.T) {
	kink := lr.Funcs{Name: "kink", D1: 3, D2: 3, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 {
		var f float64
		for k, m := range []*mat.Dense{x.U, x.V} {
			for i, v := range m.RawMatrix().Data {
				w := float64(1 + 3*k + i)
				f += w * math.Abs(v)
				if dst == nil {
					continue
				}
				to := dst.U
				if k == 1 {
					to = dst.V
				}
				to.Set(i, 0, math.Copysign(w, v))
			}
		}
		return f
	}}
	for _, m := range append([]lr.Method{solver.GD{}}, firstOrder...) {
		x0 := start(t, starts["random"], kink)
		res := solve(t, kink, m, x0, &lr.Options{MaxIter: 3000})
		if res.Status != lr.Stalled && res.Status != lr.IterationLimit || res.Evals > 100*(res.Iter+10) {
			t.Errorf("%s: %v after %d steps and %d evaluations", m.Name(), res.Status, res.Iter, res.Evals)
		}
		if first, last := res.Trace.Rows[0].Loss, res.Trace.Last().Loss; !(last < 0.9*first) {
			t.Errorf("%s: the loss goes from %g to %g", m.Name(), first, last)
		}
	}
}

func TestFirstOrderGradientOfNaN(t *testing.T) {
	x0 := lr.NewFactors(2, 2, 1)
	x0.U.Set(0, 0, 1)
	for _, m := range firstOrder {
		res, err := lr.Solve(context.Background(), flawed, m, x0, nil)
		if !errors.Is(err, lr.ErrFailed) || res == nil || !res.X.Equal(x0) {
			t.Errorf("%s: error %v; want a failure, beside the start", m.Name(), err)
		}
	}
}

// At a critical point the others stay; perturbed gradient descent is tested
// where it is.
func TestFirstOrderCriticalStart(t *testing.T) {
	p := problems(t)["sensing"]
	for _, m := range firstOrder {
		if _, ok := m.(solver.PerturbedGD); ok {
			continue
		}
		res := solve(t, p, m, start(t, initial.Zero{}, p), &lr.Options{Stop: lr.LossBelow(0)})
		if res.Status != lr.Stalled || res.Iter != 0 || res.X.Norm() != 0 {
			t.Errorf("%s: %v after %d steps", m.Name(), res.Status, res.Iter)
		}
	}
}

// A start far out, where the objective is of order 10¹⁷, is no obstacle when a
// regulariser balances the factors. (Without one, factors as unequal as those
// of this start stay so, and the problem is ill-conditioned.)
func TestFirstOrderHugeStart(t *testing.T) {
	p := problems(t)["balanced sensing"]
	truth, _ := lr.TruthOf(p)
	for _, m := range firstOrder {
		res := solve(t, p, m, start(t, initial.Random{Scale: 1e4, Seed: 1}, p), &lr.Options{Stop: lr.RelErrBelow(1e-6), MaxIter: 20000})
		if res.Status != lr.ErrorConverged {
			t.Errorf("%s: %v after %d steps with relative error %g", m.Name(), res.Status, res.Iter, lr.RelErr(res.X, truth))
		}
	}
}

func TestFirstOrderRefuses(t *testing.T) {
	p := problems(t)["sensing"]
	for says, m := range map[string]lr.Method{
		"Accelerated has Step = -1":                        solver.Accelerated{Step: -1},
		"Accelerated has Step = NaN":                       solver.Accelerated{Step: math.NaN()},
		"Restart 7":                                        solver.Accelerated{Restart: 7},
		"ConjugateGradient has Curvature = 1":              solver.ConjugateGradient{Curvature: 1},
		"ConjugateGradient has Curvature = -0.1":           solver.ConjugateGradient{Curvature: -0.1},
		"LBFGS has Memory = -2":                            solver.LBFGS{Memory: -2},
		"LBFGS has Curvature = +Inf":                       solver.LBFGS{Curvature: math.Inf(1)},
		"PerturbedGD has Step = -1":                        solver.PerturbedGD{Step: -1},
		"PerturbedGD has Radius = +Inf":                    solver.PerturbedGD{Radius: math.Inf(1)},
		"PerturbedGD has Threshold = NaN":                  solver.PerturbedGD{Threshold: math.NaN()},
		"PerturbedGD has Decrease = -3":                    solver.PerturbedGD{Decrease: -3},
		"PerturbedGD has Wait = -1":                        solver.PerturbedGD{Wait: -1},
		"a number between 0 and 1 is wanted":               solver.LBFGS{Curvature: 2},
		"a positive finite number is wanted, or 0 for the": solver.Accelerated{Step: math.Inf(1)},
	} {
		res, err := lr.Solve(context.Background(), p, m, lr.NewPoint(p), nil)
		if !errors.Is(err, lr.ErrValue) || res != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; want one that wraps ErrValue and says %q", err, says)
		}
	}
}

func TestFirstOrderNames(t *testing.T) {
	for want, m := range map[string]lr.Method{
		"GD(Barzilai–Borwein)":                    solver.GD{Rule: solver.RuleBarzilaiBorwein},
		"GD(Barzilai–Borwein, first step 2)":      solver.GD{Rule: solver.RuleBarzilaiBorwein, Step: 2},
		"Accelerated(restart)":                    solver.Accelerated{},
		"Accelerated(function restart)":           solver.Accelerated{Restart: solver.RestartFunction},
		"Accelerated(gradient restart)":           solver.Accelerated{Restart: solver.RestartGradient},
		"Accelerated(no restart, step 0.5)":       solver.Accelerated{Restart: solver.RestartNever, Step: 0.5},
		"Accelerated(unknown restart -1)":         solver.Accelerated{Restart: -1},
		"CG(Hager–Zhang, curvature 0.3)":          solver.ConjugateGradient{},
		"LBFGS(memory 10, curvature 0.9)":         solver.LBFGS{},
		"LBFGS(memory 4, curvature 0.5)":          solver.LBFGS{Memory: 4, Curvature: 0.5},
		"PerturbedGD(seed 0, wait 500)":           solver.PerturbedGD{},
		"PerturbedGD(seed 3, wait 9, radius 0.1)": solver.PerturbedGD{Seed: 3, Wait: 9, Radius: 0.1},
	} {
		if got := m.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
