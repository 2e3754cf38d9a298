package theory

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Every method that leaves saddles ends at the optimum of every family, from
// every start.
func TestRecoveryFromAnywhere(t *testing.T) {
	for _, f := range families() {
		for _, e := range []Effort{{Seed: 11}, {Seed: 1000}} {
			r, err := f.sweep(t.Context(), e, 2)
			if err != nil {
				t.Fatal(err)
			}
			if r.Overall.Successes != r.Overall.Trials {
				t.Errorf("%s, seed %d: %v\n%v", f.name, e.Seed, r, r.Failures()[0].Certificate)
			}
			for _, o := range r.Outcomes {
				if !(lr.RelErr(o.X, mustTruth(t, f, o.Seed)) < 1e-3) || o.Certificate.Verdict != landscape.NearOptimum {
					t.Errorf("%s, seed %d from %s by %s: %v", f.name, o.Seed, o.Start, o.Method, o.Certificate)
				}
			}
		}
	}
}

// mustTruth is M* of an instance.
func mustTruth(t *testing.T, f family, seed uint64) *lr.Factors {
	t.Helper()
	p, err := f.problem(seed)
	if err != nil {
		t.Fatal(err)
	}
	truth, ok := lr.TruthOf(p)
	if !ok {
		t.Fatalf("%s knows no truth", f.name)
	}
	return truth
}

// The saddle and zero are critical points: without noise or a look at the
// curvature a method would stay.
func TestFamiliesBeginAtSaddles(t *testing.T) {
	for _, f := range families() {
		for _, start := range f.starts {
			p, err := f.problem(1)
			if err != nil {
				t.Fatal(err)
			}
			x, err := start.Point(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			g := lr.NewPoint(p)
			p.NewEval().Grad(g, x)
			if saddle := start.Name == "zero" || start.Name == "saddle"; saddle != (g.Norm() < 1e-9) {
				t.Errorf("%s, start %s: the gradient is %v", f.name, start.Name, g.Norm())
			}
		}
	}
}

func TestMeasureRecovery(t *testing.T) {
	m, err := measureRecovery(t.Context(), Effort{Seed: 2, Quick: true})
	if err != nil || m.Proportion == nil || m.Proportion.Trials != 26 || m.Proportion.Successes != 26 || !strings.Contains(m.Note, "robust PCA (6) 6 of 6") {
		t.Errorf("%+v, %v", m, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := measureRecovery(ctx, Effort{}); !errors.Is(err, lr.ErrCanceled) {
		t.Error(err)
	}
	if _, err := measureIterations(ctx, Effort{}); !errors.Is(err, lr.ErrCanceled) {
		t.Error(err)
	}
}

// Iterations grow far more slowly than 1/ε.
func TestIterations(t *testing.T) {
	m, err := measureIterations(t.Context(), Effort{Seed: 3, Quick: true})
	if err != nil || m.Constant == nil || m.Instances != 26 || !(m.Constant.High < 0.5) || !(m.Constant.Low >= 0) {
		t.Errorf("%+v, %+v, %v", m, m.Constant, err)
	}
}

// What counts is when the error stays below ε.
func TestReached(t *testing.T) {
	trace := &lr.Trace{}
	for i, e := range []float64{1, 0.05, 0.2, 0.09, 0.05, 0.009, 0.001} {
		trace.Rows = append(trace.Rows, lr.Row{Iter: 10 * i, RelErr: e})
	}
	if got := reached(trace, []float64{2, 0.1, 0.01, 0.001}); !slices.Equal(got, []float64{1, 30, 50, 60}) {
		t.Error(got)
	}
	if got := reached(trace, []float64{0.1, 1e-4}); got != nil {
		t.Error(got)
	}
	trace.Rows[6].RelErr = math.NaN()
	if got := reached(trace, []float64{0.1}); got != nil {
		t.Error(got)
	}
	if got := reached(&lr.Trace{}, []float64{0.1}); got != nil {
		t.Error(got)
	}
}
