package lowrankgo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// peel is a method with a sparse part of its own: it halves its point, its
// residual after k steps is 10⁻ᵏ, and its S has one entry, k+1. It does not
// know the objective.
type peel struct {
	residual func(k int) float64              // instead of 10⁻ᵏ
	info     func(k int) lr.Info              // instead of NaN
	step     func(context.Context, int) error // before step k
	part     func(k int) *lr.Sparse           // instead of k+1 in a corner
}

type peeling struct {
	peel
	x *lr.Factors
	k int
}

func (peel) Name() string { return "peel" }

func (m peel) Start(_ lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	return &peeling{peel: m, x: x0.Clone()}, nil
}

func (s *peeling) Step(ctx context.Context) error {
	if s.step != nil {
		if err := s.step(ctx, s.k+1); err != nil {
			return err
		}
	}
	s.k++
	s.x.Scale(0.5)
	return nil
}

func (s *peeling) Point() *lr.Factors { return s.x }
func (s *peeling) State() []any       { return []any{s.x, &s.k} }

func (s *peeling) Info() lr.Info {
	if s.info != nil {
		return s.info(s.k)
	}
	return lr.Info{Loss: nan, GradNorm: nan, Step: nan, Evals: s.k}
}

func (s *peeling) Residual() float64 {
	if s.residual != nil {
		return s.residual(s.k)
	}
	return math.Pow(10, -float64(s.k))
}

func (s *peeling) SparsePart() *lr.Sparse {
	if s.part != nil {
		return s.part(s.k)
	}
	return corner(float64(s.k + 1))
}

// corner is a 2×2 matrix with one entry.
func corner(v float64) *lr.Sparse {
	return must(lr.NewSparse(2, 2, []int{0}, []int{0}, []float64{v}))
}

// fullBowl is a bowl whose sparse part is −1 in a corner, and as full as said.
func fullBowl(share float64) lr.Funcs {
	p := bowl()
	p.SparsePartFunc = func(*lr.Factors) *lr.Sparse { return corner(-1) }
	p.OverfullFunc = func(*lr.Factors) float64 { return share }
	return p
}

