package solver_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// gonums are gonum's methods, with fields of their own or without.
func gonums() []lr.Method {
	return []lr.Method{
		solver.Gonum{Method: &optimize.GradientDescent{}},
		solver.Gonum{Method: &optimize.GradientDescent{StepSizer: optimize.ConstantStepSize{Size: 0.01}}},
		solver.Gonum{Method: &optimize.CG{}},
		solver.Gonum{Method: &optimize.CG{Variant: &optimize.HagerZhang{}, Linesearcher: &optimize.Bisection{CurvatureFactor: 0.1}}},
		solver.Gonum{Method: &optimize.BFGS{}},
		solver.Gonum{Method: &optimize.LBFGS{}},
		solver.Gonum{Method: &optimize.LBFGS{Store: 4, Linesearcher: &optimize.MoreThuente{}}},
	}
}

func TestGonumSuite(t *testing.T) {
	p := problems(t)["sensing, mean"]
	for _, m := range gonums() {
		t.Run(m.Name(), func(t *testing.T) {
			lowranktest.TestMethod(t, m, p, start(t, starts["random"], p), lowranktest.MethodOptions{Stop: lr.RelErrBelow(1e-6), Monotone: true, NoSave: true, Allocates: true})
		})
	}
}

func TestGonumConverges(t *testing.T) {
	for pn, p := range problems(t) {
		for _, m := range gonums() {
			res := solve(t, p, m, start(t, starts["random"], p), &lr.Options{Stop: lr.RelErrBelow(1e-5), MaxIter: 5000})
			if res.Status != lr.ErrorConverged {
				t.Errorf("%s, %s: %v after %d steps with relative error %g", pn, m.Name(), res.Status, res.Iter, res.Trace.Last().RelErr)
			}
		}
	}
}

// minimize is gonum's own loop: the points of its major iterations.
func minimize(t *testing.T, p lr.Problem, m optimize.Method, x0 *lr.Factors, steps int) (losses []float64) {
	t.Helper()
	eval := p.NewEval()
	point := func(x []float64) *lr.Factors {
		y := lr.NewPoint(p)
		n := copy(y.U.RawMatrix().Data, x)
		if y.V != nil {
			copy(y.V.RawMatrix().Data, x[n:])
		}
		return y
	}
	g := lr.NewPoint(p)
	rec := majors{take: func(l *optimize.Location) { losses = append(losses, l.F) }}
	_, err := optimize.Minimize(optimize.Problem{
		Func: func(x []float64) float64 { return eval.Grad(nil, point(x)) },
		Grad: func(dst, x []float64) {
			eval.Grad(g, point(x))
			copy(dst, long(g).RawVector().Data)
		},
	}, append([]float64(nil), long(x0).RawVector().Data...), &optimize.Settings{MajorIterations: steps, Recorder: rec, Converger: optimize.NeverTerminate{}}, m)
	if err != nil {
		t.Fatal(err)
	}
	return losses
}

type majors struct{ take func(*optimize.Location) }

func (majors) Init() error { return nil }

func (r majors) Record(l *optimize.Location, op optimize.Operation, _ *optimize.Stats) error {
	if op == optimize.MajorIteration {
		r.take(l)
	}
	return nil
}

// TestGonumIsGonum compares every step with gonum's own loop and its
// goroutines.
func TestGonumIsGonum(t *testing.T) {
	for pn, p := range problems(t) {
		for _, m := range gonums() {
			x0 := start(t, starts["random"], p)
			rows := solve(t, p, m, x0, &lr.Options{MaxIter: 15}).Trace.Rows
			want := minimize(t, p, m.(solver.Gonum).Method, x0, 15)
			for k := range min(len(rows), len(want)) {
				if math.Abs(rows[k].Loss-want[k]) > 1e-12*want[k] {
					t.Errorf("%s, %s: after %d steps the loss is %.17g, in gonum's loop %.17g", pn, m.Name(), k, rows[k].Loss, want[k])
					break
				}
			}
			if len(want) < 10 {
				t.Errorf("%s: gonum's loop made %d steps; the test sees too little", m.Name(), len(want))
			}
		}
	}
}

// One value starts many runs, none of which sees another; the caller's structs
// are not written to.
func TestGonumIsAConfig(t *testing.T) {
	p := problems(t)["sensing"]
	method := &optimize.LBFGS{}
	m := solver.Gonum{Method: method}
	x0, y0 := start(t, starts["random"], p), start(t, starts["spectral"], p)
	alone := rows(solve(t, p, m, x0, &lr.Options{MaxIter: 20}).Trace)
	a, errA := lr.Start(p, m, x0, &lr.Options{MaxIter: 20})
	b, errB := lr.Start(p, m, y0, &lr.Options{MaxIter: 20})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for a.Next(t.Context()) && b.Next(t.Context()) {
	}
	for a.Next(t.Context()) {
	}
	if !sameNumbers(rows(a.Trace()), alone) {
		t.Error("a run goes another way beside a second one")
	}
	if method.Store != 0 || method.Linesearcher != nil {
		t.Error("the caller's LBFGS was written to")
	}
}

