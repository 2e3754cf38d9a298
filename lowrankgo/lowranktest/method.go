package lowranktest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// TestMethod tests a method on a problem that it solves from x0, in more than
// 30 steps, with the default stop rule. When p knows its truth, the relative
// error at the end must be below 1e-6.
func TestMethod(t *testing.T, m lr.Method, p lr.Problem, x0 *lr.Factors) {
	t.Helper()
	if err := lr.CheckPoint(p, x0); err != nil {
		t.Fatalf("CheckPoint: %v", err)
	}
	s := methodSuite{m, p, x0}
	run(t, []rule{
		{"start", "row 0 of the trace is x0, so the method begins at a copy of it", s.start},
		{"x0", "x0 is the caller's: it is only read", s.untouched},
		{"info", "Info describes Point: the loss and the gradient norm are those at it", s.info},
		{"converges", "the default stop rule is met, with a loss below that of the start", s.converges},
		{"limits", "each limit ends a run with its own status, without an error", s.limits},
		{"canceled", "cancellation gives the partial result beside the error", s.canceled},
		{"canceled inside", "a step that polls its context leaves the point as it was when it gives up", s.canceledInside},
		{"allocations", "Step allocates nothing after the first", s.allocations},
		{"threads", "the same start gives the same trace for any GOMAXPROCS", s.threads},
		{"concurrent", "a method is a config: one value may start many runs at once", s.concurrent},
		{"goroutines", "no goroutine outlives a run", s.goroutines},
		{"name", "the trace prints the method", func(t *testing.T) {
			if m.Name() == "" {
				t.Error("Name is empty")
			}
		}},
	})
}

type methodSuite struct {
	m  lr.Method
	p  lr.Problem
	x0 *lr.Factors
}

func (s methodSuite) stepper(t *testing.T) lr.Stepper {
	t.Helper()
	st, err := s.m.Start(s.p, s.x0)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	return st
}

// steps takes n steps, fewer when the method can go no further.
func steps(t *testing.T, st lr.Stepper, n int) {
	t.Helper()
	for k := range n {
		if err := st.Step(context.Background()); errors.Is(err, lr.ErrNoProgress) {
			return
		} else if err != nil {
			t.Fatalf("step %d: %v", k, err)
		}
	}
}

func (s methodSuite) start(t *testing.T) {
	st := s.stepper(t)
	if !st.Point().Equal(s.x0) {
		t.Error("the first point is not x0")
	}
	if st.Point() == s.x0 || st.Point().U == s.x0.U {
		t.Error("the first point shares memory with x0")
	}
	s.described(t, st, 0)
}

func (s methodSuite) untouched(t *testing.T) {
	keep := s.x0.Clone()
	steps(t, s.stepper(t), 10)
	sameBits(t, "x0 after ten steps", numbers(s.x0), numbers(keep))
}

func (s methodSuite) info(t *testing.T) {
	st := s.stepper(t)
	evals := st.Info().Evals
	for k := range 15 {
		steps(t, st, 1)
		s.described(t, st, k+1)
		if now := st.Info().Evals; now < evals {
			t.Errorf("step %d: Evals fell from %d to %d", k+1, evals, now)
		} else {
			evals = now
		}
	}
}

// described compares Info with an evaluation of Point.
func (s methodSuite) described(t *testing.T, st lr.Stepper, k int) {
	t.Helper()
	info, g := st.Info(), lr.NewPoint(s.p)
	loss := s.p.NewEval().Grad(g, st.Point())
	if !(math.Abs(info.Loss-loss) <= 1e-9*math.Abs(loss)) {
		t.Errorf("step %d: Info has loss %.17g, the point %.17g", k, info.Loss, loss)
	}
	if n := g.Norm(); !math.IsNaN(info.GradNorm) && !(math.Abs(info.GradNorm-n) <= 1e-9*n) {
		t.Errorf("step %d: Info has gradient norm %.17g, the point %.17g", k, info.GradNorm, n)
	}
}

func (s methodSuite) solve(t *testing.T, o *lr.Options) *lr.Result {
	t.Helper()
	res, err := lr.Solve(context.Background(), s.p, s.m, s.x0, o)
	if err != nil {
		t.Fatalf("Solve: %v", err)
	}
	return res
}

func (s methodSuite) converges(t *testing.T) {
	res := s.solve(t, nil)
	rows := res.Trace.Rows
	if !res.Status.Converged() {
		t.Errorf("ended with status %q after %d steps, want converged", res.Status, res.Iter)
	}
	if last := rows[len(rows)-1].Loss; !(last < rows[0].Loss) {
		t.Errorf("the loss went from %g to %g", rows[0].Loss, last)
	}
	if truth, ok := lr.TruthOf(s.p); ok {
		if e := lr.RelErr(res.X, truth); !(e < 1e-6) {
			t.Errorf("relative error %g, want below 1e-6", e)
		}
	}
}