func solved(t *testing.T, p lr.Problem, m lr.Method, o *lr.Options) *lr.Result {
	t.Helper()
	res, err := lr.Solve(context.Background(), p, m, ones(), o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// The default rule ends a method that knows its residual alone, and the trace
// holds it.
func TestResidualIsRecorded(t *testing.T) {
	res := solved(t, bowl(), peel{}, nil)
	if res.Status != lr.ResidualConverged || res.Iter != 7 {
		t.Fatalf("%v after %d steps, want a residual of 1e-7 after 7", res.Status, res.Iter)
	}
	column, err := res.Trace.Column("residual")
	if err != nil || len(column) != 8 {
		t.Fatalf("column %v, error %v", column, err)
	}
	for k, r := range res.Trace.Rows {
		want := math.Pow(10, -float64(k))
		if r.Residual != want || column[k] != want || !math.IsNaN(r.Loss) || !math.IsNaN(r.GradNorm) {
			t.Errorf("row %d is %+v with residual %g in its column; want %g and no loss", k, r, column[k], want)
		}
	}
	var csv bytes.Buffer
	if err := res.Trace.WriteCSV(&csv); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(csv.String(), "\n"); !strings.HasPrefix(lines[1], "0,,,,,1,,") {
		t.Errorf("row 0 is written as %q", lines[1])
	}
	for _, r := range solved(t, bowl(), script{}, nil).Trace.Rows {
		if !math.IsNaN(r.Residual) {
			t.Fatalf("a method that does not split has the residual %g", r.Residual)
		}
	}
}

func TestResidualBelow(t *testing.T) {
	for name, c := range map[string]struct {
		m      lr.Method
		o      lr.Options
		status lr.Status
		iter   int
	}{
		"looser":                 {peel{}, lr.Options{Stop: lr.ResidualBelow(1e-3)}, lr.ResidualConverged, 3},
		"at row 0":               {peel{}, lr.Options{Stop: lr.ResidualBelow(1)}, lr.ResidualConverged, 0},
		"of zero data":           {peel{residual: func(int) float64 { return 0 }}, lr.Options{}, lr.ResidualConverged, 0},
		"not met":                {peel{residual: func(int) float64 { return 0.1 }}, lr.Options{MaxIter: 4}, lr.IterationLimit, 4},
		"of another method":      {script{}, lr.Options{Stop: lr.ResidualBelow(1e300), MaxIter: 3}, lr.IterationLimit, 3},
		"no progress":            {peel{step: failsAt(3, lr.ErrNoProgress)}, lr.Options{}, lr.Stalled, 2},
		"a rule on the gradient": {peel{info: func(k int) lr.Info { return lr.Info{Loss: 1, GradNorm: 1 / float64(k+1)} }}, lr.Options{Stop: lr.GradBelow(0.3)}, lr.GradientConverged, 3},
	} {
		if res := solved(t, bowl(), c.m, &c.o); res.Status != c.status || res.Iter != c.iter {
			t.Errorf("%s: %v after %d steps, want %v after %d", name, res.Status, res.Iter, c.status, c.iter)
		}
	}
}

func failsAt(at int, err error) func(context.Context, int) error {
	return func(_ context.Context, k int) error {
		if k == at {
			return err
		}
		return nil
	}
}

// What is not known may be NaN; what has blown up may not be taken for that.
func TestSplitterDiverges(t *testing.T) {
	at := func(k int, v float64) func(int) float64 {
		return func(now int) float64 {
			if now == k {
				return v
			}
			return 0.5
		}
	}
	loss := func(v, g float64) func(int) lr.Info {
		return func(k int) lr.Info {
			if k == 2 {
				return lr.Info{Loss: v, GradNorm: g}
			}
			return lr.Info{Loss: 1, GradNorm: 1}
		}
	}
	for name, m := range map[string]peel{
		"residual of NaN":                {residual: at(2, nan)},
		"residual of NaN beside a loss":  {residual: at(2, nan), info: loss(1, 1)},
		"residual of Inf":                {residual: at(2, math.Inf(1))},
		"loss of Inf beside a residual":  {info: loss(math.Inf(1), 1)},
		"loss of −Inf beside a residual": {info: loss(math.Inf(-1), 1)},
		"gradient of Inf":                {info: loss(1, math.Inf(1))},
	} {
		res, err := lr.Solve(context.Background(), bowl(), m, ones(), &lr.Options{Stop: never, MaxIter: 9})
		if !errors.Is(err, lr.ErrDiverged) || res.Iter != 1 || res.Status != lr.Diverged {
			t.Errorf("%s: %v after %d steps, error %v; want diverged after 1", name, res.Status, res.Iter, err)
		}
		if u := res.X.U.At(0, 0); u != 0.5 {
			t.Errorf("%s: the point is %g; want that of step 1", name, u)
		}
	}
}

// A rule that is met at a point whose sparse part is full says so, unless it
// knows the truth.
func TestSparseFull(t *testing.T) {
	truth := fullBowl(0.5)
	truth.TruthValue = &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 1}), V: mat.NewDense(2, 1, []float64{1, 1})}
	panics := fullBowl(0.5)
	panics.OverfullFunc = func(*lr.Factors) float64 { panic("not today") }
	for name, c := range map[string]struct {
		p      lr.Problem
		m      lr.Method
		o      lr.Options
		status lr.Status
	}{
		"residual":            {fullBowl(0.06), peel{}, lr.Options{}, lr.SparseFull},
		"gradient":            {fullBowl(0.06), script{}, lr.Options{}, lr.SparseFull},
		"loss":                {fullBowl(1), script{}, lr.Options{Stop: lr.LossBelow(0.1)}, lr.SparseFull},
		"not too full":        {fullBowl(0.05), peel{}, lr.Options{}, lr.ResidualConverged},
		"error":               {truth, script{}, lr.Options{Stop: lr.RelErrBelow(1)}, lr.ErrorConverged},
		"limit":               {fullBowl(1), peel{}, lr.Options{MaxIter: 2}, lr.IterationLimit},
		"stall":               {fullBowl(1), peel{step: failsAt(2, lr.ErrNoProgress)}, lr.Options{}, lr.Stalled},
		"a panic":             {panics, peel{}, lr.Options{}, lr.ResidualConverged},
		"without the ability": {bowl(), peel{}, lr.Options{}, lr.ResidualConverged},
	} {
		if res := solved(t, c.p, c.m, &c.o); res.Status != c.status {
			t.Errorf("%s: %v, want %v", name, res.Status, c.status)
		}
	}
	if lr.SparseFull.Converged() || !lr.SparseFull.Early() || lr.SparseFull.Err() != nil {
		t.Error("a sparse part that is too full counts as convergence, or as an error")
	}
}

