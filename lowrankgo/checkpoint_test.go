package lowrankgo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// wander is gradient descent with a momentum and noise: a method whose next
// step depends on something of every kind that a checkpoint can hold.
type wander struct {
	seed   uint64
	failAt int // the step that fails, 0 for none
	badAt  int // the step that goes to infinity
}

type wandering struct {
	wander
	eval     lr.Evaluator
	x, v, g  *lr.Factors
	info     lr.Info
	noise    *rand.ChaCha8
	pull     float64
	k        int
	draws    uint64
	flip     bool
	window   []float64
	order    []int
	memory   *mat.Dense
	addition []any
}

func (m wander) Name() string { return fmt.Sprintf("wander(seed %d)", m.seed) }

func (m wander) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s := &wandering{
		wander: m, eval: p.NewEval(), x: x0.Clone(), v: lr.NewPoint(p), g: lr.NewPoint(p), noise: lr.StreamSource(m.seed, "wander"),
		pull: 1, window: make([]float64, 3), order: []int{0, 1, 2}, memory: mat.NewDense(2, 2, nil),
	}
	s.describe(math.NaN())
	return s, nil
}

func (s *wandering) describe(step float64) {
	loss := s.eval.Grad(s.g, s.x)
	s.info = lr.Info{Loss: loss, GradNorm: s.g.Norm(), Step: step, Evals: s.info.Evals + 1}
}

func (s *wandering) Step(context.Context) error {
	s.k++
	if s.k == s.failAt {
		return errors.New("a bad day")
	}
	rng := rand.New(s.noise)
	s.draws++
	s.flip = !s.flip
	s.window[s.order[0]] = rng.NormFloat64()
	s.order[0], s.order[1], s.order[2] = s.order[1], s.order[2], s.order[0]
	s.memory.Set(s.k%2, s.order[0]%2, s.window[0]-s.window[1]+float64(s.draws))
	s.pull *= 0.99
	if s.flip {
		s.pull += 1e-3 * s.memory.At(0, 1)
	}
	s.v.Scale(0.5)
	s.v.AddScaled(-0.05*s.pull, s.g)
	s.x.AddScaled(1, s.v)
	if s.k == s.badAt {
		s.x.U.Set(0, 0, math.Inf(1))
	}
	s.describe(s.pull)
	return nil
}

func (s *wandering) Point() *lr.Factors { return s.x }
func (s *wandering) Info() lr.Info      { return s.info }

func (s *wandering) State() []any {
	return append([]any{s.x, s.v, s.g, &s.info, s.noise, &s.pull, &s.k, &s.draws, &s.flip, s.window, s.order, s.memory}, s.addition...)
}

// spoon has a minimum away from 0, and remembers a measurement.
func spoon(at float64) lr.Funcs {
	return lr.Funcs{
		Name: "spoon", D1: 2, D2: 2, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			var s float64
			if dst != nil {
				dst.CopyFrom(x)
			}
			for i := range 2 {
				e := x.U.At(i, 0) - at
				s += e * e / 2
				if dst != nil {
					dst.U.Set(i, 0, e)
				}
				s += x.V.At(i, 0) * x.V.At(i, 0) / 2
			}
			return s
		},
	}
}

