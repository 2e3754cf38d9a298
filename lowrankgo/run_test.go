package lowrankgo_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// bowl is ½‖U‖² + ½‖V‖² on 2×2 factors of rank 1, with M* = 0.
func bowl() lr.Funcs {
	return lr.Funcs{
		Name: "bowl", D1: 2, D2: 2, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			if dst != nil {
				dst.CopyFrom(x)
			}
			return x.Dot(x) / 2
		},
	}
}

func ones() *lr.Factors {
	return &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 1}), V: mat.NewDense(2, 1, []float64{1, 1})}
}

// script is a method that halves its point, and does at one step what a test
// wants to see.
type script struct {
	at int             // the step
	do func() error    // what it does there; nil: nothing
	on func(*scripted) // or what it does to the state
}

type scripted struct {
	script
	x    *lr.Factors
	k    int
	info lr.Info
}

func (s script) Name() string { return "script" }

func (s script) Start(_ lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	st := &scripted{script: s, x: x0.Clone()}
	st.describe()
	return st, nil
}

func (s *scripted) describe() {
	s.info = lr.Info{Loss: s.x.Dot(s.x) / 2, GradNorm: s.x.Norm(), Step: 0.5, Evals: s.k + 1}
}

func (s *scripted) Step(context.Context) error {
	s.k++
	if s.k == s.at && s.do != nil {
		if err := s.do(); err != nil {
			return err
		}
	}
	s.x.Scale(0.5)
	s.describe()
	if s.k == s.at && s.on != nil {
		s.on(s)
	}
	return nil
}

func (s *scripted) Point() *lr.Factors { return s.x }
func (s *scripted) Info() lr.Info      { return s.info }

// never is a rule that never holds.
func never(*lr.Trace) lr.Status { return lr.Running }