// sparseIs fails unless the result's sparse part is the corner v.
func sparseIs(t *testing.T, what string, res *lr.Result, v float64) {
	t.Helper()
	s, err := res.Sparse()
	if err != nil || !mat.Equal(s, corner(v)) {
		t.Errorf("%s: S is %v, error %v; want %g in its corner", what, s, err, v)
	}
}

func TestResultSparse(t *testing.T) {
	sparseIs(t, "the method's", solved(t, fullBowl(0), peel{}, &lr.Options{MaxIter: 3}), 4)
	sparseIs(t, "the problem's", solved(t, fullBowl(0), script{}, &lr.Options{MaxIter: 3}), -1)

	_, err := solved(t, bowl(), script{}, nil).Sparse()
	if !errors.Is(err, lr.ErrAbility) || !strings.Contains(err.Error(), "bowl") {
		t.Errorf("a problem without a sparse part gives %v", err)
	}
	if _, err = new(lr.Result).Sparse(); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("a result of no run gives %v", err)
	}
	m := peel{part: func(int) *lr.Sparse { panic("not today") }}
	if _, err = solved(t, fullBowl(0), m, nil).Sparse(); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("a panic in SparsePart gives %v", err)
	}
	if res := solved(t, fullBowl(0), peel{}, nil); !sameSparse(t, res) {
		t.Error("two calls share memory")
	}
}

// sameSparse asks twice, and spoils the first answer between.
func sameSparse(t *testing.T, res *lr.Result) bool {
	t.Helper()
	one, err := res.Sparse()
	if err != nil {
		t.Fatal(err)
	}
	keep := one.Value[0]
	one.Value[0] = nan
	two, err := res.Sparse()
	return err == nil && two.Value[0] == keep
}

