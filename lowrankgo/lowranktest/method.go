package lowranktest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// MethodOptions say what [TestMethod] cannot know of a method on a problem.
// Zero fields mean their defaults.
type MethodOptions struct {
	Stop    lr.Stop // when the method has solved the problem; default that of lowrankgo.Options
	MaxIter int     // steps within which it does; default that of lowrankgo.Options
	RelErr  float64 // bound of the error then, where the truth is known; default 1e-6, +Inf for none

	// Endless leaves out that the method solves the problem from x0: it is
	// held to all other rules.
	Endless bool
	// Monotone says that the loss never rises.
	Monotone bool
	// NoSave says that the method cannot be stored in a checkpoint. It is then
	// held to refusing it.
	NoSave bool
	// Allocates says that steps allocate memory.
	Allocates bool
	// Estimates says that the Residual of a lowrankgo.Splitter is an estimate,
	// from a part of the data. It is then held to be a number ≥ 0 that falls.
	Estimates bool
}

// TestMethod tests a method on a problem that it solves from x0, however many
// steps it needs. By default "solves" means that the default rule of
// lowrankgo.Options is met and that the relative error, where the truth is
// known, is then below 1e-6; the options say otherwise. At most one set may be
// given.
//
// A method whose Stepper is a lowrankgo.Splitter may leave the loss and the
// gradient norm NaN. Where it does, its Residual stands in for the loss; and its
// sparse part is held to belong to the point, on a problem that has a
// lowrankgo.Split.
func TestMethod(t *testing.T, m lr.Method, p lr.Problem, x0 *lr.Factors, options ...MethodOptions) {
	t.Helper()
	if err := lr.CheckPoint(p, x0); err != nil {
		t.Fatalf("CheckPoint: %v", err)
	}
	s := methodSuite{m: m, p: p, x0: x0, o: optional(t, options)}
	if s.o.RelErr == 0 {
		s.o.RelErr = 1e-6
	}
	rules := []rule{
		{"start", "row 0 of the trace is x0, so the method begins at a copy of it", s.start},
		{"x0", "x0 is the caller's: it is only read", s.untouched},
		{"info", "Info describes Point: the loss, the gradient norm and the residual are those at it", s.info},
		{"limits", "each limit ends a run with its own status, without an error", s.limits},
		{"canceled", "cancellation gives the partial result beside the error", s.canceled},
		{"canceled inside", "a step that polls its context leaves the point as it was when it gives up", s.canceledInside},
		{"canceled soon", "a run ends within 100 ms of its context, also inside a long step", s.canceledSoon},
		{"threads", "the same start gives the same trace for any GOMAXPROCS", s.threads},
		{"concurrent", "a method is a config: one value may start many runs at once", s.concurrent},
		{"goroutines", "no goroutine outlives a run", s.goroutines},
		{"name", "the trace prints the method", func(t *testing.T) {
			if m.Name() == "" {
				t.Error("Name is empty")
			}
		}},
	}
	if !s.o.Endless {
		rules = append(rules, rule{"converges", "the stop rule is met, with a loss (or residual) below that of the start", s.converges})
	}
	if s.splits() {
		rules = append(rules, rule{"sparse part", "the sparse part belongs to Point: it is a d1×d2 matrix of finite numbers where data are observed, in memory of its own, and ‖M + S − Data‖/‖Data‖ is Residual", s.sparsePart})
	}
	if s.o.Monotone {
		rules = append(rules, rule{"monotone", "the loss never rises", s.monotone})
	}
	if s.o.NoSave {
		rules = append(rules, rule{"not saved", "what cannot be saved is refused before the run begins", s.notSaved})
	} else {
		rules = append(rules, rule{"checkpoint", "a run that was saved and resumed is the uninterrupted one, to the bit", s.checkpoint})
	}
	if !s.o.Allocates {
		rules = append(rules, rule{"allocations", "Step allocates nothing after the first", s.allocations})
	}
	run(t, rules)
}