// TestEveryStatus ends a run in each way there is and looks at what is left:
// after k halvings every entry is 2⁻ᵏ.
func TestEveryStatus(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name   string
		m      script
		o      lr.Options
		status lr.Status
		err    error
		iter   int
	}{
		{"gradient", script{}, lr.Options{Stop: lr.GradBelow(0.3)}, lr.GradientConverged, nil, 3},
		{"gradient by default", script{}, lr.Options{}, lr.GradientConverged, nil, 34},
		{"loss", script{}, lr.Options{Stop: lr.LossBelow(0.13)}, lr.LossConverged, nil, 2},
		{"error", script{}, lr.Options{Stop: lr.SqErrBelow(0.25)}, lr.ErrorConverged, nil, 1},
		{"relative error", script{}, lr.Options{Stop: lr.RelErrBelow(130)}, lr.ErrorConverged, nil, 2},
		{"rule that stalls", script{}, lr.Options{Stop: lr.StalledFor(2, 0.99)}, lr.Stalled, nil, 2},
		{"no progress", script{at: 4, do: func() error { return lr.ErrNoProgress }}, lr.Options{}, lr.Stalled, nil, 3},
		{"no progress, wrapped", script{at: 4, do: func() error { return fmt.Errorf("so: %w", lr.ErrNoProgress) }}, lr.Options{}, lr.Stalled, nil, 3},
		{"iterations", script{}, lr.Options{MaxIter: 6}, lr.IterationLimit, nil, 6},
		{"time", script{at: 2, do: func() error { time.Sleep(250 * time.Millisecond); return nil }}, lr.Options{Time: 200 * time.Millisecond}, lr.TimeLimit, nil, 2},
		{"OnRow", script{}, lr.Options{OnRow: func(r lr.Row) bool { return r.Iter < 5 }}, lr.Stopped, nil, 5},
		{"loss of NaN", script{at: 3, on: func(s *scripted) { s.info.Loss = math.NaN() }}, lr.Options{}, lr.Diverged, lr.ErrDiverged, 2},
		{"loss of −Inf", script{at: 3, on: func(s *scripted) { s.info.Loss = math.Inf(-1) }}, lr.Options{}, lr.Diverged, lr.ErrDiverged, 2},
		{"gradient of Inf", script{at: 3, on: func(s *scripted) { s.info.GradNorm = math.Inf(1) }}, lr.Options{}, lr.Diverged, lr.ErrDiverged, 2},
		{"point of NaN", script{at: 3, on: func(s *scripted) { s.x.V.Set(1, 0, math.NaN()) }}, lr.Options{}, lr.Diverged, lr.ErrDiverged, 2},
		{"an error", script{at: 3, do: func() error { return boom }}, lr.Options{}, lr.Failed, lr.ErrFailed, 2},
		{"a panic", script{at: 3, do: func() error { panic(boom) }}, lr.Options{}, lr.Failed, lr.ErrFailed, 2},
		{"a runtime panic", script{at: 3, do: func() error { var x []int; return fmt.Errorf("%d", x[5]) }}, lr.Options{}, lr.Failed, lr.ErrFailed, 2},
		{"a point of another shape", script{at: 3, on: func(s *scripted) { s.x = lr.NewFactors(3, 2, 1) }}, lr.Options{}, lr.Failed, lr.ErrFailed, 2},
		{"no point", script{at: 3, on: func(s *scripted) { s.x = nil }}, lr.Options{}, lr.Failed, lr.ErrFailed, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := bowl()
			p.TruthValue = &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 0}), V: mat.NewDense(2, 1, []float64{1e-3, 0})}
			res, err := lr.Solve(context.Background(), p, c.m, ones(), &c.o)
			if !errors.Is(err, c.err) {
				t.Fatalf("the error is %v; want one that wraps %v", err, c.err)
			}
			if res == nil {
				t.Fatal("no result")
			}
			if res.Status != c.status || res.Iter != c.iter {
				t.Errorf("%v after %d steps, want %v after %d", res.Status, res.Iter, c.status, c.iter)
			}
			if u := res.X.U.At(0, 0); u != math.Pow(0.5, float64(res.Iter)) {
				t.Errorf("the point is %g, want 2^-%d", u, res.Iter)
			}
			if last := res.Trace.Last(); last.Iter != res.Iter || last.Loss != res.X.Dot(res.X)/2 {
				t.Errorf("the last row describes step %d with loss %g, the point has %g", last.Iter, last.Loss, res.X.Dot(res.X)/2)
			}
			if res.Trace.Status != res.Status || res.Evals != res.Iter+1 {
				t.Errorf("trace %v, %d evaluations", res.Trace.Status, res.Evals)
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	cause := errors.New("the user pressed stop")
	for name, at := range map[string]int{"before the start": 0, "between steps": 3} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			run, err := lr.Start(bowl(), script{}, ones(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for k := 0; ; k++ {
				if k == at {
					cancel(cause)
				}
				if !run.Next(ctx) {
					break
				}
			}
			if !errors.Is(run.Err(), lr.ErrCanceled) || !errors.Is(run.Err(), cause) {
				t.Errorf("the error is %v; want one that wraps ErrCanceled and the cause", run.Err())
			}
			if want := max(at-1, 0); run.Result().Iter != want || run.Trace().Status != lr.Canceled {
				t.Errorf("%v after %d steps, want canceled after %d", run.Trace().Status, run.Result().Iter, want)
			}
			if run.Next(context.Background()) {
				t.Error("a run that has ended goes on")
			}
		})
	}
}

// A step that gives up because its context ended is a cancellation, whatever
// error it returns.
func TestCanceledInsideAStep(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	m := script{at: 3, do: func() error { cancel(); return errors.New("gave up") }}
	res, err := lr.Solve(ctx, bowl(), m, ones(), nil)
	if !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, context.Canceled) || res.Iter != 2 {
		t.Errorf("error %v after %d steps, want canceled after 2", err, res.Iter)
	}
}