// A result taken before the run went on is of a point that the method has left:
// the problem finds its S.
func TestResultSparseOfAnEarlierPoint(t *testing.T) {
	run, err := lr.Start(fullBowl(0), peel{}, ones(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	run.Next(ctx)
	first := run.Result()
	sparseIs(t, "row 0", first, 1)
	run.Next(ctx)
	sparseIs(t, "row 0, later", first, -1)
	sparseIs(t, "row 1", run.Result(), 2)
}

// After a cancellation between or inside steps the method is at its last
// complete point, and knows S.
func TestResultSparseAfterCancel(t *testing.T) {
	for name, inside := range map[string]bool{"between steps": false, "inside a step": true} {
		ctx, cancel := context.WithCancel(context.Background())
		m := peel{step: func(ctx context.Context, k int) error {
			if k == 3 {
				cancel()
				if inside {
					return ctx.Err()
				}
			}
			return nil
		}}
		res, err := lr.Solve(ctx, fullBowl(0), m, ones(), nil)
		want := map[bool]int{true: 2, false: 3}[inside]
		if !errors.Is(err, lr.ErrCanceled) || res.Iter != want {
			t.Errorf("%s: error %v after %d steps, want canceled after %d", name, err, res.Iter, want)
		}
		sparseIs(t, name, res, float64(want+1))
	}
}

// A method whose step was left behind may be in the middle of it: it is not
// asked.
func TestResultSparseAfterALeftStep(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	open := make(chan struct{})
	defer close(open)
	m := peel{step: func(_ context.Context, k int) error {
		if k < 3 {
			time.Sleep(25 * time.Millisecond)
			return nil
		}
		cancel()
		<-open
		return nil
	}}
	res, err := lr.Solve(ctx, fullBowl(0), m, ones(), nil)
	if !errors.Is(err, lr.ErrCanceled) || res.Iter != 2 {
		t.Fatalf("error %v after %d steps, want canceled after 2", err, res.Iter)
	}
	sparseIs(t, "a step left behind", res, -1)
}

// A diverged run's last finite point is not where the method is.
func TestResultSparseAfterDivergence(t *testing.T) {
	m := peel{residual: func(k int) float64 { return []float64{1, 0.5, nan}[k] }}
	res, err := lr.Solve(context.Background(), fullBowl(0), m, ones(), nil)
	if !errors.Is(err, lr.ErrDiverged) || res.Iter != 1 {
		t.Fatalf("error %v after %d steps, want diverged after 1", err, res.Iter)
	}
	sparseIs(t, "diverged", res, -1)
}

// A resumed run has the residuals of the one that was saved, and its S.
func TestSplitterResumes(t *testing.T) {
	p, o := fullBowl(0), func(limit int) *lr.Options { return &lr.Options{MaxIter: limit, Stop: never} }
	want := drain(started(t, p, peel{}, o(6)))
	for k := range 6 {
		half := started(t, p, peel{}, o(k+1))
		for range k + 1 {
			half.Next(context.Background())
		}
		file := stored(t, half)
		again, err := lr.Resume(p, peel{}, bytes.NewReader(file), o(6))
		if err != nil {
			t.Fatal(err)
		}
		sparseIs(t, fmt.Sprintf("resumed at %d", k), again.Result(), float64(k+1))
		got := drain(again)
		for i, r := range want.Trace.Rows {
			if now := got.Trace.Rows[i]; now.Residual != r.Residual {
				t.Errorf("resumed at %d: row %d has the residual %g, want %g", k, i, now.Residual, r.Residual)
			}
		}
		sparseIs(t, fmt.Sprintf("resumed at %d, at the end", k), got, 7)
	}
}

// Saved between rows, a run that is resumed only to end has the residual of its
// point, not that of its last row.
func TestSplitterResumesBetweenRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	var file []byte // as it is when step 4 begins
	m := peel{step: func(_ context.Context, k int) (err error) {
		if k == 4 {
			file, err = os.ReadFile(path)
		}
		return err
	}}
	o := &lr.Options{Every: 10, Stop: never, MaxIter: 5, Checkpoint: lr.Checkpoint{Path: path, Every: 3}}
	solved(t, bowl(), m, o)
	run, err := lr.Resume(bowl(), peel{}, bytes.NewReader(file), &lr.Options{Every: 10, Stop: never, Time: time.Hour, MaxIter: 3})
	if err != nil {
		t.Fatal(err)
	}
	if rows := drain(run).Trace.Rows; len(rows) != 1 {
		t.Fatalf("%d rows; want row 0, the only multiple of 10", len(rows))
	}
	run, err = lr.Resume(bowl(), peel{}, bytes.NewReader(file), &lr.Options{Every: 10, Stop: never, MaxIter: 4})
	if err != nil {
		t.Fatal(err)
	}
	if last := drain(run).Trace.Last(); last.Iter != 4 || last.Residual != 1e-4 {
		t.Errorf("the last row is %+v; want that of step 4", last)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	run, err = lr.Resume(bowl(), peel{}, bytes.NewReader(file), &lr.Options{Every: 10, Stop: never})
	if err != nil {
		t.Fatal(err)
	}
	run.Next(ctx)
	if last := run.Row(); last.Iter != 3 || last.Residual != 1e-3 {
		t.Errorf("canceled at once, the last row is %+v; want that of step 3", last)
	}
}