func (s methodSuite) limits(t *testing.T) {
	res := s.solve(t, &lr.Options{MaxIter: 7, Every: 3})
	if res.Status != lr.IterationLimit || res.Iter != 7 || res.Trace.Last().Iter != 7 {
		t.Errorf("MaxIter 7: status %q after %d steps, last row %d", res.Status, res.Iter, res.Trace.Last().Iter)
	}
	res = s.solve(t, &lr.Options{Time: time.Nanosecond})
	if res.Status != lr.TimeLimit || len(res.Trace.Rows) != 1 {
		t.Errorf("Time 1 ns: status %q with %d rows, want the time limit and row 0", res.Status, len(res.Trace.Rows))
	}
	res = s.solve(t, &lr.Options{OnRow: func(r lr.Row) bool { return r.Iter < 4 }})
	if res.Status != lr.Stopped || res.Iter != 4 {
		t.Errorf("OnRow false at 4: status %q after %d steps", res.Status, res.Iter)
	}
}

func (s methodSuite) canceled(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	res, err := lr.Solve(ctx, s.p, s.m, s.x0, &lr.Options{OnRow: func(r lr.Row) bool {
		if r.Iter == 5 {
			cancel(cause)
		}
		return true
	}})
	if !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, cause) {
		t.Errorf("the error is %v; want one that wraps ErrCanceled and the cause", err)
	}
	if res == nil {
		t.Fatal("no result beside the error")
	}
	if res.Status != lr.Canceled || res.Iter != 5 || len(res.Trace.Rows) != 6 {
		t.Errorf("status %q after %d steps with %d rows; want canceled, 5 and 6", res.Status, res.Iter, len(res.Trace.Rows))
	}
	if want := s.solve(t, &lr.Options{MaxIter: 5}); !res.X.Equal(want.X) {
		t.Error("the partial result is not the fifth point")
	}
}

func (s methodSuite) canceledInside(t *testing.T) {
	st := s.stepper(t)
	steps(t, st, 3)
	keep := st.Point().Clone()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := st.Step(ctx); err == nil {
		return // a short step need not look at its context
	} else if !errors.Is(err, context.Canceled) {
		t.Errorf("a step under an ended context gives %v; want the context's error", err)
	}
	sameBits(t, "the point after a step that gave up", numbers(st.Point()), numbers(keep))
	s.described(t, st, 3)
}

func (s methodSuite) allocations(t *testing.T) {
	st := s.stepper(t)
	steps(t, st, 2)
	ctx := context.Background()
	if n := allocations(20, func() { _ = st.Step(ctx) }); n > 0 {
		t.Errorf("%d allocations a step, want none", n)
	}
}

// trace lists all numbers of a short run but the time, nil if it fails.
func (s methodSuite) trace() []float64 {
	res, err := lr.Solve(context.Background(), s.p, s.m, s.x0, &lr.Options{MaxIter: 25})
	if err != nil {
		return nil
	}
	var out []float64
	for _, r := range res.Trace.Rows {
		out = append(out, r.Loss, r.GradNorm, r.RelErr, r.SqErr, r.Step)
	}
	return append(out, numbers(res.X)...)
}

func (s methodSuite) threads(t *testing.T) {
	want := s.trace()
	if want == nil {
		t.Fatal("25 steps end with an error")
	}
	for _, n := range threadCounts {
		withThreads(n, func() { sameBits(t, "the trace", s.trace(), want) })
	}
}

func (s methodSuite) concurrent(t *testing.T) {
	want := s.trace()
	for _, got := range together(s.trace) {
		sameBits(t, "one of four runs", got, want)
	}
}

// goroutines marks a run by a profiler label, which the goroutines that it
// starts inherit: a count of all goroutines would see those of other tests.
func (s methodSuite) goroutines(t *testing.T) {
	const label = "lowranktest-run"
	mine := fmt.Sprintf("%q:%q", label, t.Name())
	left := func() string {
		var out strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&out, 1)
		_, after, found := strings.Cut(out.String(), mine)
		if !found {
			return ""
		}
		stack, _, _ := strings.Cut(after, "\n\n")
		return stack
	}
	pprof.Do(context.Background(), pprof.Labels(label, t.Name()), func(context.Context) { s.trace() })
	for range 200 { // goroutines that have done their work may take a moment to end
		if left() == "" {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("a goroutine of the run goes on after it:%s", left())
}