func TestNoStartAtAll(t *testing.T) {
	p := bowl()
	p.GradFunc = func(_, _ *lr.Factors) float64 { return math.NaN() }
	run, err := lr.Start(p, solver.GD{Step: 1}, ones(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if run.Next(context.Background()) {
		t.Error("there is a row of NaN")
	}
	if !errors.Is(run.Err(), lr.ErrDiverged) || !run.Result().X.Equal(ones()) {
		t.Errorf("error %v, point %v; want diverged and the start", run.Err(), run.Point())
	}
	if !math.IsNaN(run.Row().Loss) {
		t.Error("a run without rows has a loss")
	}
}

func TestEvery(t *testing.T) {
	for _, c := range []struct {
		every, limit int
		rows         string
	}{
		{0, 3, "[0 1 2 3]"}, {1, 2, "[0 1 2]"}, {4, 8, "[0 4 8]"}, {4, 10, "[0 4 8 10]"}, {100, 3, "[0 3]"},
	} {
		res, err := lr.Solve(context.Background(), bowl(), script{}, ones(), &lr.Options{Every: c.every, MaxIter: c.limit, Stop: never})
		if err != nil {
			t.Fatal(err)
		}
		var at []int
		for _, r := range res.Trace.Rows {
			at = append(at, r.Iter)
		}
		if got := fmt.Sprint(at); got != c.rows || res.Status != lr.IterationLimit {
			t.Errorf("every %d up to %d: rows %v, %v; want %s", c.every, c.limit, got, res.Status, c.rows)
		}
	}
}

// A rule that holds at the last row outranks the limit that ended the run.
func TestConvergenceOutranksLimits(t *testing.T) {
	for name, m := range map[string]script{"limit": {}, "stall": {at: 8, do: func() error { return lr.ErrNoProgress }}} {
		res, err := lr.Solve(context.Background(), bowl(), m, ones(), &lr.Options{Every: 50, MaxIter: 7, Stop: lr.GradBelow(0.1)})
		if err != nil || res.Status != lr.GradientConverged || res.Iter != 7 {
			t.Errorf("%s: %v after %d steps, error %v; want converged after 7", name, res.Status, res.Iter, err)
		}
	}
}

// A divergence between rows still leaves a row for the last finite point.
func TestDivergedBetweenRows(t *testing.T) {
	m := script{at: 7, on: func(s *scripted) { s.x.U.Set(0, 0, math.Inf(1)) }}
	res, err := lr.Solve(context.Background(), bowl(), m, ones(), &lr.Options{Every: 5})
	if !errors.Is(err, lr.ErrDiverged) || res.Iter != 6 || res.Trace.Last().Iter != 6 {
		t.Errorf("error %v after %d steps, last row %d; want diverged, 6 and 6", err, res.Iter, res.Trace.Last().Iter)
	}
}

func TestRows(t *testing.T) {
	run, err := lr.Start(bowl(), script{}, ones(), &lr.Options{MaxIter: 9, Stop: never})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var at []int
	for r := range run.Rows(ctx) {
		at = append(at, r.Iter)
		if r.Iter == 3 {
			break
		}
	}
	if !run.Next(ctx) {
		t.Fatal("the run ended with the loop")
	}
	at = append(at, run.Row().Iter)
	for r := range run.Rows(ctx) {
		at = append(at, r.Iter)
	}
	if got := fmt.Sprint(at); got != "[0 1 2 3 4 5 6 7 8 9]" {
		t.Errorf("rows %s", got)
	}
	if run.Trace().Status != lr.IterationLimit || run.Err() != nil {
		t.Errorf("%v, error %v", run.Trace().Status, run.Err())
	}
}

// The clock runs in the method alone: what the rules take is not in it.
func TestClock(t *testing.T) {
	var rules time.Duration
	slow := func(*lr.Trace) lr.Status {
		begin := time.Now()
		time.Sleep(2 * time.Millisecond)
		rules += time.Since(begin)
		return lr.Running
	}
	m := script{at: 2, do: func() error { time.Sleep(10 * time.Millisecond); return nil }}
	begin := time.Now()
	res, err := lr.Solve(context.Background(), bowl(), m, ones(), &lr.Options{MaxIter: 30, Stop: slow})
	all := time.Since(begin)
	if err != nil {
		t.Fatal(err)
	}
	if e := res.Trace.Last().Elapsed; e < 10*time.Millisecond || e > all-rules {
		t.Errorf("the clock shows %v; want at least the 10 ms of the one slow step and at most %v, which is all but the rules' time", e, all-rules)
	}
	for k := 1; k < len(res.Trace.Rows); k++ {
		if res.Trace.Rows[k].Elapsed < res.Trace.Rows[k-1].Elapsed {
			t.Fatalf("time runs backwards at row %d", k)
		}
	}
}

func TestResultIsACopy(t *testing.T) {
	x0 := ones()
	run, err := lr.Start(bowl(), script{}, x0, nil)
	if err != nil {
		t.Fatal(err)
	}
	x0.U.Zero()
	ctx := context.Background()
	run.Next(ctx)
	first := run.Result()
	run.Next(ctx)
	if first.X.U.At(0, 0) != 1 {
		t.Errorf("the result of row 0 has %g; want 1, the start, which x0's owner and the run have changed since", first.X.U.At(0, 0))
	}
	if run.Point().U.At(0, 0) != 0.5 {
		t.Errorf("the point of row 1 has %g", run.Point().U.At(0, 0))
	}
}

// failingStart cannot start.
type failingStart struct {
	script
	panics bool
}

func (f failingStart) Start(lr.Problem, *lr.Factors) (lr.Stepper, error) {
	if f.panics {
		panic("not today")
	}
	return nil, lr.ErrAbility
}

func TestStartRefuses(t *testing.T) {
	withTruth := func(x *lr.Factors) lr.Problem { p := bowl(); p.TruthValue = x; return p }
	without := bowl()
	without.GradFunc = nil
	sym := bowl()
	sym.Sym = true
	nan := ones()
	nan.V.Set(0, 0, math.NaN())
	uneven := &lr.Factors{U: mat.NewDense(2, 1, nil), V: mat.NewDense(2, 2, nil)}
	for _, c := range []struct {
		name string
		p    lr.Problem
		m    lr.Method
		x    *lr.Factors
		o    *lr.Options
		kind error
		says []string
	}{
		{"no problem", nil, script{}, ones(), nil, lr.ErrEmpty, []string{"no problem"}},
		{"no method", bowl(), nil, ones(), nil, lr.ErrEmpty, []string{"method"}},
		{"no start", bowl(), script{}, nil, nil, lr.ErrShape, []string{"no U", "bowl wants U 2×1, V 2×1"}},
		{"start without U", bowl(), script{}, &lr.Factors{}, nil, lr.ErrShape, []string{"no U"}},
		{"start with an empty U", bowl(), script{}, &lr.Factors{U: &mat.Dense{}}, nil, lr.ErrShape, []string{"no U"}},
		{"start with an empty V", bowl(), script{}, &lr.Factors{U: mat.NewDense(2, 1, nil), V: &mat.Dense{}}, nil, lr.ErrShape, []string{"V that is empty"}},
		{"start without V", bowl(), script{}, lr.NewSymmetric(2, 1), nil, lr.ErrShape, []string{"U 2×1 and no V", "wants U 2×1, V 2×1"}},
		{"start with V", sym, script{}, ones(), nil, lr.ErrShape, []string{"U 2×1 and no V (the problem is symmetric)"}},
		{"start of another rank", bowl(), script{}, lr.NewFactors(2, 2, 2), nil, lr.ErrShape, []string{"U 2×2, V 2×2"}},
		{"start of uneven ranks", bowl(), script{}, uneven, nil, lr.ErrShape, []string{"V 2×2"}},
		{"start of another size", bowl(), script{}, lr.NewFactors(3, 2, 1), nil, lr.ErrShape, []string{"U 3×1"}},
		{"start with NaN", bowl(), script{}, nan, nil, lr.ErrValue, []string{"NaN or infinite"}},
		{"negative MaxIter", bowl(), script{}, ones(), &lr.Options{MaxIter: -1}, lr.ErrValue, []string{"MaxIter = -1"}},
		{"negative Every", bowl(), script{}, ones(), &lr.Options{Every: -2}, lr.ErrValue, []string{"Every = -2"}},
		{"negative Time", bowl(), script{}, ones(), &lr.Options{Time: -time.Second}, lr.ErrValue, []string{"Time = -1s"}},
		{"a method that cannot", bowl(), failingStart{}, ones(), nil, lr.ErrAbility, nil},
		{"no GradFunc", without, script{}, ones(), nil, lr.ErrEmpty, []string{"GradFunc", "required"}},
		{"no sizes", lr.Funcs{}, script{}, ones(), nil, lr.ErrRank, []string{"D1 = 0", "1 ≤ Rank"}},
		{"truth of another shape", withTruth(lr.NewFactors(2, 3, 1)), script{}, ones(), nil, lr.ErrShape, []string{"2×2", "2×3"}},
		{"truth without U", withTruth(&lr.Factors{}), script{}, ones(), nil, lr.ErrShape, []string{"truth of bowl", "no U"}},
		{"truth with NaN", withTruth(nan), script{}, ones(), nil, lr.ErrValue, []string{"truth of bowl", "NaN"}},
		{"a problem of rank 3", oddProblem{2, 2, 3}, script{}, ones(), nil, lr.ErrRank, []string{"oddProblem", "rank 3", "min(2, 2)"}},
		{"a problem without sizes", oddProblem{}, script{}, ones(), nil, lr.ErrRank, []string{"0×0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := lr.Solve(context.Background(), c.p, c.m, c.x, c.o)
			if !errors.Is(err, c.kind) || res != nil {
				t.Fatalf("result %v, error %v; want none and one that wraps %q", res, err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
	_, err := lr.Start(bowl(), failingStart{panics: true}, ones(), nil)
	if err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("a panic in Start gives %v; want an error that says what it was", err)
	}
}

// oddProblem has no method Check.
type oddProblem struct{ d1, d2, r int }

func (p oddProblem) Dims() (d1, d2, r int) { return p.d1, p.d2, p.r }
func (oddProblem) NewEval() lr.Evaluator   { return nil }