// TestRefuses tests that a method which needs an ability refuses a problem
// without it, by an error that wraps lowrankgo.ErrAbility and names it.
func TestRefuses(t *testing.T, m lr.Method, p lr.Problem, x0 *lr.Factors, a lr.Ability) {
	t.Helper()
	if err := lr.CheckPoint(p, x0); err != nil {
		t.Fatalf("CheckPoint: %v", err)
	}
	run(t, []rule{{"refuses", "a method checks in Start that it can work on the problem, and says what is missing", func(t *testing.T) {
		switch _, err := lr.Start(p, m, x0, nil); {
		case !errors.Is(err, lr.ErrAbility):
			t.Errorf("Start gives the error %v; want one that wraps ErrAbility", err)
		case !strings.Contains(err.Error(), a.String()):
			t.Errorf("%q does not name what is missing, %q", err, a)
		}
	}}})
}

type methodSuite struct {
	m  lr.Method
	p  lr.Problem
	x0 *lr.Factors
	o  MethodOptions
}

// never is a stop rule that lets a run go on.
func never(*lr.Trace) lr.Status { return lr.Running }

// fewSteps is the most that a rule takes, unless it says otherwise.
const fewSteps = 9

// few is how many of them the method can take before it makes no progress any
// more.
func (s methodSuite) few(t *testing.T) int {
	t.Helper()
	n := s.solve(t, &lr.Options{MaxIter: fewSteps, Stop: never}).Iter
	if n == 0 {
		t.Fatal("the method takes no step from x0")
	}
	return n
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

// described compares Info with an evaluation of Point. Where the objective all
// but vanishes, rounding is what is left of it: as much of that at x0 is let
// pass as the square of a relative error of 1e-10.
func (s methodSuite) described(t *testing.T, st lr.Stepper, k int) {
	t.Helper()
	info, g := st.Info(), lr.NewPoint(s.p)
	residual := residualOf(st)
	if split, ok := lr.SplitOf(s.p); ok && isSplitter(st) {
		s.leaves(t, split, st.(lr.Splitter), k)
	}
	if math.IsNaN(info.Loss) && finite(residual) { // a Splitter that does not know f
		return
	}
	e := s.p.NewEval()
	begin := math.Abs(e.Grad(g, s.x0))
	beginNorm := g.Norm()
	loss := e.Grad(g, st.Point())
	if !(math.Abs(info.Loss-loss) <= 1e-9*math.Abs(loss)+1e-20*begin) {
		t.Errorf("step %d: Info has loss %.17g, the point %.17g", k, info.Loss, loss)
	}
	if n := g.Norm(); !math.IsNaN(info.GradNorm) && !(math.Abs(info.GradNorm-n) <= 1e-9*n+1e-11*beginNorm) {
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
	res := s.solve(t, &lr.Options{Stop: s.o.Stop, MaxIter: s.o.MaxIter})
	rows := res.Trace.Rows
	if !res.Status.Converged() {
		t.Errorf("ended with status %q after %d steps at loss %g, want converged", res.Status, res.Iter, res.Trace.Last().Loss)
	}
	height, what := rises(rows)
	if !(height(rows[len(rows)-1]) < height(rows[0])) {
		t.Errorf("the %s went from %g to %g", what, height(rows[0]), height(rows[len(rows)-1]))
	}
	if truth, ok := lr.TruthOf(s.p); ok {
		if e := lr.RelErr(res.X, truth); !(e < s.o.RelErr) {
			t.Errorf("relative error %g, want below %g", e, s.o.RelErr)
		}
	}
}

// monotone lets the loss rise by rounding.
func (s methodSuite) monotone(t *testing.T) {
	rows := s.solve(t, &lr.Options{Stop: never, MaxIter: 50}).Trace.Rows
	for k := 1; k < len(rows); k++ {
		before, now := rows[k-1].Loss, rows[k].Loss
		if now > before+1e-12*math.Abs(before)+1e-20*math.Abs(rows[0].Loss) {
			t.Errorf("step %d raises the loss from %.17g to %.17g", k, before, now)
		}
	}
}

func (s methodSuite) limits(t *testing.T) {
	n := s.few(t)
	res := s.solve(t, &lr.Options{MaxIter: n, Every: 4, Stop: never})
	if res.Status != lr.IterationLimit || res.Iter != n || res.Trace.Last().Iter != n {
		t.Errorf("MaxIter %d: status %q after %d steps, last row %d", n, res.Status, res.Iter, res.Trace.Last().Iter)
	}
	res = s.solve(t, &lr.Options{Time: time.Nanosecond, Stop: never})
	if res.Status != lr.TimeLimit || len(res.Trace.Rows) != 1 {
		t.Errorf("Time 1 ns: status %q with %d rows, want the time limit and row 0", res.Status, len(res.Trace.Rows))
	}
	k := min(n, 4)
	res = s.solve(t, &lr.Options{Stop: never, OnRow: func(r lr.Row) bool { return r.Iter < k }})
	if res.Status != lr.Stopped || res.Iter != k {
		t.Errorf("OnRow false at %d: status %q after %d steps", k, res.Status, res.Iter)
	}
}

func (s methodSuite) canceled(t *testing.T) {
	k := min(s.few(t), 5)
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	res, err := lr.Solve(ctx, s.p, s.m, s.x0, &lr.Options{Stop: never, OnRow: func(r lr.Row) bool {
		if r.Iter == k {
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
	if res.Status != lr.Canceled || res.Iter != k || len(res.Trace.Rows) != k+1 {
		t.Errorf("status %q after %d steps with %d rows; want canceled, %d and %d", res.Status, res.Iter, len(res.Trace.Rows), k, k+1)
	}
	if want := s.solve(t, &lr.Options{MaxIter: k, Stop: never}); !res.X.Equal(want.X) {
		t.Errorf("the partial result is not the point of step %d", k)
	}
}

func (s methodSuite) canceledInside(t *testing.T) {
	st := s.stepper(t)
	steps(t, st, min(3, s.few(t)-1))
	keep := st.Point().Clone()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := st.Step(ctx); err == nil {
		return // a short step need not look at its context
	} else if !errors.Is(err, context.Canceled) && !errors.Is(err, lr.ErrNoProgress) {
		t.Errorf("a step under an ended context gives %v; want the context's error", err)
	}
	sameBits(t, "the point after a step that gave up", numbers(st.Point()), numbers(keep))
	s.described(t, st, 3)
}

// allocations counts those of steps that are taken, in runs of up to 20 steps,
// and believes the run with the fewest: see allocations in rule.go.
func (s methodSuite) allocations(t *testing.T) {
	least := math.Inf(1)
	withThreads(2, func() {
		for range 6 {
			st := s.stepper(t)
			steps(t, st, min(2, s.few(t)-1))
			least = min(least, allocated(st, 20))
			if least < 1 {
				return
			}
		}
	})
	if least >= 1 {
		t.Errorf("%.3g allocations a step, want none", least)
	}
}

// allocated is the average number of allocations of the next steps.
func allocated(st lr.Stepper, limit int) float64 {
	ctx := context.Background()
	var before, after runtime.MemStats
	var sum, taken uint64
	for taken < uint64(limit) {
		runtime.ReadMemStats(&before)
		err := st.Step(ctx)
		runtime.ReadMemStats(&after)
		if err != nil {
			break
		}
		sum += after.Mallocs - before.Mallocs
		taken++
	}
	return float64(sum) / float64(max(taken, 1))
}

// trace lists all numbers of a short run but the time, nil if it fails.
func (s methodSuite) trace() []float64 {
	res, err := lr.Solve(context.Background(), s.p, s.m, s.x0, &lr.Options{MaxIter: 25, Stop: never})
	if err != nil {
		return nil
	}
	var out []float64
	for _, r := range res.Trace.Rows {
		out = append(out, r.Loss, r.GradNorm, r.RelErr, r.SqErr, r.Residual, r.Step)
	}
	return append(append(out, numbers(res.X)...), s.sparseOf(res)...)
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