func started(t testing.TB, p lr.Problem, m lr.Method, o *lr.Options) *lr.Run {
	t.Helper()
	r, err := lr.Start(p, m, ones(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func drain(r *lr.Run) *lr.Result {
	for r.Next(context.Background()) {
	}
	return r.Result()
}

func stored(t testing.TB, r *lr.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func resumed(t testing.TB, p lr.Problem, m lr.Method, data []byte, o *lr.Options) *lr.Run {
	t.Helper()
	r, err := lr.Resume(p, m, bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sameResult compares everything but the time, to the bit.
func sameResult(t *testing.T, got, want *lr.Result) {
	t.Helper()
	text := func(r *lr.Result) string {
		var b strings.Builder
		fmt.Fprintln(&b, r.Status, r.Iter, r.Evals, r.Trace.Problem, r.Trace.Method, r.Trace.Version, r.Trace.Arch, r.Trace.Variant)
		bits := func(v float64) { fmt.Fprintf(&b, " %g(%x)", v, math.Float64bits(v)) }
		for _, row := range r.Trace.Rows {
			fmt.Fprintf(&b, "\n%d", row.Iter)
			for _, v := range []float64{row.Loss, row.GradNorm, row.RelErr, row.SqErr, row.Step} {
				bits(v)
			}
		}
		fmt.Fprintln(&b)
		for _, v := range append(append([]float64{}, r.X.U.RawMatrix().Data...), r.X.V.RawMatrix().Data...) {
			bits(v)
		}
		return b.String()
	}
	if g, w := text(got), text(want); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// TestResumed cuts a run of 20 steps anywhere, once or twice, and compares it
// with the uninterrupted one.
func TestResumed(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	p.TruthValue = ones()
	for _, every := range []int{1, 3, 7} {
		o := func(limit int) *lr.Options { return &lr.Options{MaxIter: limit, Every: every, Stop: never} }
		want := drain(started(t, p, m, o(20)))
		if want.Iter != 20 || want.Trace.Rows[1].Loss == want.Trace.Last().Loss {
			t.Fatalf("%d steps to loss %g", want.Iter, want.Trace.Last().Loss)
		}
		for cut := range 21 {
			t.Run(fmt.Sprintf("every %d, rows until %d", every, cut), func(t *testing.T) {
				r := started(t, p, m, o(20))
				for k := 0; k <= cut && r.Next(context.Background()); k++ {
				}
				data := stored(t, r)
				sameResult(t, drain(resumed(t, p, m, data, o(20))), want)
				sameResult(t, drain(r), want) // saving leaves the run as it was
			})
			t.Run(fmt.Sprintf("every %d, limit %d", every, cut), func(t *testing.T) {
				if cut == 0 {
					return // no limit
				}
				r := started(t, p, m, o(cut))
				first := drain(r)
				data := stored(t, r)
				again := resumed(t, p, m, data, o(cut))
				if again.Next(context.Background()) {
					t.Error("the same limit lets the run go on")
				}
				sameResult(t, again.Result(), first)
				further := resumed(t, p, m, data, o(cut+2))
				drain(further)
				sameResult(t, drain(resumed(t, p, m, stored(t, further), o(23))), drain(started(t, p, m, o(23))))
			})
		}
	}
}

// A run that was saved before its first row begins at row 0.
func TestResumedBeforeTheFirstRow(t *testing.T) {
	p, m, o := spoon(3), wander{seed: 7}, &lr.Options{MaxIter: 5}
	want := drain(started(t, p, m, o))
	sameResult(t, drain(resumed(t, p, m, stored(t, started(t, p, m, o)), o)), want)
}

// What a run that had ended does next depends on how it ended and on the
// options that it is resumed with.
func TestResumedAfterTheEnd(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	const rule = 3
	for _, c := range []struct {
		name       string
		m          wander
		first, now lr.Options
		cancel     bool
		was, is    lr.Status
		iter       int
	}{
		{"limit, larger", m, lr.Options{MaxIter: 4}, lr.Options{MaxIter: 9, Stop: never}, false, lr.IterationLimit, lr.IterationLimit, 9},
		{"limit, smaller", m, lr.Options{MaxIter: 4}, lr.Options{MaxIter: 2, Stop: never}, false, lr.IterationLimit, lr.IterationLimit, 4},
		{"time, larger", m, lr.Options{Time: 1}, lr.Options{Time: time.Hour, MaxIter: 3, Stop: never}, false, lr.TimeLimit, lr.IterationLimit, 3},
		{"time, smaller", m, lr.Options{MaxIter: 4}, lr.Options{Time: 1, Stop: never}, false, lr.IterationLimit, lr.TimeLimit, 4},
		{"converged, same rule", m, lr.Options{Stop: lr.LossBelow(rule)}, lr.Options{Stop: lr.LossBelow(rule), MaxIter: 5000}, false, lr.LossConverged, lr.LossConverged, -1},
		{"converged, limits only", m, lr.Options{Stop: lr.LossBelow(rule)}, lr.Options{Stop: never, MaxIter: 50}, false, lr.LossConverged, lr.IterationLimit, 50},
		{"stopped", m, lr.Options{OnRow: func(r lr.Row) bool { return r.Iter < 2 }}, lr.Options{MaxIter: 6, Stop: never}, false, lr.Stopped, lr.IterationLimit, 6},
		{"canceled", m, lr.Options{}, lr.Options{MaxIter: 6, Stop: never}, true, lr.Canceled, lr.IterationLimit, 6},
		{"failed", wander{seed: 7, failAt: 3}, lr.Options{}, lr.Options{MaxIter: 6, Stop: never}, false, lr.Failed, lr.Failed, 2},
		{"diverged", wander{seed: 7, badAt: 3}, lr.Options{}, lr.Options{MaxIter: 6, Stop: never}, false, lr.Diverged, lr.Diverged, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.first.Stop == nil {
				c.first.Stop = never
			}
			r := started(t, p, c.m, &c.first)
			if c.cancel {
				r.Next(context.Background())
				r.Next(context.Background())
				r.Next(canceled)
			}
			first := drain(r)
			if first.Status != c.was {
				t.Fatalf("the first run ends as %v, want %v", first.Status, c.was)
			}
			next := resumed(t, p, c.m, stored(t, r), &c.now)
			got := drain(next)
			if c.iter < 0 {
				c.iter = first.Iter
			}
			if got.Status != c.is || got.Iter != c.iter || got.Trace.Last().Iter != c.iter {
				t.Errorf("%v after %d steps, last row %d; want %v after %d", got.Status, got.Iter, got.Trace.Last().Iter, c.is, c.iter)
			}
			if want := c.is.Err(); (want == nil) != (next.Err() == nil) || !errors.Is(next.Err(), want) {
				t.Errorf("the error is %v, want %v", next.Err(), want)
			}
			if c.is == lr.Failed && !strings.Contains(next.Err().Error(), "a bad day") {
				t.Errorf("the error %q has lost its cause", next.Err())
			}
		})
	}
}

// The clock counts on.
func TestResumedTime(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	r := started(t, p, m, &lr.Options{MaxIter: 4, Stop: never})
	before := drain(r).Trace.Last().Elapsed
	again := resumed(t, p, m, stored(t, r), &lr.Options{MaxIter: 6, Stop: never})
	if after := drain(again).Trace.Last().Elapsed; after <= before {
		t.Errorf("%v after %v", after, before)
	}
}

// TestForeign: what does not belong says so, and says what.
func TestForeign(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	r := started(t, p, m, &lr.Options{MaxIter: 4, Stop: never})
	drain(r)
	data := stored(t, r)
	other := spoon(3.001)
	wide, sym, none := spoon(3), symmetricBowl(), spoon(3)
	wide.D2 = 5
	sym.D1, sym.Rank, sym.TruthValue = 2, 1, nil
	none.Rank = 0
	bad := spoon(3)
	bad.GradFunc = func(_, _ *lr.Factors) float64 { panic("no value") }
	for _, c := range []struct {
		name string
		p    lr.Problem
		m    lr.Method
		kind error
		says []string
	}{
		{"another seed", p, wander{seed: 8}, lr.ErrCheckpoint, []string{"wander(seed 7)", "wander(seed 8)"}},
		{"another method", p, script{}, lr.ErrCheckpoint, []string{"wander(seed 7)", "script"}},
		{"another measurement", other, m, lr.ErrCheckpoint, []string{"another problem", "spoon"}},
		{"another shape", wide, m, lr.ErrCheckpoint, []string{"2×2", "2×5"}},
		{"a symmetric problem", sym, m, lr.ErrCheckpoint, []string{"symmetric false", "symmetric true"}},
		{"no method", p, nil, lr.ErrEmpty, []string{"method"}},
		{"no problem", nil, m, lr.ErrEmpty, []string{"problem"}},
		{"a bad problem", none, m, lr.ErrRank, nil},
		{"a problem that panics", bad, m, nil, []string{"no value"}},
		{"the same problem by another name", func() lr.Problem { q := p; q.Name = "ladle"; return q }(), m, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := lr.Resume(c.p, c.m, bytes.NewReader(data), nil)
			if c.kind != nil && !errors.Is(err, c.kind) || (err == nil) != (c.kind == nil && c.says == nil) {
				t.Fatalf("the error is %v; want one that wraps %v", err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
	if _, err := lr.Resume(p, m, bytes.NewReader(data), &lr.Options{MaxIter: -1}); !errors.Is(err, lr.ErrValue) {
		t.Errorf("bad options give %v", err)
	}
}