// A step that is cut short leaves the point, and the next goes on from there.
func TestGonumCutShort(t *testing.T) {
	cuts := 0
	for _, m := range gonums() {
		var cancel func()
		after := -1
		p := interrupted(oneBit(1), &cancel, &after)
		x0 := start(t, starts["random"], p)
		want := solve(t, p, m, x0, &lr.Options{MaxIter: 12})
		s, err := m.Start(p, x0)
		if err != nil {
			t.Fatal(err)
		}
		for k := 0; k < 12; {
			ctx, stop := context.WithCancel(context.Background())
			cancel, after = stop, 1
			before := s.Point().Clone()
			switch err := s.Step(ctx); {
			case err == nil:
				k++
			case !errors.Is(err, context.Canceled):
				t.Fatal(err)
			default:
				cuts++
				if !s.Point().Equal(before) {
					t.Errorf("%s: a step that was cut short moved", m.Name())
				}
			}
			stop()
		}
		if !s.Point().Equal(want.X) {
			t.Errorf("%s: after cuts it is elsewhere", m.Name())
		}
	}
	if cuts < 10 {
		t.Errorf("%d steps were cut short; the test sees too little", cuts)
	}
}

// Its limits are as the doc comment says: no checkpoint; a stall, not an
// error, where gonum's line search gives up; nothing at a critical point.
func TestGonumLimits(t *testing.T) {
	m := solver.Gonum{Method: &optimize.LBFGS{}}
	p := problems(t)["sensing"]
	_, err := lr.Start(p, m, start(t, starts["random"], p), &lr.Options{Checkpoint: lr.Checkpoint{Path: t.TempDir() + "/run"}})
	if !errors.Is(err, lr.ErrCheckpoint) {
		t.Errorf("a checkpoint: %v, want one that wraps ErrCheckpoint", err)
	}
	bit := oneBit(1)
	res := solve(t, bit, m, start(t, starts["random"], bit), &lr.Options{Stop: lr.GradBelow(0)})
	if res.Status != lr.Stalled || res.Trace.Last().GradNorm > 1e-4 {
		t.Errorf("%v with gradient norm %g; want stalled near a minimum", res.Status, res.Trace.Last().GradNorm)
	}
	s, err := m.Start(bit, res.X)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; err == nil && k < 100; k++ {
		err = s.Step(t.Context())
	}
	if again := s.Step(t.Context()); !errors.Is(err, lr.ErrNoProgress) || !errors.Is(again, lr.ErrNoProgress) {
		t.Errorf("at the end: error %v, then %v; want no progress, for good", err, again)
	}
	res = solve(t, p, m, lr.NewPoint(p), &lr.Options{Stop: lr.LossBelow(0)})
	if res.Status != lr.Stalled || res.Iter != 0 {
		t.Errorf("from a critical point: %v after %d steps", res.Status, res.Iter)
	}
	x0 := lr.NewFactors(2, 2, 1)
	x0.U.Set(0, 0, 1)
	if _, err := lr.Solve(t.Context(), flawed, m, x0, nil); !errors.Is(err, lr.ErrFailed) {
		t.Errorf("a gradient of NaN: %v, want a failure", err)
	}
}

func TestGonumNames(t *testing.T) {
	want := []string{
		"Gonum(GradientDescent, Backtracking)", "Gonum(GradientDescent, Backtracking)",
		"Gonum(CG, HestenesStiefel, MoreThuente)", "Gonum(CG, HagerZhang, Bisection)",
		"Gonum(BFGS, Bisection)", "Gonum(LBFGS, Bisection, store 15)", "Gonum(LBFGS, MoreThuente, store 4)",
	}
	for k, m := range gonums() {
		if got := m.Name(); got != want[k] {
			t.Errorf("got %q, want %q", got, want[k])
		}
	}
	if got := (solver.Gonum{Method: &optimize.NelderMead{}}).Name(); got != "Gonum(NelderMead)" {
		t.Errorf("got %q", got)
	}
}

func TestGonumRefuses(t *testing.T) {
	p := lr.Funcs{D1: 2, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	x0 := &lr.Factors{U: mat.NewDense(2, 1, nil), V: mat.NewDense(2, 1, nil)}
	for says, method := range map[string]optimize.Method{
		"<nil>":                       nil,
		"a nil *optimize.LBFGS":       (*optimize.LBFGS)(nil),
		"NelderMead":                  &optimize.NelderMead{},
		"Newton":                      &optimize.Newton{},
		"Store -3":                    &optimize.LBFGS{Store: -3},
		"IterationRestartFactor -1":   &optimize.CG{IterationRestartFactor: -1},
		"AngleRestartThreshold 0.5":   &optimize.CG{AngleRestartThreshold: 0.5},
		"GradientDescent, CG, BFGS a": &optimize.CmaEsChol{},
	} {
		s, err := solver.Gonum{Method: method}.Start(p, x0)
		if !errors.Is(err, lr.ErrValue) || s != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; want one that wraps ErrValue and says %q", err, says)
		}
	}
}
